/** Opening the sealed shares among lines, with whatever keys are at hand. */

import { toHex, wipe } from "../core/bytes.ts";
import { recipientId } from "./keys.ts";
import { decodeSealedShare, encodeSealedShare, openSealedShare } from "./sealed-share.ts";
import { decodeShare, encodeShare } from "./share.ts";
import { hrpOf } from "./text.ts";
import { publicKeyOf } from "./x25519-key.ts";

/** Private keys (32 bytes) by the recipient id of their public keys, in hex. */
export type Keyring = Map<string, Uint8Array>;

export async function makeKeyring(privateKeys: Uint8Array[]): Promise<Keyring> {
  const keyring: Keyring = new Map();
  for (const key of privateKeys) keyring.set(toHex(recipientId(await publicKeyOf(key))), key);
  return keyring;
}

export interface Unsealed {
  state: "plain" | "opened" | "foreign";
  /** The canonical share line, or sealed share line where it is foreign. */
  line: Uint8Array;
  /** The recipient id in hex, where it is foreign: sealed to none of the keys. */
  recipient?: string;
}

/**
 * Reads a share or sealed share; what is returned opens it. So that all lines can be read before one
 * of them is opened: a malformed line comes first.
 *
 * @throws malformed; when opened, mismatch: sealed to one of the keys, and does not open
 */
export function readToken(token: Uint8Array): (keyring: Keyring) => Promise<Unsealed> {
  if (hrpOf(token) !== "wdsealed") {
    const line = canonical(decodeShare(token));
    return async () => ({ state: "plain", line });
  }
  const sealed = decodeSealedShare(token);
  const recipient = toHex(sealed.recipient);
  return async (keyring) => {
    const privateKey = keyring.get(recipient);
    if (!privateKey) return { state: "foreign", line: encodeSealedShare(sealed), recipient };
    return { state: "opened", line: canonical(await openSealedShare(sealed, privateKey)) };
  };
}

function canonical(share: ReturnType<typeof decodeShare>): Uint8Array {
  const line = encodeShare(share);
  wipe(share.y);
  return line;
}

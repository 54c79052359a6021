/** Decodes share lines, sealed or not, and opens the sealed ones with the given keys. */

import { toHex, wipe } from "../core/bytes.ts";
import { at } from "../core/errors.ts";
import type { Share } from "../core/sharing.ts";
import { publicHalf, recipientId } from "../wire/keys.ts";
import { decodeLine, type Line } from "../wire/lines.ts";
import {
  decodeAnyShare,
  encodeSealedShare,
  isSealed,
  openSealedShare,
  type SealedShare,
} from "../wire/sealed-share.ts";
import { encodeShare } from "../wire/share.ts";

/** Private keys of either kind, by the recipient ids of their public keys, in hex. */
export type Keyring = Map<string, Uint8Array>;

export async function makeKeyring(privateKeys: Uint8Array[]): Promise<Keyring> {
  const keyring: Keyring = new Map();
  for (const key of privateKeys) keyring.set(toHex(recipientId(await publicHalf(key))), key);
  return keyring;
}

export interface Located<T> {
  where: string;
  share: T;
}

/** The share or sealed share of each line. @throws malformed */
export async function decodeShares(lines: Line[]): Promise<Located<Share | SealedShare>[]> {
  const shares: Located<Share | SealedShare>[] = [];
  for (const line of lines) {
    shares.push({ where: line.where, share: await decodeLine(line, decodeAnyShare) });
  }
  return shares;
}

export interface Unsealed {
  where: string;
  state: "plain" | "opened" | "foreign";
  /** The canonical share line, or sealed share line if it is foreign. */
  line: Uint8Array;
  /** The recipient id in hex, if it is foreign: sealed to none of the keys. */
  recipient?: string;
}

/** Opens a sealed share if it is sealed to one of the keys. @throws mismatch: it does not open */
export async function unseal(
  { where, share }: Located<Share | SealedShare>,
  keyring: Keyring,
): Promise<Unsealed> {
  if (!isSealed(share)) return { where, state: "plain", line: canonical(share) };
  const recipient = toHex(share.recipient);
  const privateKey = keyring.get(recipient);
  if (!privateKey) return { where, state: "foreign", line: encodeSealedShare(share), recipient };
  const opened = await at(where, () => openSealedShare(share, privateKey));
  return { where, state: "opened", line: canonical(opened) };
}

function canonical(share: Share): Uint8Array {
  const line = encodeShare(share);
  wipe(share.y);
  return line;
}

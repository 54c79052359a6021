/**
 * Key lines: `wdkey1…` is version 1 ‖ X25519 private key (32), `wdpub1…` version 1 ‖ public
 * key (32). A public key has a recipient id, by which sealed shares name it.
 */

import { blake2b } from "../core/blake2b.ts";
import { at, fail } from "../core/errors.ts";
import { looksLikeSshPublicKey } from "../ssh/ssh-key.ts";
import { isPem, parseSshPrivateKey } from "../ssh/ssh-private-key.ts";
import { readOnlyLine } from "./lines.ts";
import { decodeVersioned, encodeVersioned, type Hrp } from "./text.ts";
import { checkPublicKey, keyBytes } from "./x25519-key.ts";

export const recipientIdBytes = 8;

/** 32 bytes to the canonical line of 74 characters, without a newline, in ASCII. */
export function encodePublicKey(publicKey: Uint8Array): Uint8Array {
  return encodeVersioned("wdpub", publicKey);
}

/** 32 bytes to the canonical line of 74 characters, without a newline, in ASCII: a secret. */
export function encodePrivateKey(privateKey: Uint8Array): Uint8Array {
  return encodeVersioned("wdkey", privateKey);
}

/**
 * 32 bytes that sealBox may use.
 *
 * @throws malformed
 */
export function decodePublicKey(token: Uint8Array): Uint8Array {
  const publicKey = decodeKey("wdpub", token);
  checkPublicKey(publicKey);
  return publicKey;
}

/**
 * 32 bytes; any are a private key.
 *
 * @throws malformed
 */
export function decodePrivateKey(token: Uint8Array): Uint8Array {
  return decodeKey("wdkey", token);
}

/**
 * The one private key of a key file, 32 bytes: a wdkey, or what an SSH key converts to. What the
 * file holds is no longer what it was.
 *
 * @throws malformed
 */
export async function parsePrivateKeyFile(bytes: Uint8Array, file?: string): Promise<Uint8Array> {
  const name = file ?? "stdin";
  if (isPem(bytes)) return await at(name, () => parseSshPrivateKey(bytes));
  if (looksLikeSshPublicKey(bytes)) {
    const hint = "the private one is in the file without .pub";
    fail("malformed", `${name}: expected a private key, this is an SSH public key`, hint);
  }
  const { where, token } = readOnlyLine(bytes, "private key", file);
  return await at(where, () => decodePrivateKey(token));
}

function decodeKey(hrp: Hrp, token: Uint8Array): Uint8Array {
  const key = decodeVersioned(hrp, token);
  if (key.length !== keyBytes) fail("malformed", `the key has ${key.length} bytes, expected 32`);
  return key;
}

/** BLAKE2b-64 of the 32 public key bytes. */
export function recipientId(publicKey: Uint8Array): Uint8Array {
  return blake2b({ length: recipientIdBytes, person: "worstday rcpt" }, publicKey);
}

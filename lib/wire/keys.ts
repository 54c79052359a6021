/**
 * Key lines: `wdkey1…` is version 1 ‖ X25519 private key (32), `wdpub1…` version 1 ‖ public
 * key (32). Sealed shares name a public key by its recipient id.
 */

import { fail } from "../core/errors.ts";
import { labeledHash } from "../core/hash.ts";
import { checkPublicKey, keyBytes } from "../nacl/x25519-key.ts";
import { decodeVersioned, encodeVersioned, type Hrp } from "./text.ts";

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
 * 32 bytes that are valid for sealBox.
 *
 * @throws malformed
 */
export function decodePublicKey(token: Uint8Array): Uint8Array {
  const publicKey = decodeKey("wdpub", token);
  checkPublicKey(publicKey);
  return publicKey;
}

/**
 * 32 bytes, all of which are valid private keys.
 *
 * @throws malformed
 */
export function decodePrivateKey(token: Uint8Array): Uint8Array {
  return decodeKey("wdkey", token);
}

function decodeKey(hrp: Hrp, token: Uint8Array): Uint8Array {
  const key = decodeVersioned(hrp, token);
  if (key.length !== keyBytes) fail("malformed", `the key has ${key.length} bytes, expected 32`);
  return key;
}

/** The recipient id of a public key: 8 bytes. */
export function recipientId(publicKey: Uint8Array): Uint8Array {
  return labeledHash("worstday rcpt", publicKey).subarray(0, recipientIdBytes);
}

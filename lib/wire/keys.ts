/**
 * Key lines, of two kinds. `wdkey1…` is version 1 ‖ X25519 private key (32), or version 2 ‖ X-Wing
 * seed (32); `wdpub1…` version 1 ‖ X25519 public key (32), or version 2 ‖ X-Wing public key (1,216).
 *
 * In memory a public key is without its version, and so is an X25519 private key; a hybrid private
 * key is 33 bytes, 2 ‖ seed. So its length tells the kind of a key.
 */

import { concat } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { labeledHash } from "../core/hash.ts";
import { checkPublicKey, keyBytes, publicKeyOf } from "../nacl/x25519-key.ts";
import { decodeKind, encodeText, encodeVersioned } from "./text.ts";

export const recipientIdBytes = 8;
const hybridPublicBytes = 1216;

/** Whether a key, public or private, is of X-Wing. */
export function isHybrid(key: Uint8Array): boolean {
  return key.length > keyBytes;
}

/** A kind of key, as people read it. */
export function nameKind(hybrid: boolean): string {
  return hybrid ? "X25519 and ML-KEM-768" : "X25519";
}

/** The public key of a private key, both of either kind. */
export async function publicHalf(privateKey: Uint8Array): Promise<Uint8Array> {
  if (!isHybrid(privateKey)) return publicKeyOf(privateKey);
  const { publicKeyOfSeed } = await import("../hybrid/x-wing.ts");
  return publicKeyOfSeed(privateKey.subarray(1));
}

/** The canonical line, of 74 or 1,969 characters, without a newline, in ASCII. */
export function encodePublicKey(publicKey: Uint8Array): Uint8Array {
  return encodeText("wdpub", concat(Uint8Array.of(isHybrid(publicKey) ? 2 : 1), publicKey));
}

/** The canonical line of 74 characters, without a newline, in ASCII: a secret. */
export function encodePrivateKey(key: Uint8Array): Uint8Array {
  return isHybrid(key) ? encodeText("wdkey", key) : encodeVersioned("wdkey", key);
}

/**
 * 32 or 1,216 bytes that are valid to seal to.
 *
 * @throws malformed
 */
export function decodePublicKey(token: Uint8Array): Uint8Array {
  const data = decodeKind("wdpub", token, 2);
  const publicKey = data.subarray(1);
  checkLength(publicKey, data[0] === 1 ? keyBytes : hybridPublicBytes);
  checkMlKem(publicKey.subarray(0, -keyBytes));
  checkPublicKey(publicKey.subarray(-keyBytes));
  return publicKey;
}

/**
 * 32 or 33 bytes, all of which are valid private keys.
 *
 * @throws malformed
 */
export function decodePrivateKey(token: Uint8Array): Uint8Array {
  const data = decodeKind("wdkey", token, 2);
  const key = data.subarray(1);
  checkLength(key, keyBytes);
  return data[0] === 1 ? key : data;
}

function checkLength({ length }: Uint8Array, expected: number): void {
  if (length !== expected) {
    fail("malformed", `the key has ${length} bytes, expected ${expected}`);
  }
}

/** Numbers of 12 bits, two in three bytes, are below 3329 (FIPS 203, section 7.2); then a seed. */
function checkMlKem(publicKey: Uint8Array): void {
  for (let i = 0; i < publicKey.length - keyBytes; i += 3) {
    const [a, b, c] = publicKey.subarray(i, i + 3) as unknown as [number, number, number];
    const isReduced = (((b & 15) << 8) | a) < 3329 && ((c << 4) | (b >> 4)) < 3329;
    if (!isReduced) fail("malformed", "the public key is not reduced modulo 3329");
  }
}

/** The recipient id of a public key: 8 bytes. */
export function recipientId(publicKey: Uint8Array): Uint8Array {
  return labeledHash("worstday rcpt", publicKey).subarray(0, recipientIdBytes);
}

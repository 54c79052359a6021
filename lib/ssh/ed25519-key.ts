/**
 * Ed25519 keys (RFC 8032) to the X25519 keys that they stand for, as libsodium's
 * crypto_sign_ed25519_pk_to_curve25519 and _sk_to_curve25519 convert them, with its refusals.
 *
 * Loading this loads noble's curves, which takes longer than the rest of a command: it is to be
 * imported where an Ed25519 key is met, and not before.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { equal, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { checkPublicKey, keyBytes, publicKeyOf } from "../wire/x25519-key.ts";

/**
 * 32 bytes of an Ed25519 public key to 32 bytes that sealBox may use.
 *
 * @throws malformed: not on the curve, of small order, or outside the subgroup of prime order
 */
export function convertPublicKey(ed25519Key: Uint8Array): Uint8Array {
  const point = decodePoint(ed25519Key);
  if (point.isSmallOrder()) fail("malformed", "the ed25519 key is of small order");
  if (!point.isTorsionFree()) {
    fail("malformed", "the ed25519 key is not in the subgroup of prime order");
  }
  const publicKey = ed25519.utils.toMontgomery(ed25519Key);
  checkPublicKey(publicKey);
  return publicKey;
}

/**
 * The 32-byte seed and public key of an Ed25519 key pair to the X25519 private key, 32 bytes, clamped.
 * The pair is compared as X25519 keys: noble's way from seed to point is not of constant time, the
 * runtime's X25519 is. It leaves the sign open, the top bit, which makes no difference to X25519.
 *
 * @throws malformed: the two do not belong together
 */
export async function convertPrivateKey(
  seed: Uint8Array,
  ed25519Key: Uint8Array,
): Promise<Uint8Array> {
  const wanted = convertPublicKey(ed25519Key);
  const hash = sha512(seed);
  const privateKey = hash.slice(0, keyBytes);
  wipe(hash);
  privateKey[0] = (privateKey[0] as number) & 0xf8;
  privateKey[31] = ((privateKey[31] as number) & 0x7f) | 0x40;
  if (equal(await publicKeyOf(privateKey), wanted)) return privateKey;
  wipe(privateKey);
  return fail("malformed", "the private and the public half of the ed25519 key do not match");
}

/** Strictly: y < p, which libsodium's subgroup has no exception to, and no sign for x = 0. */
function decodePoint(ed25519Key: Uint8Array) {
  try {
    return ed25519.Point.fromBytes(ed25519Key);
  } catch {
    return fail("malformed", "the ed25519 key is not a point of its curve");
  }
}

/** SHA-512 (FIPS 180-4) from the runtime: 64 bytes. */
export function sha512(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(64);
  new Bun.CryptoHasher("sha512").update(bytes as Uint8Array<ArrayBuffer>).digest(digest);
  return digest;
}

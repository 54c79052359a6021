/**
 * Converts Ed25519 keys (RFC 8032) to X25519 keys, like libsodium's
 * crypto_sign_ed25519_pk_to_curve25519 and _sk_to_curve25519, and refuses what they refuse.
 *
 * Import this only when there is an Ed25519 key: it loads noble's curves, which takes longer than
 * the rest of a command.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { equal, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { checkPublicKey, keyBytes, publicKeyOf } from "../nacl/x25519-key.ts";

/**
 * A 32-byte Ed25519 public key to a 32-byte public key for sealBox.
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
 * The 32-byte seed and public key of an Ed25519 key pair to the X25519 private key, 32 bytes,
 * clamped. The pair is compared as X25519 keys, since the runtime's X25519 is constant-time and
 * noble's way from seed to point is not. This ignores the sign, the top bit, which X25519 does not
 * have.
 *
 * @throws malformed: the two do not match
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
  return fail("malformed", "the private and public halves of the ed25519 key do not match");
}

/** Strict, as in RFC 8032: y < p, and no sign if x = 0. No point of the subgroup breaks either. */
function decodePoint(ed25519Key: Uint8Array) {
  try {
    return ed25519.Point.fromBytes(ed25519Key);
  } catch {
    return fail("malformed", "the ed25519 key is not a point on its curve");
  }
}

/** The runtime's SHA-512 (FIPS 180-4): 64 bytes. */
export function sha512(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(64);
  new Bun.CryptoHasher("sha512").update(bytes as Uint8Array<ArrayBuffer>).digest(digest);
  return digest;
}

/** X25519 key pairs, and which public keys are refused (RFC 7748, sections 5 and 6.1). */

import { toHex } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { x25519 } from "../core/primitives.ts";

export const keyBytes = 32;

const basePoint = Uint8Array.of(9, ...new Uint8Array(31));

/** p = 2^255 − 19, big-endian. */
const fieldPrime = `7f${"ff".repeat(30)}ed`;

/** The u below p whose points have order 1, 2, 4 or 8, on the curve or its twist. */
const lowOrder = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  `ec${"ff".repeat(30)}7f`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
]);

/** The 32-byte public key of a 32-byte private key. */
export async function publicKeyOf(privateKey: Uint8Array): Promise<Uint8Array> {
  return (await x25519(privateKey, basePoint)) as Uint8Array; // 9 has prime order: never zero
}

/**
 * Checks a 32-byte public key: u < p (which clears the top bit) and not of low order.
 *
 * @throws malformed
 */
export function checkPublicKey(publicKey: Uint8Array): void {
  const isBelow = toHex(publicKey.toReversed()) < fieldPrime;
  if (!isBelow) fail("malformed", "the public key is not below 2^255 - 19");
  if (lowOrder.has(toHex(publicKey))) fail("malformed", "the public key is of low order");
}

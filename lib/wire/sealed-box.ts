/**
 * Sealed boxes, byte for byte libsodium's crypto_box_seal: an ephemeral public key (32 bytes)
 * followed by XSalsa20-Poly1305 (16-byte tag, ciphertext) under HSalsa20 of the X25519
 * shared secret, with BLAKE2b-192(ephemeral ‖ recipient) as the nonce.
 *
 * Hazard: sealed boxes are anonymous. Anyone who has the public key can make one.
 */

import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { blake2b } from "../core/blake2b.ts";
import { asWords, concat, wipe } from "../core/bytes.ts";
import { sigma } from "../core/chunk-stream.ts";
import { fail } from "../core/errors.ts";
import { x25519 } from "../core/primitives.ts";
import { type Random, randomBytes } from "../core/random.ts";
import { keyBytes, publicKeyOf } from "./x25519-key.ts";

export const boxOverheadBytes = 48;

const nonceBytes = 24;

/** Seals to a 32-byte public key that checkPublicKey accepts; the box is 48 bytes longer. */
export async function sealBox(
  message: Uint8Array,
  recipient: Uint8Array,
  random: Random = randomBytes,
): Promise<Uint8Array> {
  const ephemeral = random(keyBytes);
  const ephemeralPublic = await publicKeyOf(ephemeral);
  const key = await boxKey(ephemeral, recipient);
  if (!key) throw new RangeError("recipient of low order");
  const box = xsalsa20poly1305(key, nonceOf(ephemeralPublic, recipient)).encrypt(message);
  wipe(ephemeral, key);
  return concat(ephemeralPublic, box);
}

/**
 * Opens a box with the recipient's 32-byte private key.
 *
 * @throws mismatch: sealed to another key, damaged, or its ephemeral key is of low order
 */
export async function openBox(box: Uint8Array, privateKey: Uint8Array): Promise<Uint8Array> {
  const refuse = () => fail("mismatch", "the sealed box does not open: damaged or forged");
  if (box.length < boxOverheadBytes) return refuse();
  const ephemeralPublic = box.subarray(0, keyBytes);
  const key = await boxKey(privateKey, ephemeralPublic);
  if (!key) return refuse();
  const nonce = nonceOf(ephemeralPublic, await publicKeyOf(privateKey));
  try {
    return xsalsa20poly1305(key, nonce).decrypt(box.subarray(keyBytes));
  } catch {
    return refuse();
  } finally {
    wipe(key);
  }
}

function nonceOf(ephemeralPublic: Uint8Array, recipient: Uint8Array): Uint8Array {
  return blake2b({ length: nonceBytes }, ephemeralPublic, recipient);
}

/** HSalsa20 of the shared secret with a zero nonce, as crypto_box_beforenm does. */
async function boxKey(scalar: Uint8Array, u: Uint8Array): Promise<Uint8Array | undefined> {
  const shared = await x25519(scalar, u);
  if (!shared) return undefined;
  const key = new Uint8Array(keyBytes);
  hsalsa(sigma, asWords(shared), new Uint32Array(4), asWords(key));
  wipe(shared);
  return key;
}

/**
 * Sealed boxes, byte for byte libsodium's crypto_box_seal: an ephemeral public key (32 bytes)
 * followed by XSalsa20-Poly1305 (16-byte tag, ciphertext) under HSalsa20 of the X25519
 * shared secret, with BLAKE2b-192(ephemeral ‖ recipient) as the nonce.
 *
 * Hazard: sealed boxes are anonymous. Anyone who has the public key can make one.
 */

import { concat, equal, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { x25519 } from "../core/primitives.ts";
import { type Random, randomBytes } from "../core/random.ts";
import { poly1305 } from "./poly1305.ts";
import { hsalsa20, xsalsa20 } from "./salsa20.ts";
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
  const nonce = await nonceOf(ephemeralPublic, recipient);
  const stream = xsalsa20(key, nonce, 32 + message.length);
  const ciphertext = xor(message, stream.subarray(32));
  const tag = poly1305(stream.subarray(0, 32), ciphertext);
  wipe(ephemeral, key, stream);
  return concat(ephemeralPublic, tag, ciphertext);
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
  const nonce = await nonceOf(ephemeralPublic, await publicKeyOf(privateKey));
  const ciphertext = box.subarray(boxOverheadBytes);
  const stream = xsalsa20(key, nonce, 32 + ciphertext.length);
  const tag = poly1305(stream.subarray(0, 32), ciphertext);
  const isRight = equal(tag, box.subarray(keyBytes, boxOverheadBytes));
  const message = isRight ? xor(ciphertext, stream.subarray(32)) : undefined;
  wipe(key, stream);
  return message ?? refuse();
}

function xor(bytes: Uint8Array, stream: Uint8Array): Uint8Array {
  const mixed = concat(bytes);
  for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] as number) ^ (stream[i] as number);
  return mixed;
}

async function nonceOf(ephemeralPublic: Uint8Array, recipient: Uint8Array): Promise<Uint8Array> {
  const { blake2b } = await import("@noble/hashes/blake2.js"); // slow to load
  return blake2b(concat(ephemeralPublic, recipient), { dkLen: nonceBytes });
}

/** HSalsa20 of the shared secret with a zero nonce, as crypto_box_beforenm does. */
async function boxKey(scalar: Uint8Array, u: Uint8Array): Promise<Uint8Array | undefined> {
  const shared = await x25519(scalar, u);
  if (!shared) return undefined;
  const key = hsalsa20(shared, new Uint8Array(16));
  wipe(shared);
  return key;
}

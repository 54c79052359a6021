/**
 * HPKE (RFC 9180), base mode, one message per key: KEM X-Wing (0x647a), KDF HKDF-SHA256 (0x0001), AEAD
 * ChaCha20Poly1305 (0x0003). What is sealed is the KEM's ciphertext (1,120 bytes) ‖ the AEAD's,
 * 16 bytes longer than the message.
 *
 * Hazard: nothing says who sealed a message. Anyone who has the public key can.
 */

import { ascii, concat, wipe } from "../core/bytes.ts";
import { hmac } from "../core/hash.ts";
import { type Aead, chacha20Poly1305 } from "../core/primitives.ts";
import { ciphertextBytes, decapsulate, encapsulate } from "./x-wing.ts";

/** What a message is bound to: it opens only with the same. */
export interface Context {
  info: Uint8Array;
  aad: Uint8Array;
}

const empty = new Uint8Array();
const version = ascii("HPKE-v1");
const suite = concat(ascii("HPKE"), Uint8Array.of(0x64, 0x7a, 0x00, 0x01, 0x00, 0x03));

/** Seals to a 1,216-byte key that decodePublicKey accepted. */
export async function sealBase(
  message: Uint8Array,
  publicKey: Uint8Array,
  { info, aad }: Context,
): Promise<Uint8Array> {
  const { secret, ciphertext } = await encapsulate(publicKey);
  const { aead, nonce } = await schedule(secret, info);
  return concat(ciphertext, await aead.seal(nonce, message, aad));
}

/** Opens with a 32-byte seed; undefined if it does not verify, or is too short. */
export async function openBase(
  sealed: Uint8Array,
  seed: Uint8Array,
  { info, aad }: Context,
): Promise<Uint8Array | undefined> {
  if (sealed.length < ciphertextBytes) return undefined;
  const secret = await decapsulate(sealed.subarray(0, ciphertextBytes), seed);
  if (!secret) return undefined;
  const { aead, nonce } = await schedule(secret, info);
  return await aead.open(nonce, sealed.subarray(ciphertextBytes), aad);
}

/** KeySchedule of section 5.1, for mode_base. Wipes the shared secret. */
async function schedule(
  shared: Uint8Array,
  info: Uint8Array,
): Promise<{ aead: Aead; nonce: Uint8Array }> {
  const hashes = [extract(empty, "psk_id_hash", empty), extract(empty, "info_hash", info)];
  const context = concat(Uint8Array.of(0), ...hashes);
  const secret = extract(shared, "secret", empty);
  const key = expand(secret, "key", context, 32);
  const nonce = expand(secret, "base_nonce", context, 12);
  const aead = chacha20Poly1305(key);
  wipe(shared, secret, key); // chacha20Poly1305 has made its own copy
  return { aead: await aead, nonce };
}

/** LabeledExtract (section 4). */
function extract(salt: Uint8Array, label: string, input: Uint8Array): Uint8Array {
  return hmac(salt, version, suite, ascii(label), input);
}

/** LabeledExpand (section 4), for at most the 32 bytes of a first block. */
function expand(key: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  const lengthBytes = Uint8Array.of(0, length);
  const parts = [lengthBytes, version, suite, ascii(label), info, Uint8Array.of(1)];
  return hmac(key, ...parts).subarray(0, length);
}

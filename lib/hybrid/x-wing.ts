/**
 * X-Wing (draft-connolly-cfrg-xwing-kem): a KEM of ML-KEM-768 (FIPS 203) and X25519, secure as
 * long as either is. Both are the runtime's, and so are SHA-3 and SHAKE (FIPS 202).
 *
 * A private key is a seed of 32 bytes; a public key is ML-KEM's (1,184) ‖ X25519's (32); a ciphertext
 * is ML-KEM's (1,088) ‖ an ephemeral X25519 key (32). The shared secret has 32 bytes.
 */

import { ascii, concat, wipe } from "../core/bytes.ts";
import { x25519 } from "../core/primitives.ts";
import { randomBytes } from "../core/random.ts";
import { keyBytes, publicKeyOf } from "../nacl/x25519-key.ts";

export const ciphertextBytes = 1120;

const name = "ML-KEM-768";
const seedBytes = 64;
const label = ascii("\\.//^\\");

/** What WebCrypto has for ML-KEM; the types lag behind. */
interface MlKem {
  importKey(
    format: "raw-seed" | "raw-public",
    key: Uint8Array,
    algorithm: string,
    extractable: boolean,
    usages: string[],
  ): Promise<CryptoKey>;
  exportKey(format: "raw-public", key: CryptoKey): Promise<ArrayBuffer>;
  getPublicKey(key: CryptoKey, usages: string[]): Promise<CryptoKey>;
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Uint8Array): Promise<ArrayBuffer>;
}

const subtle = crypto.subtle as unknown as MlKem;

/** The 1,216-byte public key of a 32-byte seed. */
export async function publicKeyOfSeed(seed: Uint8Array): Promise<Uint8Array> {
  const { mlKem, scalar } = await expand(seed);
  const publicKey = await subtle.getPublicKey(mlKem, ["encapsulateBits"]);
  const encoded = new Uint8Array(await subtle.exportKey("raw-public", publicKey));
  const own = await publicKeyOf(scalar);
  wipe(scalar);
  return concat(encoded, own);
}

/** A shared secret and its ciphertext, to a 1,216-byte key that decodePublicKey accepted. */
export async function encapsulate(publicKey: Uint8Array) {
  const [encoded, own] = [publicKey.subarray(0, -keyBytes), publicKey.subarray(-keyBytes)];
  const mlKem = await subtle.importKey("raw-public", encoded, name, false, ["encapsulateBits"]);
  const { sharedKey, ciphertext } = await subtle.encapsulateBits(name, mlKem);
  const scalar = randomBytes(keyBytes);
  const ephemeral = await publicKeyOf(scalar);
  const shared = await x25519(scalar, own);
  wipe(scalar);
  if (!shared) throw new RangeError("recipient of low order");
  const secret = combine(new Uint8Array(sharedKey), shared, ephemeral, own);
  return { secret, ciphertext: concat(new Uint8Array(ciphertext), ephemeral) };
}

/**
 * The shared secret in a 1,120-byte ciphertext, for a 32-byte seed: a wrong one, if it is damaged or
 * for another key; undefined if its X25519 key is of low order.
 */
export async function decapsulate(
  ciphertext: Uint8Array,
  seed: Uint8Array,
): Promise<Uint8Array | undefined> {
  const [encoded, ephemeral] = [ciphertext.subarray(0, -keyBytes), ciphertext.subarray(-keyBytes)];
  const { mlKem, scalar } = await expand(seed);
  const sharedKey = new Uint8Array(await subtle.decapsulateBits(name, mlKem, encoded));
  const shared = await x25519(scalar, ephemeral);
  const own = await publicKeyOf(scalar);
  wipe(scalar);
  return shared && combine(sharedKey, shared, ephemeral, own);
}

/** The private keys that a seed stands for. */
async function expand(seed: Uint8Array): Promise<{ mlKem: CryptoKey; scalar: Uint8Array }> {
  const bytes = new Uint8Array(seedBytes + keyBytes);
  new Bun.CryptoHasher("shake256").update(seed as Uint8Array<ArrayBuffer>).digest(bytes);
  const usages = ["decapsulateBits"];
  const mlKem = subtle.importKey("raw-seed", bytes.subarray(0, seedBytes), name, false, usages);
  const scalar = bytes.slice(seedBytes);
  wipe(bytes); // importKey has made its own copy
  return { mlKem: await mlKem, scalar };
}

/** Wipes the two secrets that it combines. */
function combine(sharedKey: Uint8Array, shared: Uint8Array, ...rest: Uint8Array[]): Uint8Array {
  const all = concat(sharedKey, shared, ...rest, label);
  const digest = new Uint8Array(64); // the runtime wants as much for any hash
  new Bun.CryptoHasher("sha3-256").update(all as Uint8Array<ArrayBuffer>).digest(digest);
  wipe(all, sharedKey, shared);
  return digest.subarray(0, keyBytes);
}

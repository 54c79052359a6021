/**
 * The runtime's SHA-256, and HMAC and HKDF over it (BoringSSL: constant-time). A label keeps each
 * use apart from every other: at most 16 ASCII characters, padded with NUL to 16 bytes.
 */

import { ascii, concat, secretBytes, wipe } from "./bytes.ts";

/** A hash of everything given to `update`, in order. */
export interface Hash {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/** SHA-256 (FIPS 180-4), or HMAC-SHA-256 (RFC 2104) with a key of any length: 32 bytes. */
export function sha256(key?: Uint8Array): Hash {
  const hasher = new Bun.CryptoHasher("sha256", key);
  const digest = secretBytes(64); // the runtime wants as much for any hash
  return {
    update: (bytes) => void hasher.update(bytes as Uint8Array<ArrayBuffer>),
    digest() {
      hasher.digest(digest);
      return digest.subarray(0, 32);
    },
  };
}

/** HMAC-SHA-256 of the parts, one after another: 32 bytes. */
export function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const hash = sha256(key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HMAC-SHA-256 of the parts, with the label as the key: 32 bytes. */
export function labeledHash(label: string, ...parts: Uint8Array[]): Uint8Array {
  return hmac(padded(label), ...parts);
}

/** HKDF-SHA-256 (RFC 5869) of a secret, without salt; the info is label ‖ context. 32 bytes. */
export function derive(secret: Uint8Array, label: string, ...context: Uint8Array[]): Uint8Array {
  const key = hmac(new Uint8Array(), secret);
  const derived = hmac(key, padded(label), ...context, Uint8Array.of(1));
  wipe(key);
  return derived;
}

function padded(label: string): Uint8Array {
  return concat(ascii(label), new Uint8Array(16 - label.length));
}

/**
 * X25519, ChaCha20-Poly1305 and the SHA-2 hashes: the runtime's (BoringSSL: fast, constant time).
 * Tests hold them to noble's (test/core/reference.ts), which exports the same four functions.
 */
export { chacha20Poly1305, sha256, sha512, x25519 } from "./native.ts";

/** ChaCha20-Poly1305 under one key; the nonce has 12 bytes, the tag is the last 16. */
export interface Aead {
  /** `plaintext` may be reused as soon as the call has returned its promise. */
  seal(nonce: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** Undefined where the tag does not verify. `ciphertext` may be reused likewise. */
  open(nonce: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array | undefined>;
}

/** A hash of what `update` was given, in order; only for what is public. */
export interface Hash {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/**
 * The runtime's X25519 and ChaCha20-Poly1305 (BoringSSL: fast, constant-time).
 * Tests compare them with noble's: test/core/reference.ts exports the same functions.
 */

import { concat, wipe } from "./bytes.ts";

/** ChaCha20-Poly1305 under one key; the nonce has 12 bytes, the tag is the last 16. */
export interface Aead {
  /** `plaintext` may be reused as soon as the call has returned its promise. */
  seal(nonce: Uint8Array, plaintext: Uint8Array, aad?: Uint8Array): Promise<Uint8Array>;
  /** Undefined if the tag does not verify. `sealed` may be reused likewise. */
  open(nonce: Uint8Array, sealed: Uint8Array, aad?: Uint8Array): Promise<Uint8Array | undefined>;
}

const { subtle } = crypto;
const nothing = new Uint8Array();

/** Precedes the 32 bytes of an X25519 private key in PKCS #8 (RFC 8410, section 7). */
const pkcs8Prefix = Uint8Array.fromHex("302e020100300506032b656e04220420");

/**
 * X25519 (RFC 7748, section 5): 32-byte scalar and u, 32 bytes out.
 * Undefined if the result would be all zeros.
 */
export async function x25519(scalar: Uint8Array, u: Uint8Array): Promise<Uint8Array | undefined> {
  const pkcs8 = concat(pkcs8Prefix, scalar);
  const privateKey = subtle.importKey("pkcs8", plain(pkcs8), "X25519", false, ["deriveBits"]);
  wipe(pkcs8); // importKey has made its own copy
  const publicKey = await subtle.importKey("raw", plain(u), "X25519", false, []);
  const algorithm = { name: "X25519", public: publicKey };
  const shared = subtle.deriveBits(algorithm, await privateKey, 256);
  return await shared.then((bits) => new Uint8Array(bits), refusedAsUndefined);
}

/** ChaCha20-Poly1305 (RFC 8439, section 2.8) under a 32-byte key. */
export async function chacha20Poly1305(key: Uint8Array): Promise<Aead> {
  const name = "ChaCha20-Poly1305";
  // WebCrypto's only key format for this cipher is "raw-secret"; the types lag behind.
  const format = "raw-secret" as "raw";
  const imported = await subtle.importKey(format, plain(key), name, false, ["encrypt", "decrypt"]);
  return {
    async seal(nonce, plaintext, aad = nothing) {
      const algorithm = { name, iv: plain(nonce), additionalData: plain(aad) };
      return new Uint8Array(await subtle.encrypt(algorithm, imported, plain(plaintext)));
    },
    async open(nonce, sealed, aad = nothing) {
      const algorithm = { name, iv: plain(nonce), additionalData: plain(aad) };
      const opened = subtle.decrypt(algorithm, imported, plain(sealed));
      return await opened.then((plaintext) => new Uint8Array(plaintext), refusedAsUndefined);
    },
  };
}

/** WebCrypto reports an all-zero X25519 result and a wrong tag as OperationError. */
function refusedAsUndefined(error: unknown): undefined {
  if (error instanceof DOMException && error.name === "OperationError") return undefined;
  throw error;
}

/** For the types: no memory here is shared between threads. */
function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

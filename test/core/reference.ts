/** X25519, ChaCha20-Poly1305 and SHA-256 from noble: plain JavaScript. See primitives.ts. */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 as noble } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import type { Hash } from "../../lib/core/hash.ts";
import type { Aead } from "../../lib/core/primitives.ts";

/** As x25519 in primitives.ts. */
export async function x25519(scalar: Uint8Array, u: Uint8Array): Promise<Uint8Array | undefined> {
  return orUndefined(() => noble.scalarMult(scalar, u));
}

/** As chacha20Poly1305 in primitives.ts. */
export async function chacha20Poly1305(key: Uint8Array): Promise<Aead> {
  const own = key.slice();
  return {
    seal: async (nonce, plaintext, aad) => chacha20poly1305(own, nonce, aad).encrypt(plaintext),
    open: async (nonce, sealed, aad) =>
      orUndefined(() => chacha20poly1305(own, nonce, aad).decrypt(sealed)),
  };
}

/** As sha256 in hash.ts. */
export function sha256(key?: Uint8Array): Hash {
  const hash = key ? hmac.create(nobleSha256, key) : nobleSha256.create();
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

/** noble throws plain errors for an all-zero result and for a tag that does not verify. */
function orUndefined<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    return undefined;
  }
}

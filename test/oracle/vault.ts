// Vaults, whole in memory: an 80-byte header, then chunks of 1 MiB.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concat, hash, sample, utf8 } from "./bytes.ts";

export const CHUNK = 1024 * 1024;
export const SEALED_CHUNK = CHUNK + 16;
export const HEADER = 80;

/** The public name of a master key. */
export function keyId(master: Uint8Array): Uint8Array {
  return hash("worstday key id", 32, new Uint8Array(0), master);
}

/** A header for a master key, its salt made from `seed`. */
export function makeHeader(master: Uint8Array, seed = "salt"): Uint8Array {
  return concat(utf8("worstday vault 1"), keyId(master), sample(seed, 32));
}

function nonceOf(index: number, last: boolean): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE((BigInt(index) << 8n) | (last ? 1n : 0n));
  return concat(new Uint8Array(4), number);
}

/** One sealed chunk. */
export function sealChunk(
  master: Uint8Array,
  header: Uint8Array,
  plaintext: Uint8Array,
  index: number,
  last: boolean,
): Uint8Array {
  const fileKey = hash("worstday file", 32, header, master);
  return chacha20poly1305(fileKey, nonceOf(index, last)).encrypt(plaintext);
}

/** A whole vault. */
export function closeVault(master: Uint8Array, plaintext: Uint8Array, seed = "salt"): Uint8Array {
  const header = makeHeader(master, seed);
  const count = Math.max(1, Math.ceil(plaintext.length / CHUNK));
  const chunks = Array.from({ length: count }, (_, index) => {
    const chunk = plaintext.slice(index * CHUNK, (index + 1) * CHUNK);
    return sealChunk(master, header, chunk, index, index === count - 1);
  });
  return concat(header, ...chunks);
}

/** The plaintext of a vault; throws when anything does not verify. */
export function openVault(master: Uint8Array, vault: Uint8Array): Uint8Array {
  const header = vault.slice(0, HEADER);
  const fileKey = hash("worstday file", 32, header, master);
  const parts: Uint8Array[] = [];
  for (let at = HEADER, index = 0; at < vault.length; at += SEALED_CHUNK, index++) {
    const last = at + SEALED_CHUNK >= vault.length;
    const chunk = vault.slice(at, at + SEALED_CHUNK);
    parts.push(chacha20poly1305(fileKey, nonceOf(index, last)).decrypt(chunk));
  }
  return concat(...parts);
}

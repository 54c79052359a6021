/** BLAKE2b (RFC 7693), with personalisation as in its paper, section 2.8. */

import { blake2b as noble } from "@noble/hashes/blake2.js";
import { ascii } from "./bytes.ts";

export interface Blake2bOptions {
  /** Digest length in bytes, 1 to 64. */
  length: number;
  /** At most 16 ASCII characters, padded with NUL: keeps different uses apart. */
  person?: string;
  /** At most 64 bytes. */
  key?: Uint8Array;
}

/** Hashes the concatenation of the parts. */
export function blake2b(options: Blake2bOptions, ...parts: Uint8Array[]): Uint8Array {
  const person = new Uint8Array(16);
  person.set(ascii(options.person ?? ""));
  const hash = noble.create({
    dkLen: options.length,
    personalization: person,
    ...(options.key && { key: options.key }),
  });
  for (const part of parts) hash.update(part);
  return hash.digest(); // wipes its state too
}

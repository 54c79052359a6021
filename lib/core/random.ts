/** The only source of randomness. Functions that need it take a `Random`, so tests can fix it. */

import { secretBytes, wipe } from "./bytes.ts";

/** Returns this many fresh bytes. */
export type Random = (length: number) => Uint8Array;

const callBytes = 65_536; // crypto.getRandomValues refuses more in one call
const leastBytes = 512; // for less, Bun keeps a stock of random bytes, which stay in memory

/** Uniform bytes from the operating system's generator. */
export function randomBytes(length: number): Uint8Array {
  const bytes = secretBytes(Math.ceil(length / leastBytes) * leastBytes);
  for (let start = 0; start < length; start += callBytes) {
    crypto.getRandomValues(bytes.subarray(start, start + callBytes));
  }
  wipe(bytes.subarray(length));
  return bytes.subarray(0, length);
}

/** The only source of randomness. Functions that need it take a `Random`, so tests can fix it. */

/** Returns this many fresh bytes. */
export type Random = (length: number) => Uint8Array;

const callBytes = 65_536; // crypto.getRandomValues refuses more in one call

/** Uniform bytes from the operating system's generator. */
export function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let start = 0; start < length; start += callBytes) {
    crypto.getRandomValues(bytes.subarray(start, start + callBytes));
  }
  return bytes;
}

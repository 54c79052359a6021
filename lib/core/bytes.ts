/** Byte helpers that every layer uses. */

/**
 * Zeros that can be wiped. The runtime moves a small array without an ArrayBuffer of its own when its
 * `subarray` or `buffer` is used, and leaves the old bytes where they were.
 */
export function secretBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

/** The parts, one after another, or a copy of one, as `secretBytes`. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = secretBytes(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Compares without stopping at the first difference. The lengths are public. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Overwrites secrets with zeros. Copies that the engine made are out of reach. */
export function wipe(...secrets: (Uint8Array | Int32Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** Lower-case hexadecimal, for public values only: strings cannot be wiped. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** ASCII text to bytes, one per character. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The reverse, for public values or text to print: strings cannot be wiped. */
export function toText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

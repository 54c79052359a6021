/**
 * GF(256) modulo x^8 + x^4 + x^3 + x + 1 (0x11b, the field of FIPS 197, section 4).
 *
 * Hazard: log and exponent tables, the usual way, leak secrets through the cache
 * (CVE-2023-25000). Here, no table, branch or index depends on a value.
 *
 * Hazard: the engine itself branches if a number is not a signed 32-bit integer, such as -0 or
 * 2^31. So a mask is 0 - bit and not -bit, and words are signed, here and in lib/wire.
 */

/** a · b, each 0 to 255, bit by bit from the lowest bit of b. */
export function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    product ^= a & (0 - (b & 1));
    a = (a << 1) ^ (0x11b & (0 - (a >> 7)));
    b >>= 1;
  }
  return product;
}

/** a⁻¹ as a^254, since a^255 = 1; the result for 0 is 0. */
export function invert(a: number): number {
  let power = a; // a^1, then a^3, a^7, … a^127
  for (let step = 0; step < 6; step++) power = multiply(multiply(power, power), a);
  return multiply(power, power);
}

/** Multiplies values, four per 32-bit word, by one factor, in place. */
export function multiplyEach(words: Int32Array, factor: number): void {
  for (let i = 0; i < words.length; i++) {
    let word = words[i] as number;
    let product = 0;
    for (let bit = 0; bit < 8; bit++) {
      product ^= word & (0 - ((factor >> bit) & 1));
      word = ((word & 0x7f7f7f7f) << 1) ^ Math.imul((word >> 7) & 0x01010101, 0x1b);
    }
    words[i] = product;
  }
}

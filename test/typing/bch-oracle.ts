/**
 * The long code's arithmetic by other means than lib/typing: GF(1024) by polynomials over GF(2), and
 * the generator from the checksum's definition. For tests only.
 */

import type { Random } from "../../lib/core/random.ts";
import type { Fault } from "../../lib/typing/bch.ts";
import { polymod } from "../oracle/text.ts";

/** Carry-less product of 5-bit numbers, reduced by bech32's x⁵ + x³ + 1. */
function product32(a: number, b: number): number {
  let whole = 0;
  for (let bit = 0; bit < 5; bit++) if ((b >> bit) & 1) whole ^= a << bit;
  for (let bit = 8; bit >= 5; bit--) if ((whole >> bit) & 1) whole ^= 0b101001 << (bit - 5);
  return whole;
}

/** (a + bζ)(c + dζ), where ζ² = ζ + 1; a + bζ is the number a + 32b. */
export function product(x: number, y: number): number {
  const [a, b, c, d] = [x & 31, x >> 5, y & 31, y >> 5];
  const constant = product32(a, c) ^ product32(b, d);
  const zeta = product32(a, d) ^ product32(b, c) ^ product32(b, d);
  return constant + 32 * zeta;
}

/** γ = 25 + 6ζ to any power. */
export function powerOfGamma(power: number): number {
  let value = 1;
  for (let i = 0; i < (power + 1023) % 1023; i++) value = product(value, 25 + 6 * 32);
  return value;
}

const symbolsOf = (residue: bigint): number[] =>
  Array.from({ length: 15 }, (_, i) => Number((residue >> BigInt(70 - 5 * i)) & 31n));

/** x¹⁵ and what it leaves: the generator, the coefficient of the highest power first. */
export const generator = [1, ...symbolsOf(polymod([1, ...new Array(15).fill(0)], 0n))];

/** Changes at so many different places of a word, in order. */
export function brokenAt(length: number, count: number, random: Random): Fault[] {
  const places = new Map<number, number>();
  while (places.size < count) {
    const [a, b, c] = random(3) as unknown as [number, number, number];
    places.set((a * 256 + b) % length, 1 + (c % 31));
  }
  const faults = [...places].map(([offset, value]) => ({ offset, value }));
  return faults.sort((a, b) => a.offset - b.offset);
}

import { expect, test } from "bun:test";
import { invert, multiply, multiplyEach } from "../../lib/core/gf256.ts";
import { schoolbookMultiply, tableMultiply } from "../oracle/gf256.ts";

const all = Array.from({ length: 256 }, (_, i) => i);
const products = Uint8Array.from({ length: 65_536 }, (_, i) => multiply(i >> 8, i & 255));
const product = (a: number, b: number) => products[(a << 8) | b] as number;

test("multiply() is polynomial multiplication and long division, for all 65,536 pairs", () => {
  const wrong: number[][] = [];
  for (const a of all) {
    for (const b of all) if (multiply(a, b) !== schoolbookMultiply(a, b)) wrong.push([a, b]);
  }
  expect(wrong).toEqual([]);
});

test("multiply() is addition of logarithms, for all 65,536 pairs", () => {
  const wrong: number[][] = [];
  for (const a of all) {
    for (const b of all) if (multiply(a, b) !== tableMultiply(a, b)) wrong.push([a, b]);
  }
  expect(wrong).toEqual([]);
});

test("multiply() gives the products that FIPS 197 works out", () => {
  expect(multiply(0x57, 0x83)).toBe(0xc1); // section 4.2
  expect(multiply(0x57, 0x13)).toBe(0xfe); // section 4.2.1
  expect([0x57, 0xae, 0x47, 0x8e].map((a) => multiply(a, 2))).toEqual([0xae, 0x47, 0x8e, 0x07]);
});

test("multiply() commutes, and 1 and 0 are what they should be", () => {
  for (const a of all) {
    expect([product(a, 1), product(a, 0)]).toEqual([a, 0]);
    expect(all.filter((b) => product(a, b) !== product(b, a))).toEqual([]);
  }
});

test("multiply() is associative and distributes over addition, for all 2^24 triples", () => {
  let wrong = 0;
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) {
      const ab = product(a, b);
      for (let c = 0; c < 256; c++) {
        if (product(ab, c) !== product(a, product(b, c))) wrong++;
        if (product(a, b ^ c) !== (ab ^ product(a, c))) wrong++;
      }
    }
  }
  expect(wrong).toBe(0);
});

test("multiply() has no divisors of zero", () => {
  expect(all.flatMap((a) => all.filter((b) => a && b && product(a, b) === 0))).toEqual([]);
});

test("multiply() by 3 runs through all 255 other values before it comes back to 1", () => {
  const seen = new Set<number>();
  for (let power = 1; !seen.has(power); power = multiply(power, 3)) seen.add(power);
  expect(seen.size).toBe(255);
});

test("invert() gives the one value whose product is 1, for all 255", () => {
  for (const a of all.slice(1)) {
    expect(all.filter((b) => schoolbookMultiply(a, b) === 1)).toEqual([invert(a)]);
  }
});

test("invert() undoes itself and gives 0 for 0", () => {
  expect(all.map((a) => invert(invert(a)))).toEqual(all);
  expect(invert(0)).toBe(0);
});

test("multiplyEach() is multiply() in each of a word's four places, for all 65,536 pairs", () => {
  for (const factor of all) {
    for (let shift = 0; shift < 4; shift++) {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => (i + shift * 67) & 255);
      const words = new Int32Array(bytes.slice().buffer);
      multiplyEach(words, factor);
      const expected = bytes.map((byte) => schoolbookMultiply(byte, factor));
      expect(new Uint8Array(words.buffer)).toEqual(expected);
    }
  }
});

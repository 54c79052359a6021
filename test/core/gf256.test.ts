import { expect, setDefaultTimeout, test } from "bun:test";
import { invert, multiply, multiplyEach } from "../../lib/core/gf256.ts";
import { schoolbookMultiply, tableMultiply } from "../oracle/gf256.ts";

setDefaultTimeout(60_000); // for a busy machine

const all = Array.from({ length: 256 }, (_, i) => i);

test("multiply() is long division, and addition of logarithms, for all 65,536 pairs", () => {
  for (const a of all) {
    expect(all.map((b) => multiply(a, b))).toEqual(all.map((b) => schoolbookMultiply(a, b)));
    expect(all.map((b) => multiply(a, b))).toEqual(all.map((b) => tableMultiply(a, b)));
  }
});

test("multiply() gives the products that FIPS 197 works out", () => {
  expect(multiply(0x57, 0x83)).toBe(0xc1); // section 4.2
  expect(multiply(0x57, 0x13)).toBe(0xfe); // section 4.2.1
  expect([0x57, 0xae, 0x47, 0x8e].map((a) => multiply(a, 2))).toEqual([0xae, 0x47, 0x8e, 0x07]);
});

test("invert() gives the one value whose product is 1, for all 255, and 0 for 0", () => {
  for (const a of all.slice(1)) {
    expect(all.filter((b) => schoolbookMultiply(a, b) === 1)).toEqual([invert(a)]);
  }
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

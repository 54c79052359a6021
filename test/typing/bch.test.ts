import { expect, setDefaultTimeout, test } from "bun:test";
import { addSymbol, type Fault, findFaults, syndromesOf } from "../../lib/typing/bch.ts";
import { difference, residue, toResidue } from "../../lib/wire/checksum.ts";
import { choose, repeatable, upTo } from "../core/helpers.ts";
import { alphabet } from "../oracle/text.ts";
import { testOutside } from "../outside-vectors.ts";
import { brokenAt, generator, powerOfGamma, product } from "./bch-oracle.ts";

setDefaultTimeout(60_000); // for a busy machine

/** What these changes to a right word of this length leave in its checksum. */
function leftBy(faults: Fault[], length: number): number[] {
  const word = new Array<number>(length).fill(0);
  for (const { offset, value } of faults) word[offset] = value;
  return difference(residue(word, [0, 0, 0]), [0, 0, 0]);
}

/** Each number of errors and of erasures that can be found together. */
const mixtures = [...Array(9).keys()].flatMap((erasures) =>
  [0, 1, 2, 3, 4].map((errors) => ({ errors, erasures })),
);
const isFindable = ({ errors, erasures }: { errors: number; erasures: number }) =>
  2 * errors + erasures <= 8;

test("the code's generator is zero at eight neighbouring powers of γ, which has order 1,023", () => {
  expect(generator).toHaveLength(16);
  for (let power = -4; power <= 3; power++) {
    const at = powerOfGamma(power);
    expect(generator.reduce((value, symbol) => product(value, at) ^ symbol, 0)).toBe(0);
  }
  for (const divisor of [1023 / 3, 1023 / 11, 1023 / 31]) {
    expect(powerOfGamma(divisor)).not.toBe(1);
  }
  expect(powerOfGamma(1023)).toBe(1);
  expect(syndromesOf(generator)).toEqual(new Array(8).fill(0));
});

test("syndromesOf() is the word's value at those powers, whatever the word", () => {
  for (let seed = 0; seed < 200; seed++) {
    const word = [...repeatable(seed)(1 + seed)].map((byte) => byte & 31);
    const expected = [-4, -3, -2, -1, 0, 1, 2, 3].map((power) => {
      const at = powerOfGamma(power);
      return word.reduce((value, symbol) => product(value, at) ^ symbol, 0);
    });
    expect(syndromesOf(word)).toEqual(expected);
    const left = difference(residue(word, [0, 0, 0]), [0, 0, 0]);
    expect(syndromesOf(left)).toEqual(expected);
  }
});

test("findFaults() finds nothing where nothing is wrong, whatever is erased", () => {
  const nothing = new Array<number>(8).fill(0);
  expect(findFaults(nothing, [], 111)).toEqual([]);
  for (const count of upTo(8)) {
    const erased = Array.from({ length: count }, (_, i) => 7 * i);
    const right = erased.map((offset) => ({ offset, value: 0 }));
    expect(findFaults(nothing, erased, 111)).toEqual(right);
  }
  expect(findFaults(nothing, [0, 1, 2, 3, 4, 5, 6, 7, 8], 111)).toBeUndefined();
});

test("findFaults() finds any one wrong symbol at any place of words up to 1,023 long", () => {
  for (const length of [16, 68, 111, 470, 889, 1023]) {
    for (let offset = 0; offset < length; offset += length > 200 ? 17 : 1) {
      for (const value of length > 200 ? [1, 31] : upTo(31)) {
        const fault = { offset, value };
        expect(findFaults(syndromesOf(leftBy([fault], length)), [], length)).toEqual([fault]);
      }
    }
  }
});

test("findFaults() finds any two wrong symbols of a key line, one of them wrong by 1", () => {
  // By 1 is enough: the code is linear, so that other values are multiples of these.
  let missed = 0;
  for (const [a, b] of choose([...Array(68).keys()], 2) as [number, number][]) {
    for (const value of upTo(31)) {
      const faults = [
        { offset: a, value: 1 },
        { offset: b, value },
      ];
      const found = findFaults(syndromesOf(leftBy(faults, 68)), [], 68);
      if (!Bun.deepEquals(found, faults)) missed++;
    }
  }
  expect(missed).toBe(0);
});

test.each(mixtures.filter(isFindable))(
  "findFaults() finds $errors errors and $erasures erasures, at any length",
  ({ errors, erasures }) => {
    const random = repeatable(100 * errors + erasures);
    for (const length of [16, 17, 24, 68, 111, 255, 470, 889, 1023]) {
      for (let round = 0; round < 20; round++) {
        const faults = brokenAt(length, errors + erasures, random);
        // which of them are erased: any; an erased symbol may happen to be right
        const erased = faults.toSorted((a, b) => a.value - b.value || a.offset - b.offset);
        erased.length = erasures;
        for (const fault of erased.slice(0, round % 3)) fault.value = 0;
        const offsets = erased.map(({ offset }) => offset);
        expect(findFaults(syndromesOf(leftBy(faults, length)), offsets, length)).toEqual(faults);
      }
    }
  },
);

test("findFaults() finds nothing where more is wrong than can be found, by sampling", () => {
  const random = repeatable(77);
  for (const { errors, erasures } of mixtures.filter((mixture) => !isFindable(mixture))) {
    for (let round = 0; round < 50; round++) {
      const length = [24, 68, 111, 470, 889][round % 5] as number;
      const all = brokenAt(length, errors + erasures, random);
      const erased = all.slice(0, erasures).map(({ offset }) => offset);
      expect(findFaults(syndromesOf(leftBy(all, length)), erased, length)).toBeUndefined();
    }
  }
});

test("findFaults() finds no more than it may, and nothing outside of the word", () => {
  const faults = brokenAt(111, 3, repeatable(8));
  const syndromes = syndromesOf(leftBy(faults, 111));
  expect(findFaults(syndromes, [], 111, 6)).toEqual(faults);
  expect(findFaults(syndromes, [], 111, 5)).toBeUndefined();
  expect(findFaults(syndromes, [faults[0]?.offset as number], 111, 5)).toEqual(faults);
  expect(findFaults(syndromes, [1, 2, 3, 4], 111, 3)).toBeUndefined();
  for (let before = 1; before <= 912; before += 91) {
    const outside = syndromesOf(leftBy([{ offset: 0, value: 5 }], 111 + before));
    expect(findFaults(outside, [], 111)).toBeUndefined();
    expect(findFaults(outside, [], 111 + before)).toEqual([{ offset: 0, value: 5 }]);
  }
});

test("findFaults() finds nothing where the one change would be to what is no symbol", () => {
  for (const value of [1, 31, 32, 33, 63, 64, 1023]) {
    const syndromes = syndromesOf(new Array<number>(15).fill(0));
    addSymbol(syndromes, value, 20); // of GF(1024), of which symbols are the first 32
    const found = findFaults(syndromes, [], 111);
    expect(found).toEqual(value < 32 ? [{ offset: 90, value }] : undefined);
  }
});

testOutside("findFaults() mends BIP-93's own long vector", "bip93_long.json", (text) => {
  const { valid } = JSON.parse(text) as { valid: string[] };
  const random = repeatable(93);
  for (const line of valid) {
    const symbols = Array.from(line.slice("ms1".length), (c) => alphabet.indexOf(c));
    for (const { errors, erasures } of mixtures.filter(isFindable)) {
      const faults = brokenAt(symbols.length, errors + erasures, random);
      const word = symbols.slice();
      for (const { offset, value } of faults) word[offset] = (word[offset] as number) ^ value;
      const rest = residue(word, toResidue(0x23181b3n));
      const left = difference(rest, toResidue(0x43381e570bf4798ab26n));
      const erased = faults.slice(0, erasures).map(({ offset }) => offset);
      expect(findFaults(syndromesOf(left), erased, symbols.length)).toEqual(faults);
    }
  }
});

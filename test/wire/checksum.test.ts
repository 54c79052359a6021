import { expect, test } from "bun:test";
import {
  checkSymbols,
  checksum,
  isLong,
  type Residue,
  residue,
  toResidue,
  verifies,
} from "../../lib/wire/checksum.ts";
import { choose, repeatable, upTo } from "../core/helpers.ts";
import { alphabet, checkOf, expandHrp, polymod, target } from "../oracle/text.ts";
import { testOutside } from "../outside-vectors.ts";
import { brokenAt } from "../typing/bch-oracle.ts";

const hrps = ["wdshare", "wdsealed", "wdpub", "wdkey"];
const fiveBits = (length: number, seed: number) => repeatable(seed)(length).map((b) => b & 31);
const word = (hrp: string, data: Uint8Array) => Uint8Array.of(...data, ...checksum(hrp, data));
const joined = ([high, middle, low]: Residue) =>
  (BigInt(high) << 50n) | (BigInt(middle) << 25n) | BigInt(low);

test("the target is the first 75 bits of SHA-256(worstday text 1)", () => {
  expect(target.toString(16)).toBe("374a209b52f883c3364");
});

test("residue() is BIP-93's polymod on big integers, from any residue, at lengths 0 to 200", () => {
  for (let length = 0; length <= 200; length++) {
    const symbols = fiveBits(length, length);
    const from = BigInt(`0x${repeatable(length + 7)(9).toHex()}`);
    expect(joined(residue(symbols, toResidue(from)))).toBe(polymod([...symbols], from));
  }
});

test("toResidue() keeps all 75 bits", () => {
  for (let bit = 0n; bit < 75n; bit++) expect(joined(toResidue(1n << bit))).toBe(1n << bit);
});

test("checksum() gives the 15 symbols that the big-integer code gives, at every length", () => {
  expect(checkSymbols).toBe(15);
  for (const hrp of hrps) {
    for (let length = 0; length <= 120; length++) {
      const data = fiveBits(length, length);
      expect(checksum(hrp, data)).toEqual(checkOf(hrp, [...data]));
      expect(verifies(hrp, word(hrp, data))).toBe(true);
    }
  }
});

test("checksum() is a hash in words of more than 1,023 symbols, the human-readable part's among them", () => {
  for (const hrp of hrps) {
    const last = 1023 - (2 * hrp.length + 1) - 15;
    for (let length = last - 20; length <= last + 20; length++) {
      const data = fiveBits(length, length);
      expect(isLong(hrp, length + 15)).toBe(length > last);
      expect(checksum(hrp, data)).toEqual(checkOf(hrp, [...data]));
      expect(verifies(hrp, word(hrp, data))).toBe(true);
      const limited = residue(word(hrp, data), residue(expandHrp(hrp), [0, 0, 1]));
      expect(joined(limited) === target).toBe(length <= last);
    }
  }
});

test("verifies() refuses any one wrong symbol of a long word, and any other length", () => {
  const symbols = word("wdsealed", fiveBits(2615, 1));
  for (const [place, symbol] of symbols.entries()) {
    expect(verifies("wdsealed", symbols.with(place, symbol ^ (1 << (place % 5))))).toBe(false);
  }
  for (let length = 15; length < symbols.length; length++) {
    expect(verifies("wdsealed", symbols.subarray(0, length))).toBe(false);
  }
  expect(verifies("wdshares", symbols)).toBe(false);
});

test("verifies() refuses the symbols of one human-readable part under another", () => {
  const data = fiveBits(53, 1);
  for (const a of hrps) {
    for (const b of [...hrps, "", "wd", "WDSHARE"]) {
      expect(verifies(b, word(a, data))).toBe(a === b);
    }
  }
});

test("residue() is linear, so that errors show whatever the token", () => {
  for (let seed = 0; seed < 200; seed++) {
    const [a, b] = [fiveBits(68, seed), fiveBits(68, seed + 1000)];
    const sum = residue(
      a.map((symbol, i) => symbol ^ (b[i] as number)),
      [0, 0, 1],
    );
    const [one, other] = [residue(a, [0, 0, 1]), residue(b, [0, 0, 0])];
    expect(sum).toEqual(one.map((limb, i) => limb ^ (other[i] as number)) as Residue);
  }
});

test("every 1 to 3 wrong symbols of a key line leave a residue", () => {
  const length = 68; // wdkey and wdpub: 33 bytes, with the checksum; shorter words are parts of it
  const table = Array.from({ length }, (_, place) =>
    upTo(31).map((error) => residue(new Array(length).fill(0).with(place, error), [0, 0, 0])),
  );
  const lowsByUpper = new Map<number, number[]>([[0, [0]]]); // no error at all counts as well
  for (const [high, middle, low] of table.flat()) {
    const upper = high * 2 ** 25 + middle;
    lowsByUpper.set(upper, [...(lowsByUpper.get(upper) ?? []), low]);
  }
  const sums = [...lowsByUpper].flatMap(([upper, lows]) => lows.map((low) => `${upper} ${low}`));
  expect(new Set(sums).size).toBe(length * 31 + 1); // one wrong symbol shows, and which it is
  let missed = 0;
  for (const [a, b] of choose(table, 2) as [Residue[], Residue[]][]) {
    for (const x of a) {
      for (const y of b) {
        const upper = (x[0] ^ y[0]) * 2 ** 25 + (x[1] ^ y[1]);
        if (lowsByUpper.get(upper)?.includes(x[2] ^ y[2])) missed++;
      }
    }
  }
  expect(missed).toBe(0);
});

test("verifies() refuses 1 to 8 wrong symbols anywhere in lines of every kind, by sampling", () => {
  const random = repeatable(5);
  let missed = 0;
  for (const [hrp, length] of [
    ["wdkey", 53],
    ["wdshare", 95],
    ["wdshare", 455],
    ["wdsealed", 874],
  ] as const) {
    const data = fiveBits(length, length);
    const symbols = word(hrp, data);
    for (let round = 0; round < 1000; round++) {
      const wrong = symbols.slice();
      for (const { offset, value } of brokenAt(symbols.length, 1 + (round % 8), random)) {
        wrong[offset] = (wrong[offset] as number) ^ value;
      }
      if (verifies(hrp, wrong)) missed++;
    }
  }
  expect(missed).toBe(0);
});

test("verifies() refuses up to 15 wrong symbols that stand together", () => {
  const symbols = word("wdkey", fiveBits(53, 9));
  const random = repeatable(6);
  for (let start = 0; start < symbols.length; start++) {
    for (let length = 1; length <= 15; length++) {
      const burst = [...random(length)].map((byte, i) => (i === 0 ? byte & 31 || 1 : byte & 31));
      const wrong = symbols.map((symbol, i) => symbol ^ (burst[i - start] ?? 0));
      expect(verifies("wdkey", wrong)).toBe(false);
    }
  }
});

test("verifies() refuses two neighbours that changed places, one symbol missing and one added", () => {
  const symbols = word("wdshare", fiveBits(95, 4));
  const spliced = (...change: [at: number, surplus: number, ...added: number[]]) =>
    Uint8Array.from([...symbols].toSpliced(...change));
  for (const [i, symbol] of symbols.entries()) {
    const next = symbols[i + 1];
    expect(verifies("wdshare", spliced(i, 1))).toBe(false);
    if (next !== undefined && next !== symbol) {
      expect(verifies("wdshare", symbols.with(i, next).with(i + 1, symbol))).toBe(false);
    }
    for (let added = 0; added < 32; added++) {
      expect(verifies("wdshare", spliced(i, 0, added))).toBe(false);
    }
  }
});

testOutside("residue() verifies BIP-93's own long vector", "bip93_long.json", (text) => {
  const { valid } = JSON.parse(text) as { valid: string[] };
  expect(valid.length).toBeGreaterThan(0);
  for (const line of valid) {
    const symbols = Array.from(line.slice("ms1".length), (c) => alphabet.indexOf(c));
    const initial = toResidue(0x23181b3n);
    expect(residue(symbols, initial)).toEqual(toResidue(0x43381e570bf4798ab26n));
    for (const [i, symbol] of symbols.entries()) {
      const wrong = residue(symbols.with(i, symbol ^ 1), initial);
      expect(wrong).not.toEqual(toResidue(0x43381e570bf4798ab26n));
    }
  }
});

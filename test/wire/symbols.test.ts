import { expect, test } from "bun:test";
import { noSymbol, toBytes, toCharacter, toSymbol, toSymbols } from "../../lib/wire/symbols.ts";
import { repeatable, upTo } from "../core/helpers.ts";
import { alphabet, symbolsOf } from "../oracle/text.ts";

test("toSymbol() takes the 32 characters in either case and no other byte, and toCharacter() undoes it", () => {
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code).toLowerCase();
    expect([code, toSymbol(code)]).toEqual([code, alphabet.indexOf(character)]);
  }
  const characters = upTo(32).map((i) => toCharacter(i - 1));
  expect(String.fromCharCode(...characters)).toBe(alphabet);
  expect([...Uint8Array.of(toSymbol(0x3f))]).toEqual([noSymbol]);
});

test("toSymbols() is the oracle's for every length to 40, and toBytes() undoes it", () => {
  for (const bytes of upTo(41).map((i) => repeatable(i)(i - 1))) {
    const symbols = toSymbols(bytes);
    expect([...symbols]).toEqual(symbolsOf(bytes));
    expect(toBytes(symbols)).toEqual(bytes);
  }
});

test("toBytes() has nothing for padding that is not fewer than five zero bits", () => {
  for (let length = 0; length <= 16; length++) {
    const paddingBits = (length * 5) % 8;
    const zeros = new Uint8Array(length);
    expect(toBytes(zeros)?.length).toBe(paddingBits < 5 ? Math.floor((length * 5) / 8) : undefined);
    if (paddingBits >= 5) continue;
    for (let bit = 0; bit < paddingBits; bit++) {
      expect(toBytes(zeros.with(-1, 1 << bit))).toBeUndefined();
    }
    if (length > 0) expect(toBytes(zeros.with(-1, 1 << paddingBits))).toBeDefined();
  }
});

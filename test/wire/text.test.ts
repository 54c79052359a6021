import { expect, test } from "bun:test";
import fc from "fast-check";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { placeOf } from "../../lib/typing/groups.ts";
import {
  decodeText,
  decodeVersioned,
  encodeText,
  type Hrp,
  hrpOf,
  hrps,
} from "../../lib/wire/text.ts";
import { codeOf, expectFailure, failureOf, flipped, repeatable } from "../core/helpers.ts";
import { alphabet, symbolsOf, textOf, tokenOf, tokenOfBytes, upper } from "../oracle/text.ts";
import { readToken } from "./read-token.ts";

const key = encodeText("wdkey", Uint8Array.of(1, ...repeatable(1)(32)));

test("encodeText() and decodeText() undo each other at every length from 1 to 600 bytes", () => {
  for (const hrp of hrps) {
    for (let length = 1; length <= 600; length++) {
      const data = repeatable(length)(length);
      const token = encodeText(hrp, data);
      expect(textOf(token)).toBe(textOf(tokenOfBytes(hrp, data)));
      expect(decodeText(token)).toEqual({ hrp, data });
      expect(decodeText(upper(token))).toEqual({ hrp, data });
    }
  }
});

test("encodeText() and decodeText() undo each other for any bytes", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 620 });
  fc.assert(
    fc.property(fc.constantFrom(...hrps), bytes, (hrp, data) => {
      expect(decodeText(encodeText(hrp, data))).toEqual({ hrp, data });
    }),
  );
});

test("encodeText() gives lower case of the alphabet only, and leaves the data as it was", () => {
  const data = repeatable(3)(200);
  const text = textOf(encodeText("wdshare", data));
  expect(text).toMatch(/^wdshare1[02-9ac-hj-np-z]{335}$/);
  expect(data).toEqual(repeatable(3)(200));
});

test("encodeText() maps each symbol to its character of the alphabet", () => {
  for (const [symbol, character] of [...alphabet].entries()) {
    const data = Uint8Array.of(symbol << 3, 0);
    expect(textOf(encodeText("wdpub", data)).slice(6, 8)).toBe(`${character}q`);
    expect(symbolsOf(data)[0]).toBe(symbol);
  }
});

test("hrpOf() tells the four kinds in either case, and nothing else", () => {
  for (const hrp of hrps) {
    expect(hrpOf(ascii(`${hrp}1`))).toBe(hrp);
    expect(hrpOf(ascii(`${hrp.toUpperCase()}1qq`))).toBe(hrp);
    for (let length = 0; length <= hrp.length; length++) {
      expect(hrpOf(ascii(`${hrp}1`.slice(0, length)))).toBeUndefined();
    }
  }
  for (const other of ["", "1", "wd1", " wdpub1", "#wdpub1", "wdpub2", "age1", "wdshares1"]) {
    expect(hrpOf(ascii(other))).toBeUndefined();
  }
});

test("decodeText() refuses every other byte at every place of a token", async () => {
  const tokens = [key, upper(key)];
  for (const token of tokens) {
    for (let place = 0; place < token.length; place++) {
      for (let byte = 0; byte < 256; byte++) {
        if (byte === token[place]) continue;
        expect(codeOf(() => decodeText(token.with(place, byte)))).toBe("malformed");
      }
    }
  }
});

test("decodeText() refuses every bit turned over, every prefix and every byte left out", () => {
  for (let bit = 0; bit < key.length * 8; bit++) {
    expect(codeOf(() => decodeText(flipped(key, bit)))).toBe("malformed");
  }
  for (let length = 0; length < key.length; length++) {
    expect(codeOf(() => decodeText(key.subarray(0, length)))).toBe("malformed");
    const without = concat(key.subarray(0, length), key.subarray(length + 1));
    expect(codeOf(() => decodeText(without))).toBe("malformed");
  }
});

test("decodeText() says what kinds it expects where a line is none of them", async () => {
  for (const other of ["", "hello", "age1qqq", "wdshar1qqq", "bc1qqqqqqqqqqqqqqqqqqqqqqqqq"]) {
    await expectFailure("malformed", /expected.*wdshare1.*wdkey1/, () => decodeText(ascii(other)));
  }
});

test("explain() names the place of a character that is not in use, but not the character", async () => {
  for (let place = 0; place < 68; place++) {
    const failure = await expectFailure("malformed", /unreadable/, () =>
      readToken(key.with(6 + place, 0x62)),
    );
    expect(failure.message).toEndWith(`: ${placeOf(place)}`);
    expect(failure.message).not.toContain('"b"');
  }
});

test("explain() refuses a letter of the other case at any place", async () => {
  for (const [place, byte] of key.entries()) {
    if (byte < 0x40) continue;
    const mixed = key.with(place, byte ^ 0x20);
    await expectFailure("malformed", /case.*mixed/, () => readToken(mixed));
  }
});

test("decodeText() refuses 15 symbols and fewer as too short", async () => {
  for (let length = 0; length <= 15; length++) {
    const token = ascii(`wdpub1${"q".repeat(length)}`);
    await expectFailure("malformed", /too short/, () => readToken(token));
  }
  await expectFailure("malformed", /too short/, () => readToken(tokenOf("wdpub", [])));
});

test("decodeText() takes up to 1,023 symbols, the human-readable part's among them", async () => {
  for (const hrp of hrps) {
    const most = 1023 - (2 * hrp.length + 1) - 15;
    const bytes = Math.floor((most * 5) / 8);
    expect(decodeText(tokenOfBytes(hrp, new Uint8Array(bytes))).data).toHaveLength(bytes);
    const longest = tokenOf(hrp, new Array(most).fill(0));
    expect((await failureOf(() => readToken(concat(longest, ascii("q"))))).message).toMatch(
      /too long/,
    );
    expect(codeOf(() => decodeText(tokenOf(hrp, new Array(most + 1).fill(0))))).toBe("malformed");
    const huge = tokenOf(hrp, new Array(most + 900).fill(0));
    await expectFailure("malformed", /too long/, () => readToken(huge));
  }
});

test("explain() names the place of a wrong symbol, with a hint", async () => {
  const wrong = key.with(20, key[20] === 0x71 ? 0x70 : 0x71);
  const { message, hint } = await failureOf(() => readToken(wrong));
  expect(message).toBe("1 symbol looks wrong: group 4, symbol 3");
  expect(hint).toMatch(/paper/);
});

test("decodeText() refuses padding that is not zero, every way there is", async () => {
  for (let length = 1; length <= 5; length++) {
    const symbols = symbolsOf(new Uint8Array(length).fill(0xff));
    const spare = symbols.length * 5 - length * 8;
    for (let padding = 1; padding < 2 ** spare; padding++) {
      const last = (symbols.at(-1) as number) | padding;
      const token = tokenOf("wdkey", symbols.with(-1, last));
      await expectFailure("malformed", /padding/, () => decodeText(token));
    }
  }
});

test("decodeText() refuses a surplus symbol of padding, at every length", async () => {
  for (let count = 1; count <= 120; count++) {
    const token = tokenOf("wdkey", new Array(count).fill(0));
    const bytes = Math.floor((count * 5) / 8);
    if (symbolsOf(new Uint8Array(bytes)).length === count) {
      expect(decodeText(token).data).toEqual(new Uint8Array(bytes));
    } else {
      await expectFailure("malformed", /padding/, () => decodeText(token));
    }
  }
});

test("explain() finds a second line behind the first, of any kinds and cases", async () => {
  for (const first of hrps) {
    for (const second of hrps) {
      const [a, b] = [first, second].map((hrp: Hrp) => encodeText(hrp, repeatable(2)(33)));
      for (const [one, two] of [
        [a, b],
        [upper(a as Uint8Array), b],
        [a, upper(b as Uint8Array)],
      ]) {
        const both = concat(one as Uint8Array, two as Uint8Array);
        const failure = await failureOf(() => readToken(both));
        expect([failure.code, failure.hint]).toEqual([
          "malformed",
          expect.stringMatching(/newline/),
        ]);
        expect(failure.message).toMatch(/second line.*character 69/);
      }
    }
  }
});

test("explain() finds a second line at every place behind the HRP of the first", async () => {
  const token = encodeText("wdpub", repeatable(2)(33));
  for (let length = 6; length <= token.length; length++) {
    const both = concat(token.subarray(0, length), ascii("wdkey1"));
    const words = new RegExp(`second line begins at character ${length - 5} after wdpub1`);
    await expectFailure("malformed", words, () => readToken(both));
  }
});

test("explain() finds mixed case in a line with an unreadable symbol, whatever is in the other case", async () => {
  const token = encodeText("wdpub", repeatable(2)(33)).with(10, 0x3f);
  for (const character of upper(ascii("qpzrxgftvdwsjnkhcemual"))) {
    await expectFailure("malformed", /mixed/, () => readToken(token.with(40, character)));
  }
});

test("explain() refuses any bytes at all with malformed and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1100 }), fc.constantFrom("", ...hrps), (bytes, hrp) => {
      expect(codeOf(() => readToken(bytes))).toBe("malformed");
      expect(codeOf(() => readToken(concat(ascii(`${hrp}1`), bytes)))).toBe("malformed");
    }),
    { numRuns: 2000 },
  );
});

test("decodeText() leaves the token as it was, and its data is a copy", () => {
  const token = key.slice();
  const { data } = decodeText(token);
  data.fill(0);
  expect(token.toHex()).toBe(key.toHex());
});

test("messages never hold symbols of the token", async () => {
  const wrong = [key.with(20, 0x62), key.subarray(0, 60), upper(key).with(9, key[9] as number)];
  for (const token of wrong) {
    const { message, hint } = await failureOf(() => decodeText(token));
    for (let i = 6; i + 5 < token.length; i++) {
      expect(`${message} ${hint}`.toLowerCase()).not.toContain(textOf(token.subarray(i, i + 5)));
    }
  }
});

test("decodeVersioned() gives what is behind the version byte", () => {
  const token = tokenOfBytes("wdpub", ascii("\x01behind it"));
  expect(textOf(decodeVersioned("wdpub", token))).toBe("behind it");
});

import { expect, test } from "bun:test";
import fc from "fast-check";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { decodeText, encodeText, hrpOf, hrps } from "../../lib/wire/text.ts";
import { codeOf, expectFailure, failureOf, repeatable, upTo } from "../core/helpers.ts";
import { symbolsOf, textOf, tokenOf, tokenOfBytes, upper } from "../oracle/text.ts";
import { readToken } from "./read-token.ts";

const key = encodeText("wdkey", Uint8Array.of(1, ...repeatable(1)(32)));

test("encodeText() and decodeText() undo each other at every length from 1 to 600 bytes", () => {
  for (const hrp of hrps) {
    for (let length = 1; length <= 600; length++) {
      const data = repeatable(length)(length);
      const token = encodeText(hrp, data);
      expect(data).toEqual(repeatable(length)(length));
      expect(textOf(token)).toBe(textOf(tokenOfBytes(hrp, data)));
      expect(decodeText(token)).toEqual({ hrp, data });
      expect(decodeText(upper(token))).toEqual({ hrp, data });
    }
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

test("decodeText() refuses every other byte at every place of a token, and none at all", () => {
  for (const token of [key, upper(key)]) {
    for (const [place, right] of token.entries()) {
      const without = concat(token.subarray(0, place), token.subarray(place + 1));
      expect(codeOf(() => decodeText(without))).toBe("malformed");
      for (let byte = 0; byte < 256; byte++) {
        const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
        if (byte === right || (isLetter && (byte | 0x20) === (right | 0x20))) continue;
        expect(codeOf(() => decodeText(token.with(place, byte)))).toBe("malformed");
      }
    }
  }
});

test("decodeText() takes every letter in either case", () => {
  for (const [place, byte] of key.entries()) {
    const other = byte >= 0x40 ? key.with(place, byte ^ 0x20) : key;
    expect(decodeText(other)).toEqual(decodeText(key));
  }
});

test("decodeText() says what kinds it expects where a line is none of them", async () => {
  for (const other of ["", "hello", "age1qqq", "wdshar1qqq", "bc1qqqqqqqqqqqqqqqqqqqqqqqqq"]) {
    await expectFailure("malformed", /expected.*wdshare1.*wdkey1/, () => decodeText(ascii(other)));
  }
});

test("decodeText() refuses 15 symbols and fewer as too short", async () => {
  for (let length = 0; length <= 15; length++) {
    const token = ascii(`wdpub1${"q".repeat(length)}`);
    await expectFailure("malformed", /too short/, () => readToken(token));
  }
  await expectFailure("malformed", /too short/, () => readToken(tokenOf("wdpub", [])));
});

test("decodeText() takes longer tokens, and nothing is located in those of more than 1,023 symbols", async () => {
  for (const hrp of hrps) {
    const last = Math.floor(((1023 - (2 * hrp.length + 1) - 15) * 5) / 8); // as many bytes are short
    for (const length of [last - 1, last, last + 1, last + 2, 1226, 1634, 2400]) {
      const data = repeatable(length)(length);
      const token = encodeText(hrp, data);
      expect(textOf(token)).toBe(textOf(tokenOfBytes(hrp, data)));
      const mixed = upper(token).with(2, token[2] as number);
      for (const one of [token, upper(token), mixed]) expect(readToken(one)).toEqual({ hrp, data });
      if (length < last + 2) continue; // at the boundary, one symbol less is a short word
      const q = token[100] === 0x71 ? 0x70 : 0x71;
      const wrong = [token.with(100, q), token.with(-1, 0x3f), token.with(99, 0x62)];
      for (const one of [...wrong, token.subarray(0, -1), concat(token, ascii("qq"))]) {
        const { hint } = await expectFailure("malformed", /^the checksum does not match$/, () =>
          readToken(one),
        );
        expect(hint).toBe(
          "errors in a line this long cannot be located: copy the whole line again",
        );
      }
      await expectFailure("malformed", /second line/, () => readToken(concat(token, key)));
    }
  }
});

test("decodeText() refuses padding that is not zero, every way there is, and a surplus symbol", async () => {
  for (const length of upTo(5)) {
    const symbols = symbolsOf(new Uint8Array(length).fill(0xff));
    const spare = symbols.length * 5 - length * 8;
    for (let padding = 1; padding < 2 ** spare; padding++) {
      const token = tokenOf("wdkey", symbols.with(-1, (symbols.at(-1) as number) | padding));
      await expectFailure("malformed", /padding/, () => decodeText(token));
    }
  }
  for (const count of upTo(120)) {
    const token = tokenOf("wdkey", new Array(count).fill(0));
    const bytes = Math.floor((count * 5) / 8);
    const isRight = symbolsOf(new Uint8Array(bytes)).length === count;
    if (isRight) expect(decodeText(token).data).toEqual(new Uint8Array(bytes));
    else await expectFailure("malformed", /padding/, () => decodeText(token));
  }
});

test("explain() finds a second line behind the first, of any kinds and cases", async () => {
  const lines = hrps.map((hrp) => encodeText(hrp, repeatable(2)(33)));
  for (const a of lines) {
    for (const b of lines) {
      for (const both of [concat(a, b), concat(upper(a), b), concat(a, upper(b))]) {
        const words = /second line.*character 69/;
        const { hint } = await expectFailure("malformed", words, () => readToken(both));
        expect(hint).toMatch(/newline/);
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
  const wrong = [key.with(20, 0x62), key.subarray(0, 60), upper(key).with(9, 0x62)];
  for (const token of wrong) {
    const { message, hint } = await failureOf(() => decodeText(token));
    for (let i = 6; i + 5 < token.length; i++) {
      expect(`${message} ${hint}`.toLowerCase()).not.toContain(textOf(token.subarray(i, i + 5)));
    }
  }
});

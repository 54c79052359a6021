import { expect, setDefaultTimeout, test } from "bun:test";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { correct } from "../../lib/typing/explain.ts";
import { placeOf } from "../../lib/typing/groups.ts";
import { decodeLine } from "../../lib/wire/lines.ts";
import { decodeText, encodeText, type Hrp } from "../../lib/wire/text.ts";
import { codeOf, expectFailure, failureOf, repeatable, upTo } from "../core/helpers.ts";
import { alphabet, checkOf, symbolsOf, textOf, tokenOf, upper } from "../oracle/text.ts";
import { mistyped, readToken } from "../wire/read-token.ts";
import { brokenAt } from "./bch-oracle.ts";

setDefaultTimeout(60_000); // for a busy machine

const tokenFor = (hrp: Hrp, bytes: number, seed = bytes) =>
  encodeText(hrp, concat(Uint8Array.of(1), repeatable(seed)(bytes - 1)));
const key = tokenFor("wdkey", 33);
const share = tokenFor("wdshare", 60);
const real = [key, tokenFor("wdpub", 33), tokenFor("wdshare", 29), share];
const longest = [tokenFor("wdshare", 284), tokenFor("wdsealed", 546)];
const long = [tokenFor("wdpub", 1217), tokenFor("wdwriter", 73), tokenFor("wdupdate", 1285)];
const startOf = (token: Uint8Array) => token.indexOf(0x31) + 1;
const question = 0x3f;

/** The token without some symbols behind this offset, and with others in their place. */
function spliced(token: Uint8Array, offset: number, removed: number, added = ""): Uint8Array {
  const at = startOf(token) + offset;
  return concat(token.subarray(0, at), ascii(added), token.subarray(at + removed));
}

/** What readToken() says; and correct() must give the right token, or fail in the same words. */
async function said(token: Uint8Array, right?: Uint8Array): Promise<string> {
  const { code, message } = await failureOf(() => readToken(token));
  expect(code).toBe("malformed");
  if (right) expect(textOf(correct(token)?.token as Uint8Array)).toBe(textOf(right));
  else expect((await failureOf(() => correct(token))).message).toBe(message);
  return message;
}

test("any one wrong symbol of a line is located and corrected", async () => {
  for (const token of real) {
    for (let offset = 0; offset < token.length - startOf(token); offset++) {
      for (const value of token === key ? upTo(31) : [1 + (offset % 31)]) {
        const wrong = mistyped(token, offset, value);
        expect(await said(wrong, token)).toBe(`1 symbol looks wrong: ${placeOf(offset)}`);
      }
    }
  }
});

test("two to four wrong symbols are located in lines of every length", async () => {
  const random = repeatable(34);
  const lengths = Array.from({ length: 256 }, (_, i) => ["wdshare", 29 + i] as const);
  for (const [hrp, bytes] of [...lengths, ["wdsealed", 138], ["wdsealed", 546]] as const) {
    const token = tokenFor(hrp, bytes);
    for (const count of [2, 3, 4]) {
      const faults = brokenAt(token.length - startOf(token), count, random);
      let wrong = token;
      for (const { offset, value } of faults) wrong = mistyped(wrong, offset, value);
      const places = faults.map(({ offset }) => placeOf(offset)).join("; ");
      expect(await said(wrong, token)).toBe(`${count} symbols look wrong: ${places}`);
      expect(correct(upper(wrong))?.token).toEqual(token);
    }
  }
});

test("up to eight unreadable symbols are filled in, whatever stands for them", async () => {
  const random = repeatable(8);
  const others = [...ascii("?bBiIoO1#!@[_`{~'")];
  for (const token of [...real, ...longest]) {
    for (let count = 1; count <= 8; count++) {
      const offsets = brokenAt(token.length - startOf(token), count, random).map((f) => f.offset);
      let wrong = token;
      for (const offset of offsets) {
        const other = others[(random(1)[0] as number) % others.length] as number;
        wrong = wrong.with(startOf(token) + offset, other);
      }
      const symbols = count === 1 ? "1 symbol is" : `${count} symbols are`;
      expect(await said(wrong, token)).toBe(
        `${symbols} unreadable, and can be filled in: ${offsets.map(placeOf).join("; ")}`,
      );
    }
  }
});

test("every byte that is no symbol is an unreadable one of no case, at every place of a key", () => {
  for (let offset = 0; offset < 68; offset++) {
    const places = placeOf(offset);
    for (let byte = 0; byte < 256; byte++) {
      if (alphabet.includes(String.fromCharCode(byte).toLowerCase())) continue;
      for (const line of [key, upper(key)]) {
        const wrong = line.with(startOf(key) + offset, byte);
        const says = `1 symbol is unreadable, and can be filled in: ${places}`;
        expect(correct(wrong)).toMatchObject({ token: key, says });
      }
    }
  }
});

test("wrong and unreadable symbols are told apart, and two unreadable ones count as one wrong", async () => {
  const spoil = (errors: number, erasures: number) => {
    let wrong = share;
    for (let i = 0; i < errors; i++) wrong = mistyped(wrong, 8 * i + 1, 5);
    for (let i = 0; i < erasures; i++) wrong = wrong.with(startOf(share) + 8 * i + 50, question);
    return wrong;
  };
  expect(await said(spoil(2, 3), share)).toBe(
    "2 symbols look wrong: group 1, symbol 2; group 3, symbol 2; 3 symbols are unreadable, " +
      "and can be filled in: group 13, symbol 3; group 15, symbol 3; group 17, symbol 3",
  );
  for (let errors = 0; errors <= 5; errors++) {
    for (let erasures = 0; erasures <= 7; erasures++) {
      if (errors + erasures === 0) continue;
      const isLocated = 2 * errors + erasures <= 8;
      const lost = erasures === 0 ? /^the checksum does not match$/ : /^[1-7] symbols? (is|are) un/;
      const message = await said(spoil(errors, erasures), isLocated ? share : undefined);
      expect(message).toMatch(isLocated ? /look|filled in/ : lost);
      if (!isLocated) expect(message).not.toContain("filled in");
    }
  }
});

test("more than eight unreadable symbols are not all listed", async () => {
  const places = Array.from({ length: 8 }, (_, i) => placeOf(i)).join("; ");
  for (const count of [9, 60]) {
    const wrong = spliced(share, 0, count, "?".repeat(count));
    expect(await said(wrong)).toBe(`${count} symbols are unreadable: ${places}; …`);
  }
  const places4 = Array.from({ length: 8 }, (_, i) => placeOf(4 + i)).join("; ");
  const surplus = spliced(spliced(share, 4, 5, "?????"), 4, 0, "????"); // without four of them, it could be filled in
  expect(await said(surplus)).toBe(`9 symbols are unreadable: ${places4}; …`);
  const eight = mistyped(spliced(share, 0, 8, "????????"), 20, 1);
  expect(await said(eight)).toBe(`8 symbols are unreadable: ${places}`);
});

test("a missing symbol is found at every place, and where its like stand beside it, the first", async () => {
  for (const token of [...real, ...longest]) {
    const count = token.length - startOf(token);
    for (let offset = 0; offset < count; offset += count > 200 ? 43 : 1) {
      let first = offset;
      const symbolAt = (at: number) => token[startOf(token) + at];
      while (first > 0 && symbolAt(first - 1) === symbolAt(offset)) first--;
      expect(await said(spliced(token, offset, 1), token)).toBe(
        `1 symbol is missing, near group ${Math.floor(first / 4) + 1}`,
      );
    }
  }
});

test("a symbol missing beside an unreadable one is taken to have been in front of it", async () => {
  for (let group = 1; group < 20; group++) {
    const wrong = spliced(share, 4 * group - 1, 2, "?");
    const [missing, unreadable] = [`1 symbol is missing, near group ${group}`, placeOf(4 * group)];
    const says = `${missing}; 1 symbol is unreadable, and can be filled in: ${unreadable}`;
    expect(await said(wrong, share)).toBe(says);
  }
});

test("unreadable symbols are told in front of and behind what is missing or too many", async () => {
  for (const places of [[60], [2, 60], [2, 9, 13], [50, 55, 61]]) {
    const spoilt = places.reduce((line, at) => line.with(startOf(line) + at, question), share);
    const filled = `can be filled in: ${places.map(placeOf).join("; ")}`;
    const symbols = places.length === 1 ? "1 symbol is" : `${places.length} symbols are`;
    expect(await said(spliced(spoilt, 20, 2), share)).toBe(
      `2 symbols are missing, near group 6; ${symbols} unreadable, and ${filled}`,
    );
    expect(await said(spliced(spoilt, 20, 0, "qpq"), share)).toMatch(
      new RegExp(`^3 symbols too many, near group [56]; ${symbols} .* ${filled}$`),
    );
  }
});

test("a symbol too many is found at every place", async () => {
  for (const token of [...real, ...longest]) {
    const count = token.length - startOf(token);
    for (let offset = 0; offset <= count; offset += count > 200 ? 43 : 1) {
      const added = alphabet.charAt((offset * 7) % 32);
      const message = await said(spliced(token, offset, 0, added), token);
      const group = Number(/^1 symbol too many, near group (\d+)$/.exec(message)?.[1]);
      expect(Math.abs(group - 1 - offset / 4)).toBeLessThanOrEqual(1);
    }
  }
});

test("a group or part of it that is missing or typed twice is found, wherever a line has it", async () => {
  for (const token of [...real, ...longest]) {
    const count = token.length - startOf(token);
    for (let offset = 0; offset + 4 <= count; offset += count > 200 ? 104 : 4) {
      const size = 4 - ((offset / 4) % 3);
      const part = textOf(token.subarray(startOf(token) + offset)).slice(0, size);
      const near = `near group (${offset / 4}|${offset / 4 + 1})$`;
      expect(await said(spliced(token, offset, size), token)).toMatch(
        new RegExp(`^${size} symbols are missing, ${near}`),
      );
      expect(await said(spliced(token, offset, 0, part), token)).toMatch(
        new RegExp(`^${size} symbols too many, ${near}`),
      );
    }
  }
});

test("a missing or surplus symbol counts as a wrong one beside others", async () => {
  const wrong = mistyped(mistyped(share, 70, 3), 90, 4);
  const missing = spliced(wrong, 20, 1);
  const message = await said(missing, share);
  expect(message).toMatch(/^1 symbol is missing, near group \d+; 2 symbols look wrong: /);
  expect(message).toEndWith("group 18, symbol 3; group 23, symbol 3"); // as on paper
  const surplus = spliced(mistyped(wrong, 100, 5), 20, 0, "z");
  expect(await said(surplus, share)).toMatch(/^1 symbol too many, .*; 3 symbols look wrong: /);
  expect(await said(spliced(share, 20, 0, "?b"), share)).toBe("2 symbols too many, near group 6");
  const tooMuch = [spliced(mistyped(wrong, 100, 5), 20, 1), spliced(share, 20, 5)];
  for (const token of tooMuch) expect(await said(token)).toBe("the checksum does not match");
});

test("five and more wrong symbols, or lines of noise, are not taken for fewer, by sampling", () => {
  const random = repeatable(5);
  let located = 0;
  for (const token of [...real, ...longest]) {
    const count = token.length - startOf(token);
    for (let round = 0; round < 16; round++) {
      let wrong = token;
      for (const { offset, value } of brokenAt(count, 5 + (round % 8), random)) {
        wrong = mistyped(wrong, offset, value);
      }
      if (codeOf(() => correct(wrong)) === "none") located++;
      const noise = [...random(count)].map((byte) => alphabet[byte & 31]).join("");
      if (codeOf(() => correct(spliced(token, 0, count, noise))) === "none") located++;
    }
  }
  expect(located).toBe(0);
});

test("what cannot be located says so, and hints at what may have happened", async () => {
  const parts = [share.subarray(0, 60), spliced(share, 0, 50), spliced(share, 30, 0, "qpzry")];
  for (const token of parts) {
    const { message, hint } = await failureOf(() => readToken(token));
    expect(message).toBe("the checksum does not match");
    expect(hint).toMatch(/^more than 4 symbols are mistyped, missing or added, or .* in two$/);
  }
});

test("a hint names the flag that corrects where the command takes it", async () => {
  for (const corrects of [true, false]) {
    const line = { where: "line 1", token: mistyped(share, 9, 1), corrects };
    const { hint } = await failureOf(() => decodeLine(line, decodeText));
    expect(hint).toStartWith("compare these places with the paper");
    expect(hint?.includes(", or add --accept-corrections")).toBe(corrects);
  }
});

test("an error in front of the symbols is not located in them", async () => {
  for (const [hrp, other] of [
    ["wdpub", "wdpuc"],
    ["wdkey", "wekey"],
  ] as const) {
    const data = symbolsOf(repeatable(6)(33));
    const symbols = [...data, ...checkOf(other, data)];
    const token = ascii(`${hrp}1${symbols.map((symbol) => alphabet[symbol]).join("")}`);
    expect(await said(token)).toBe("the checksum does not match");
  }
});

test("what would not be a line of ours is not suggested", async () => {
  const padded = symbolsOf(repeatable(7)(33)).map((symbol, i) => (i === 52 ? symbol | 1 : symbol));
  expect(await said(mistyped(tokenOf("wdkey", padded), 9, 1))).toMatch(/checksum/);
});

test("correct() leaves what is right, and refuses what is not only mistyped", async () => {
  for (const token of [...real, ...longest]) {
    expect(correct(token)).toBeUndefined();
    expect(correct(upper(token))).toBeUndefined();
  }
  const wrong = mistyped(share, 9, 1);
  const before = textOf(wrong);
  correct(wrong);
  expect(textOf(wrong)).toBe(before);
  const mixed = concat(wrong.subarray(0, 60), upper(wrong.subarray(60)));
  expect(correct(mixed)?.token).toEqual(share);
  await expectFailure("malformed", /second line/, () => correct(concat(wrong, share)));
  expect(correct(spliced(share, -1, 1))?.says).toBe("the line should begin with wdshare1");
  const both = mistyped(spliced(key, -1, 1), 9, 1); // only a share may have other faults too
  await expectFailure("malformed", /begins with/, () => correct(both));
  await expectFailure("malformed", /too short/, () => correct(ascii("wdshare1????")));
  const long = ascii(`wdshare1${"?".repeat(1100)}`);
  await expectFailure("malformed", /checksum does not match/, () => correct(long));
});

test("a mistyped prefix of any kind of line is named, whatever the length", async () => {
  for (const token of [...real, ...longest, ...long]) {
    const hrp = textOf(token.subarray(0, startOf(token) - 1));
    const says = `the line should begin with ${hrp}1`;
    for (const prefix of [`${hrp}l`, `vv${hrp.slice(1)}1`, hrp.replace(/.$/, "v1")]) {
      const wrong = concat(ascii(prefix), token.subarray(startOf(token)));
      expect(await said(wrong, token)).toBe(says);
      expect(await said(upper(wrong), token)).toBe(says);
    }
  }
});

test("messages hold no symbols, neither those given nor those that belong there", async () => {
  const spoilt = [
    mistyped(mistyped(share, 20, 4), 50, 3),
    spliced(share, 40, 1),
    spliced(share, 40, 4),
    spliced(share, 40, 0, "zzzz"),
    spliced(share, 40, 3, "?b?"),
    spliced(share, 40, 12, "?".repeat(12)),
  ];
  for (const token of spoilt) {
    const { message, hint } = await failureOf(() => readToken(token));
    expect(hint).toMatch(/^compare these places with the paper|^the checksum fills in at most 8, /);
    const said = `${message} ${hint}`.toLowerCase();
    for (const line of [token, share].map(textOf)) {
      for (let i = 8; i + 4 < line.length; i++) expect(said).not.toContain(line.slice(i, i + 4));
    }
  }
});

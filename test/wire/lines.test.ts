import { expect, test } from "bun:test";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { fail } from "../../lib/core/errors.ts";
import { decodeLine, readLines, readOnlyLine } from "../../lib/wire/lines.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { decodeText } from "../../lib/wire/text.ts";
import { codeOf, expectFailure, failureOf, repeatable } from "../core/helpers.ts";
import { textOf } from "../oracle/text.ts";

const bom = Uint8Array.of(0xef, 0xbb, 0xbf);
const read = (text: string, file?: string) =>
  readLines(ascii(text), file).map(({ where, token }) => `${where}: ${textOf(token)}`);

const tokens: [what: string, text: string, found: string[]][] = [
  ["one token a line", "aa\nbb\ncc\n", ["line 1: aa", "line 2: bb", "line 3: cc"]],
  ["a last line without a newline", "aa\r", ["line 1: aa"]],
  ["CRLF", "aa\r\nbb\r\n", ["line 1: aa", "line 2: bb"]],
  ["blanks and comments", "# x\n\naa\r\n   \n\t# y: \n- -\nbb", ["line 3: aa", "line 7: bb"]],
  ["spaces, tabs and hyphens anywhere", " a-b\tc  d--e- \t-f \n", ["line 1: abcdef"]],
  ["a comment at the beginning only", "# aa\naa # bb\n", ["line 2: aa#bb"]],
];

test.each(tokens)("readLines() takes %s", (_, text, found) => {
  expect(read(text)).toEqual(found);
  expect(read(text, "x.txt")).toEqual(found.map((line) => `x.txt: ${line}`));
});

test("readLines() takes no line of nothing, and no carriage return inside a line", async () => {
  for (const nothing of ["", "\n", "\n\n\n", "\r\n", " \t \n", "-\n", "# aa\n", "#", " \t# aa"]) {
    expect(read(nothing)).toEqual([]);
  }
  for (const text of ["a\ra\n", "aa\r\r\n", "\raa"]) {
    await expectFailure("malformed", /line 1: byte \d/, () => read(text));
  }
});

test("readLines() skips a byte-order mark at the very beginning only, and hints at others", async () => {
  expect(readLines(concat(bom, ascii("aa\n")))).toEqual([{ where: "line 1", token: ascii("aa") }]);
  expect(readLines(bom)).toEqual([]);
  const text = (before: Uint8Array) => concat(before, bom, ascii("aa"));
  const joined = await failureOf(() => readLines(text(ascii("x\n"))));
  expect(joined.message).toMatch(/line 2: byte 1 /);
  expect(joined.hint).toMatch(/byte order mark.* instead of using cat/);
  await expectFailure("malformed", /line 1: byte 1 /, () => readLines(text(bom)));
  await expectFailure("malformed", /line 1: byte 3 /, () => readLines(text(ascii("ab"))));
});

test("readLines() lets anything stand in a comment, of any length", () => {
  const every = Uint8Array.from({ length: 256 }, (_, i) => i).filter((byte) => byte !== 0x0a);
  const long = new Uint8Array(10_000).fill(0x80);
  const bytes = concat(ascii("#"), every, ascii("\n#"), long, ascii("\nok\n"));
  expect(readLines(bytes)).toEqual([{ where: "line 3", token: ascii("ok") }]);
});

test("readLines() takes every printable ASCII byte and refuses all others, at every place", () => {
  const dropped = [0x09, 0x20, 0x2d];
  for (let byte = 0; byte < 256; byte++) {
    for (const place of [1, 2, 3]) {
      const line = ascii("abcd").with(place, byte);
      if (byte === 0x0a || (byte === 0x0d && place === 3)) continue;
      if (byte === 0x09 || (byte >= 0x20 && byte <= 0x7e)) {
        const token = line.filter((b) => !dropped.includes(b));
        expect(readLines(line)).toEqual([{ where: "line 1", token }]);
      } else {
        expect(codeOf(() => readLines(line))).toBe("malformed");
      }
    }
  }
});

test("readLines() names file, line and byte of what is not ASCII, but not the byte", async () => {
  const bytes = concat(ascii("aa\n ab"), Uint8Array.of(0xc3, 0xa9), ascii("c\n"));
  const failure = await failureOf(() => readLines(bytes, "f.txt"));
  expect(failure.code).toBe("malformed");
  expect(failure.message).toMatch(/^f\.txt: line 2: byte 4 .*ASCII/);
  expect(failure.message).not.toMatch(/c3|195|0x/i);
  expect(failure.hint).toMatch(/letters, digits, spaces and hyphens/);
});

test("readLines() hints at UTF-16, of either byte order, with a mark and without", async () => {
  const wide = Buffer.from("wdshare1", "utf16le");
  const swapped = Buffer.from(wide).swap16();
  const marked = [
    concat(Uint8Array.of(0xff, 0xfe), wide),
    concat(Uint8Array.of(0xfe, 0xff), swapped),
  ];
  for (const bytes of [...marked, new Uint8Array(wide), new Uint8Array(swapped)]) {
    const { hint } = await expectFailure("malformed", /ASCII/, () => readLines(bytes));
    expect(hint).toMatch(/UTF-16/);
  }
});

test("readLines() takes lines up to 4,096 bytes", async () => {
  const longest = "a".repeat(4096);
  expect(read(`${longest}\r\nb`)).toEqual([`line 1: ${longest}`, "line 2: b"]);
  const tooLong = `b\n${longest}a\n`;
  await expectFailure("malformed", /line 2: longer than/, () => read(tooLong));
  await expectFailure("malformed", /line 2: longer than/, () => read(`b\n${" ".repeat(4097)}`));
});

test("readLines() gives parts of its input, so that who wipes the one has wiped the other", () => {
  const bytes = ascii("a b\n# c\nc-cc");
  const lines = readLines(bytes);
  expect(lines.map(({ token }) => String.fromCharCode(...token))).toEqual(["ab", "ccc"]);
  bytes.fill(0);
  expect(lines.every(({ token }) => token.every((byte) => byte === 0))).toBe(true);
});

test("readOnlyLine() gives the one token, among comments and blank lines", () => {
  const line = readOnlyLine(ascii("# key\n\n a-a \n\n# end"), "private key", "node.key");
  expect(line).toEqual({ where: "node.key: line 3", token: ascii("aa") });
});

test("readOnlyLine() refuses input without a token, and a second one, and says what it wanted", async () => {
  for (const nothing of ["", "\n", "# only a comment\n"]) {
    const read = (file?: string) => readOnlyLine(ascii(nothing), "private key", file);
    await expectFailure("malformed", /^stdin: no private key/, () => read());
    await expectFailure("malformed", /^node\.key: no private key/, () => read("node.key"));
  }
  const read = () => readOnlyLine(ascii("aa\n\nbb\ncc\n"), "recipient", "f");
  await expectFailure("malformed", /f: line 3.*one recipient/, read);
});

test("decodeLine() gives what a token holds, or names its line and what is wrong with it", async () => {
  const token = encodeShare({ setId: repeatable(1)(8), k: 2, n: 3, x: 1, y: repeatable(2)(48) });
  const line = { where: "f: line 3", token };
  expect(await decodeLine(line, decodeText)).toEqual(decodeText(token));
  const says = /^f: line 3: it is old$/;
  await expectFailure("malformed", says, () =>
    decodeLine(line, () => fail("malformed", "it is old")),
  );
  const mistyped = { ...line, token: token.with(20, token[20] === 0x71 ? 0x70 : 0x71) };
  for (const corrects of [undefined, false, true]) {
    const decode = () =>
      decodeLine({ ...mistyped, ...(corrects !== undefined && { corrects }) }, decodeText);
    const { hint } = await expectFailure("malformed", /^f: line 3: 1 symbol looks wrong/, decode);
    expect(hint?.endsWith("or add --accept-corrections")).toBe(corrects === true);
  }
});

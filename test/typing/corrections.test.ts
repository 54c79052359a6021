import { expect, test } from "bun:test";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { correctLines } from "../../lib/typing/explain.ts";
import { readLines } from "../../lib/wire/lines.ts";
import { encodeText } from "../../lib/wire/text.ts";
import { expectFailure, repeatable } from "../core/helpers.ts";
import { textOf, upper } from "../oracle/text.ts";

const share = encodeText("wdshare", concat(Uint8Array.of(1), repeatable(1)(59)));
const unreadable = share.with(30, 0x3f);

async function corrected(...tokens: Uint8Array[]) {
  const lines = readLines(concat(...tokens.flatMap((token) => [token, ascii("\n")])), "f");
  const reports: string[] = [];
  await correctLines(lines, (said) => reports.push(said));
  return { reports, texts: lines.map(({ token }) => textOf(token)), lines };
}

test("correctLines() corrects the lines that do not verify, and reports each", async () => {
  const missing = concat(share.subarray(0, 50), share.subarray(51));
  const { reports, texts, lines } = await corrected(share, unreadable, upper(share), missing);
  expect(reports).toEqual([
    "f: line 2: corrected: 1 symbol is unreadable, and can be filled in: group 6, symbol 3",
    expect.stringMatching(/^f: line 4: corrected: 1 symbol is missing, near group 1[01]$/),
  ]);
  const text = textOf(share);
  expect(texts).toEqual([text, text, text.toUpperCase(), text]);
  expect(lines.map(({ where }) => where)).toEqual([1, 2, 3, 4].map((line) => `f: line ${line}`));
});

test("correctLines() names the line that is wrong at too many places", async () => {
  const wrong = share.slice().fill(0x71, 20, 60);
  const tooMuch = () => corrected(unreadable, wrong);
  await expectFailure("malformed", /^f: line 2: the checksum does not match/, tooMuch);
  await expectFailure("malformed", /^f: line 1: expected a line/, () => corrected(ascii("x")));
});

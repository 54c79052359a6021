import { expect, setDefaultTimeout, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { numberedRows } from "../../lib/typing/groups.ts";
import { joinLines } from "../../lib/typing/rows.ts";
import { readLines } from "../../lib/wire/lines.ts";
import { mistype, textOf } from "../oracle/text.ts";
import { lines } from "../scheme/scheme-fixture.ts";

setDefaultTimeout(60_000); // for a busy machine

const [one, two] = lines.map(textOf) as [string, string];
const rows = numberedRows(lines[0]).join("\n");
const bare = rows.replace(/^ *\d+ /gm, "");

function join(...files: string[]) {
  const given = files.flatMap((text, i) => readLines(ascii(text), `f${i}`));
  const reports: string[] = [];
  const joined = joinLines(given, (said) => reports.push(said));
  return { reports, lines: joined.map(({ where, token }) => `${where}: ${textOf(token)}`) };
}

const said = "read as one line, without row numbers";
const ways: [what: string, text: string, lines: string[], reports: string[]][] = [
  [
    "rows of a card",
    `# share 1\n${rows}\n`,
    [`f0: lines 2 to 4: ${one}`],
    [`f0: lines 2 to 4: ${said}`],
  ],
  ["rows without numbers", bare, [`f0: lines 1 to 3: ${one}`], [`f0: lines 1 to 3: ${said}`]],
  ["a number alone", `1 ${one}`, [`f0: line 1: ${one}`], [`f0: line 1: ${said}`]],
  [
    "wrapped lines between whole ones",
    `${two}\n${one.replace(/.{76}/, "$&\n")}\n\n${two}`,
    [`f0: line 1: ${two}`, `f0: lines 2 to 3: ${one}`, `f0: line 5: ${two}`],
    [`f0: lines 2 to 3: ${said}`],
  ],
  [
    "rows with a slip, which corrections are for",
    mistype(one, 50).replace(/.{76}/, "$&\n"),
    [`f0: lines 1 to 2: ${mistype(one, 50)}`],
    [],
  ],
];

test.each(ways)("joinLines() joins %s", (_, text, expected, reports) => {
  expect(join(text)).toEqual({ lines: expected, reports });
});

test("joinLines() gives up on many lines of no token at once", () => {
  const given = readLines(ascii(`wdshare1q\n${`${"q".repeat(200)}\n`.repeat(20_000)}`));
  expect(joinLines(given, () => {})).toHaveLength(20_001);
  const short = readLines(ascii(`${one}\n${"q\n".repeat(200_000)}`));
  expect(joinLines(short, () => {})).toHaveLength(200_001);
});

test("joinLines() leaves what is no part of a token, and what other files have", () => {
  const cut = one.slice(0, 50);
  const rest = one.slice(50);
  for (const text of [
    `${one}\nhello`,
    `hello\n${one}`,
    `${cut}\n${two}\n${rest}`,
    `${cut}\nhello\n${rest}`,
    `hello\nworld\n${two}`,
    `${one}\n11\n${two}`,
  ]) {
    const given = readLines(ascii(text), "f0").map(
      (line) => `${line.where}: ${textOf(line.token)}`,
    );
    expect(join(text)).toEqual({ lines: given, reports: [] });
  }
  expect(join(cut, rest).lines).toEqual([`f0: line 1: ${cut}`, `f1: line 1: ${rest}`]);
});

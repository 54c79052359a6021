// card: what is printed is read back, by eye and by a scanner, from text, a screen and paper. What a card
// says is test/show/card.test.ts's and test/commands/card.test.ts's.

import { expect } from "bun:test";
import { sample } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { pick, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";
import { program } from "./needs.ts";

const zbar = program("zbarimg", "Debian's zbar-tools");
const printer = [
  ...[zbar, program("chromium", "Debian's chromium")],
  program("pdftoppm", "Debian's poppler-utils"),
];

/** The third share of three, of a secret of this length. */
const shareOf = (secretBytes: number) =>
  pick(makeSet(`card ${secretBytes}`, 2, 3, sample("card", secretBytes)).lines, 3);

/** What a scanner reads from a picture. */
async function scan({ ok }: Sandbox, picture: string): Promise<string> {
  return (await ok(`zbarimg --raw -q ${picture} 2> scanner.log`)).text;
}

/** The code's rows of half-blocks in a text, dark where there is ink, as a greyscale picture. */
function pictureOf(text: string): Uint8Array {
  const pixels = 4;
  const rows = text.split("\n").filter((line) => /^ {2}[ ▀▄█]{30,}$/u.test(line));
  const modules = rows.flatMap((row) => [
    Array.from(row, (cell) => cell === "█" || cell === "▀"),
    Array.from(row, (cell) => cell === "█" || cell === "▄"),
  ]);
  const lines = modules.flatMap((row) => {
    const line = row.flatMap((dark) => Array<number>(pixels).fill(dark ? 0 : 255));
    return Array<number[]>(pixels).fill(line);
  });
  const head = Buffer.from(`P5 ${lines[0]?.length} ${lines.length} 255\n`);
  return Buffer.concat([head, ...lines.map((line) => Buffer.from(line))]);
}

/** The share, out of the numbered rows of a card. */
function typed(text: string): string {
  const rows = text.match(/^ *\d+ {2,}(?:wdshare1 )?(?:[02-9ac-hj-np-z]{1,4} *)+$/gm) ?? [];
  return `${rows.map((row) => row.replace(/^ *\d+/, "").replaceAll(" ", "")).join("")}\n`;
}

scenario(
  "a scanner reads the shortest, usual and longest share from the text, which fits a page",
  async (sandbox) => {
    for (const secretBytes of [1, 32, 256]) {
      const line = shareOf(secretBytes);
      sandbox.file("offline", line);
      const { text, stderr } = await sandbox.ok("./card offline");
      const lines = text.split("\n").slice(0, -1);
      expect([stderr, lines.length <= 66]).toEqual(["", true]);
      expect(Math.max(...lines.map((one) => one.length))).toBeLessThanOrEqual(80);
      expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
      sandbox.file("code.pgm", pictureOf(text));
      expect(await scan(sandbox, "code.pgm")).toBe(line.toUpperCase());
    }
  },
  { needs: [zbar] },
);

scenario(
  "a browser prints the longest share on one page of A4 or Letter, and a scanner reads it there",
  async (sandbox) => {
    const { file, ok } = sandbox;
    const line = shareOf(256);
    file("offline", line);
    await ok("./card --svg --label 'acme <fleet> & sons' -o Letter.svg offline");
    // The browser's own paper is Letter.
    await ok("sed 's/<style>/<style>@page { size: A4 } /' Letter.svg > A4.svg");
    for (const paper of ["Letter", "A4"]) {
      await ok(print(paper));
      expect((await ok(`pdfinfo ${paper}.pdf`)).text).toMatch(
        new RegExp(`^Pages: +1\n(.*\n)*Page size: .*\\(${paper}\\)$`, "mi"),
      );
      await ok(`pdftoppm -r 100 -png -singlefile ${paper}.pdf ${paper}`);
      expect(await scan(sandbox, `${paper}.png`)).toBe(line.toUpperCase());
      const { text } = await ok(`pdftotext -layout ${paper}.pdf -`);
      expect(text).toContain("acme <fleet> & sons");
      expect(typed(text)).toBe(line);
    }
  },
  { needs: printer, only: "dist" },
);

function print(paper: string): string {
  const flags = [
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync",
    "--disable-background-networking --disable-component-update --disable-breakpad",
    "--user-data-dir=profile --no-pdf-header-footer",
  ].join(" ");
  return `chromium ${flags} --print-to-pdf=${paper}.pdf file://$PWD/${paper}.svg > browser.log 2>&1`;
}

scenario(
  "what a scanner reads, and what a person copies, is a share like any other",
  async (sandbox) => {
    const { ok, file } = sandbox;
    const { text } = await ok("./card offline");
    file("code.pgm", pictureOf(text));
    file("scanned", await scan(sandbox, "code.pgm"));
    expect((await ok("./card scanned")).text).toBe(text);
    expect(typed(text)).toBe(pick(twoOfThree.lines, 3));
    const rows = text.split("\n").filter((line) => /^ *\d+ {2}/.test(line));
    file("copied", rows.join("\n"));
    await ok("./combine copied share | cmp - key.master", /copied: lines 1 to 3: read as one line/);
    await ok("umask 077; ./card --rows offline > rows");
    await ok("./combine rows share | cmp - key.master", /rows: lines 3 to 5: read as one line/);
  },
  { needs: [zbar], smoke: true },
);

scenario(
  "on a terminal the code brings its own colours, dark on light",
  async ({ terminal, ok }) => {
    const { code, screen } = await terminal("./card offline");
    expect(code, screen).toBe(0);
    const shown = Buffer.from(screen, "latin1").toString().replaceAll("\r", "");
    const blocks = shown.split("\n").filter((line) => /[▀▄█]/.test(line));
    expect(blocks.length).toBeGreaterThan(15);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    for (const line of blocks) expect(line).toMatch(/^ {2}\u001b\[30;47m[ ▀▄█]+\u001b\[0m$/u);
    const plain = shown.replaceAll("\u001b[30;47m", "").replaceAll("\u001b[0m", "");
    expect((await ok("./card offline")).text).toBe(plain);
  },
);

scenario("only a share has a card", async ({ fails }) => {
  await fails("./card sealed", 3, /sealed: line 1: .*sealed\n.*hint: unseal it first/);
});

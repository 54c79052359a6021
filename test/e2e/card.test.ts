// card: what is printed is read back, by eye and by a scanner, from text, a screen and paper.

import { expect } from "bun:test";
import { sample } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { later, pick, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";
import { program } from "./needs.ts";

const zbar = program("zbarimg", "Debian's zbar-tools");
const printer = [
  ...[zbar, program("chromium", "Debian's chromium")],
  program("pdftoppm", "Debian's poppler-utils"),
];

/** The third share of three, of secrets of these lengths. */
const lengths = { shortest: 1, usual: 32, longest: 256 };
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

scenarios(
  lengths,
  (name) => `a scanner reads the ${name} share from the text, which fits a page`,
  async (sandbox, secretBytes) => {
    const line = shareOf(secretBytes);
    sandbox.file("offline", line);
    const { text, stderr } = await sandbox.ok("./card offline");
    const lines = text.split("\n").slice(0, -1);
    expect([stderr, lines.length <= 66]).toEqual(["", true]);
    expect(Math.max(...lines.map((one) => one.length))).toBeLessThanOrEqual(80);
    expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
    sandbox.file("code.pgm", pictureOf(text));
    expect(await scan(sandbox, "code.pgm")).toBe(line.toUpperCase());
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
    await ok("./combine scanned share | cmp - key.master");
    expect((await ok("./card scanned")).text).toBe(text);
    expect(typed(text)).toBe(pick(twoOfThree.lines, 3));
    const rows = text.split("\n").filter((line) => /^ *\d+ {2}/.test(line));
    file("copied", rows.join("\n"));
    await ok("./combine copied share | cmp - key.master", /copied: lines 1 to 3: read as one line/);
    await ok("umask 077; ./card --rows offline > rows");
    await ok("./inspect rows", /rows: lines 3 to 5: read as one line/);
    await ok("./combine rows share | cmp - key.master", /rows: lines 3 to 5: read as one line/);
  },
  { needs: [zbar], smoke: true },
);

scenario(
  "on a terminal the code brings its own colours, dark on light",
  async ({ terminal, ok, text }) => {
    const { code, screen } = await terminal("./card offline");
    expect(code, screen).toBe(0);
    const shown = Buffer.from(screen, "latin1").toString().replaceAll("\r", "");
    const blocks = shown.split("\n").filter((line) => /[▀▄█]/.test(line));
    expect(blocks.length).toBeGreaterThan(15);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    for (const line of blocks) expect(line).toMatch(/^ {2}\u001b\[30;47m[ ▀▄█]+\u001b\[0m$/u);
    const plain = shown.replaceAll("\u001b[30;47m", "").replaceAll("\u001b[0m", "");
    expect((await ok("./card offline")).text).toBe(plain);
    expect((await terminal("./card offline -o file")).code).toBe(0);
    expect(text("file")).toBe(plain);
  },
);

scenario("a card says what it was told, and when it was made", async ({ ok, fails }) => {
  const given = "./card --label 'acme fleet, generation 2' --date 2024-02-29 offline";
  const [title = "", label] = (await ok(given)).text.split("\n");
  expect(title).toMatch(/^worstday: share 3 of 3 +2024-02-29$/);
  expect(label).toBe("acme fleet, generation 2");
  const before = new Date().toISOString().slice(0, 10);
  const { text } = await ok("TZ=Pacific/Kiritimati ./card < offline");
  expect([before, new Date().toISOString().slice(0, 10)]).toContain(text.slice(70, 80));
  expect(text).toContain(`set ${twoOfThree.id}: any 2 of its 3 shares`);
  const odd = await ok("./card --label \"$(printf 'red\\033[31m\\nforged')\" offline");
  expect(odd.text.split("\n")[1]).toBe("red\\u{1b}[31m\\u{a}forged");
  const told = await ok("./card --contact 'ops, 555-0100' --where 'the safe' offline");
  expect(told.text).toContain("tell\ncontact: ops, 555-0100\nvault and software: the safe\n");
  await fails("./card --svg --rows offline", 2, /--svg and --rows/);
  await fails(`./card --where ${"x".repeat(62)} offline`, 2, /--where takes at most 60/);
  await ok(`./card --label ${"x".repeat(80)} offline`);
  await fails(`./card --label ${"x".repeat(81)} offline`, 2, /--label.*80/);
  await fails(`./card --label ${"鍵".repeat(41)} offline`, 2, /--label.*80/);
});

scenario(
  "several shares are several pages in their order, and --svg makes one",
  async ({ ok, fails }) => {
    const { text } = await ok("cat offline share | ./card --date 2026-01-01");
    const [one, two, ...rest] = text.split("\f");
    expect(rest).toEqual([]);
    expect(one).toBe((await ok("./card --date 2026-01-01 offline")).text);
    expect(two).toBe((await ok("./card --date 2026-01-01 share")).text);
    expect((await ok("./card --date 2026-01-01 offline share")).text).toBe(text);
    await fails("./card --svg offline share", 3, /share: line 1: .*takes only one share/);
    await fails(
      "cat offline share | ./card --svg -o page.svg",
      3,
      /line 2: .*takes only one share/,
    );
  },
);

scenario(
  "an SVG is well-formed and needs nothing from elsewhere",
  async ({ ok, file }) => {
    const { text } = await ok("./card --svg --label '<script>&' offline");
    expect(text.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /:\/\/|href|url\(|<script|@import|@font/,
    );
    file("page.svg", text);
    await ok("python3 -c 'import xml.dom.minidom as m; m.parse(\"page.svg\")'");
  },
  { needs: [program("python3", "to read XML")] },
);

scenario("only a share has a card", async ({ file, fails, text }) => {
  file("mixed", pick(later.lines, 1) + text("sealed"));
  await fails("./card sealed", 3, /sealed: line 1: .*sealed\n.*hint: unseal it first/);
  await fails("./card mixed", 3, /mixed: line 2: .*sealed/);
  await fails("./card a.pub", 3, /a\.pub: line 1: expected a wdshare1/);
  await fails("./card < /dev/null", 3, /no share in stdin/);
  await fails("tr q p < offline | ./card", 3, /line 1: the checksum/);
});

// card: what is printed is read back, by eye and by a scanner, from text, a screen and paper.

import { expect } from "bun:test";
import { sample } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { later, master, nodeA, pick, sealed, twoOfThree } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";
import { program } from "./needs.ts";
import { pictureOf } from "./picture.ts";

const zbar = program("zbarimg", "Debian's zbar-tools");
const printer = [
  zbar,
  program("chromium", "Debian's chromium"),
  program("pdftoppm", "Debian's poppler-utils"),
];

/** The third share of three, of a secret of that length. */
function offline(secretBytes: number): string {
  return pick(makeSet(`card ${secretBytes}`, 2, 3, sample("card", secretBytes)).lines, 3);
}
const lengths = { shortest: 1, usual: 32, longest: 256 };

function furnish(room: Room): void {
  room.file("offline", pick(twoOfThree.lines, 3));
  room.file("other", pick(twoOfThree.lines, 1));
  room.file("key.master", master);
}

/** What a scanner reads from a picture. */
async function scan(room: Room, picture: string): Promise<string> {
  return (await room.ok(`zbarimg --raw -q ${picture} 2> scanner.log`)).text;
}

for (const [name, secretBytes] of Object.entries(lengths)) {
  scenario(
    `a scanner reads the ${name} share from the text, which fits a page`,
    async (room) => {
      const line = offline(secretBytes);
      room.file("offline", line);
      const { text, stderr } = await room.ok("./card offline");
      expect(stderr).toBe("");
      const lines = text.split("\n").slice(0, -1);
      expect(lines.length).toBeLessThanOrEqual(66);
      expect(Math.max(...lines.map((one) => one.length))).toBeLessThanOrEqual(80);
      expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
      room.file("code.pgm", pictureOf(text));
      expect(await scan(room, "code.pgm")).toBe(line.toUpperCase());
    },
    { needs: [zbar] },
  );

  scenario(
    `a browser prints the ${name} share on one page of A4 or Letter, and a scanner reads it there`,
    async (room) => {
      const line = offline(secretBytes);
      room.file("offline", line);
      await room.ok("./card --svg --label 'acme <fleet> & sons' -o Letter.svg offline");
      // The browser's own paper is Letter.
      await room.ok("sed 's/<style>/<style>@page { size: A4 } /' Letter.svg > A4.svg");
      for (const paper of ["Letter", "A4"]) {
        await room.ok(print(paper));
        expect((await room.ok(`pdfinfo ${paper}.pdf`)).text).toMatch(
          new RegExp(`^Pages: +1\n(.*\n)*Page size: .*\\(${paper}\\)$`, "mi"),
        );
        await room.ok(`pdftoppm -r 100 -png -singlefile ${paper}.pdf ${paper}`);
        expect(await scan(room, `${paper}.png`)).toBe(line.toUpperCase());
        const { text } = await room.ok(`pdftotext -layout ${paper}.pdf -`);
        expect(text).toContain("acme <fleet> & sons");
        expect(typed(text)).toBe(line);
      }
    },
    { needs: printer, only: "source" },
  );
}

function print(paper: string): string {
  const flags = [
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync",
    "--disable-background-networking --disable-component-update --disable-breakpad",
    "--user-data-dir=profile --no-pdf-header-footer",
  ].join(" ");
  return `chromium ${flags} --print-to-pdf=${paper}.pdf file://$PWD/${paper}.svg > browser.log 2>&1`;
}

/** The share, out of the numbered rows of a card. */
function typed(text: string): string {
  const rows = text.match(/^ *\d+ {2,}(?:wdshare1 )?(?:[02-9ac-hj-np-z]{1,4} *)+$/gm) ?? [];
  return `${rows.map((row) => row.replace(/^ *\d+/, "").replaceAll(" ", "")).join("")}\n`;
}

scenario(
  "what a scanner reads, and what a person copies, is a share like any other",
  async (room) => {
    furnish(room);
    const { text } = await room.ok("./card offline");
    room.file("code.pgm", pictureOf(text));
    await room.ok("zbarimg --raw -q code.pgm > scanned 2> scanner.log");
    await room.ok("./combine scanned other | cmp - key.master");
    expect((await room.ok("./inspect scanned")).text).toContain(`set ${twoOfThree.id}`);
    expect((await room.ok("./card scanned")).text).toBe(text);
    expect(typed(text)).toBe(pick(twoOfThree.lines, 3));
    const rows = text.split("\n").filter((line) => /^ *\d+ {2}/.test(line));
    room.file("copied", rows.map((row) => row.replace(/^ *\d+/, "")).join(""));
    await room.ok("./combine copied other | cmp - key.master");
  },
  { needs: [zbar] },
);

scenario(
  "on a terminal the code brings its own colours, dark on light",
  async (room) => {
    furnish(room);
    const { code, screen } = await room.terminal("./card offline");
    expect(code, screen).toBe(0);
    const shown = Buffer.from(screen, "latin1").toString().replaceAll("\r", "");
    const blocks = shown.split("\n").filter((line) => /[▀▄█]/.test(line));
    expect(blocks.length).toBeGreaterThan(15);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    for (const line of blocks) expect(line).toMatch(/^ {2}\u001b\[30;47m[ ▀▄█]+\u001b\[0m$/u);
    const plain = shown.replaceAll("\u001b[30;47m", "").replaceAll("\u001b[0m", "");
    expect((await room.ok("./card offline")).text).toBe(plain);
    expect((await room.terminal("./card offline -o file")).code).toBe(0);
    expect(new TextDecoder().decode(room.read("file"))).toBe(plain);
  },
  { needs: [program("python3", "for a terminal")] },
);

scenario("a card says what it was told, and when it was made", async (room) => {
  furnish(room);
  const [title = "", label] = (
    await room.ok("./card --label 'acme fleet, generation 2' --date 2024-02-29 offline")
  ).text.split("\n");
  expect(title).toMatch(/^worstday: share 3 of 3 +2024-02-29$/);
  expect(label).toBe("acme fleet, generation 2");
  const before = new Date().toISOString().slice(0, 10);
  const { text } = await room.ok("TZ=Pacific/Kiritimati ./card < offline");
  expect([before, new Date().toISOString().slice(0, 10)]).toContain(text.slice(70, 80));
  expect(text).toContain(`set ${twoOfThree.id}: any 2 of its 3 shares`);
});

scenario("a label cannot move the cursor, nor be wider than the page", async (room) => {
  furnish(room);
  const label = "$(printf 'red\\033[31m\\nforged')";
  const { text } = await room.ok(`./card --label "${label}" offline`);
  expect(text.split("\n")[1]).toBe("red\\u{1b}[31m\\u{a}forged");
  await room.ok(`./card --label ${"x".repeat(80)} offline`);
  await room.fails(`./card --label ${"x".repeat(81)} offline`, 2, /--label.*80/);
  await room.fails(`./card --label ${"鍵".repeat(41)} offline`, 2, /--label.*80/);
});

for (const date of [
  "today",
  "2026-02-30",
  "2026-2-3",
  "2026-01-01T00:00",
  "26-01-01",
  "2026-13-01",
]) {
  scenario(`"${date}" is no day`, async (room) => {
    furnish(room);
    await room.fails(`./card --date ${date} offline`, 2, /--date/);
  });
}

scenario("several shares are several pages, in their order", async (room) => {
  furnish(room);
  const { text } = await room.ok("cat offline other | ./card --date 2026-01-01");
  const [one, two, ...rest] = text.split("\f");
  expect(rest).toEqual([]);
  expect(one).toBe((await room.ok("./card --date 2026-01-01 offline")).text);
  expect(two).toBe((await room.ok("./card --date 2026-01-01 other")).text);
  expect((await room.ok("./card --date 2026-01-01 offline other")).text).toBe(text);
});

scenario("--svg makes one page, of one share", async (room) => {
  furnish(room);
  await room.fails("./card --svg offline other", 3, /other: line 1: .*takes only one share/);
  await room.fails(
    "cat offline other | ./card --svg -o page.svg",
    3,
    /line 2: .*takes only one share/,
  );
});

scenario(
  "an SVG is well-formed and needs nothing from elsewhere",
  async (room) => {
    furnish(room);
    const { text } = await room.ok("./card --svg --label '<script>&' offline");
    expect(text.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /:\/\/|href|url\(|<script|@import|@font/,
    );
    room.file("page.svg", text);
    await room.ok("python3 -c 'import xml.dom.minidom as m; m.parse(\"page.svg\")'");
  },
  { needs: [program("python3", "to read XML")] },
);

scenario("only a share has a card", async (room) => {
  furnish(room);
  room.file("sealed", `${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`);
  room.file("a.pub", `${nodeA.publicLine}\n`);
  room.file(
    "mixed",
    pick(later.lines, 1) + room.read("sealed").reduce((s, b) => s + String.fromCharCode(b), ""),
  );
  await room.fails("./card sealed", 3, /sealed: line 1: .*sealed\n.*hint: unseal it first/);
  await room.fails("./card mixed", 3, /mixed: line 2: .*sealed/);
  await room.fails("./card a.pub", 3, /a\.pub: line 1: expected a wdshare1/);
  await room.fails("./card < /dev/null", 3, /no share in stdin/);
  await room.fails("tr q p < offline | ./card", 3, /line 1: the checksum/);
});

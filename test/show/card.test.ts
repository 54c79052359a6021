import { expect, setDefaultTimeout, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { type Card, cardRows, cardText, type Modules, makeCard } from "../../lib/show/card.ts";
import { columns } from "../../lib/show/card-steps.ts";
import { cardSvg } from "../../lib/show/card-svg.ts";
import { joinLines } from "../../lib/typing/rows.ts";
import { readLines } from "../../lib/wire/lines.ts";
import { decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { codeOf, expectFailure } from "../core/helpers.ts";
import { textOf, upper } from "../oracle/text.ts";
import { scheme, shares } from "../scheme/scheme-fixture.ts";

setDefaultTimeout(60_000); // for a busy machine

const day = "2026-02-28";

const cardOf = (token: Uint8Array, label?: string) =>
  makeCard(decodeShare(token), { date: day, label });
const tokenOf = (secretBytes: number, k = 2, n = 3) =>
  encodeShare(deal(new Uint8Array(secretBytes).fill(7), k, n).at(-1) as Share);

/** What a person types who copies the rows without their numbers. */
function typed({ rows }: Card): string {
  return rows.map((row) => row.replace(/^ *\d+ /, "").replaceAll(" ", "")).join("");
}

test("the rows are the line, for every length of secret, and no line is too wide", () => {
  for (let length = 1; length <= 256; length++) {
    const token = tokenOf(length);
    const card = cardOf(token);
    expect(typed(card)).toBe(textOf(token));
    expect(card.code).toBe(textOf(token).toUpperCase());
    expect(cardOf(upper(token))).toEqual(card);
    for (const line of [card.label, ...card.about, ...card.rows, ...card.steps]) {
      expect(line.length).toBeLessThanOrEqual(columns);
    }
  }
});

test("each row begins with the number of its first group, and has ten at most", () => {
  const token = tokenOf(256);
  const symbols = textOf(token).slice("wdshare1".length);
  for (const row of cardOf(token).rows) {
    const [, number = "", groups = ""] = /^ *(\d+) +(?:wdshare1 )?(.*)$/.exec(row) ?? [];
    const start = (Number(number) - 1) * 4;
    expect(groups.replaceAll(" ", "")).toBe(symbols.slice(start, start + 40));
    expect(groups.split(/ +/).every((group) => group.length <= 4)).toBe(true);
  }
});

test("a card says which share it is, of which set, and what is missing", () => {
  const share = deal(new Uint8Array(32), 2, 3)[2] as Share;
  const card = cardOf(encodeShare(share), "acme fleet");
  expect(card).toMatchObject({ title: "worstday: share 3 of 3", date: day, label: "acme fleet" });
  expect(card.about[0]).toBe(`set ${share.setId.toHex()}: any 2 of its 3 shares recover the key`);
  expect(card.about[1]).toContain("with one more share of this set, it gives the key");
  expect(card.steps.join("\n")).toContain("the vault and one more share:");
  expect(card.steps.filter((step) => step.endsWith("____"))).toHaveLength(2); // contact and place
  expect(cardOf(encodeShare(share)).label).toMatch(/^for _+$/); // room to write
});

test("a share that is the key by itself asks for no other", () => {
  const { about, steps } = cardOf(tokenOf(32, 1, 1));
  expect(about[1]).toContain("SECRET: it is the whole key");
  expect(steps.join("\n")).not.toMatch(/more share|unseal|others|alone it/);
  expect(steps).toContain("  ./worstday combine offline.txt |");
});

test("the largest scheme has room on its lines", () => {
  const card = cardOf(tokenOf(256, 255, 255));
  expect(card.about[1]).toContain("with 254 more shares of this set");
  expect(card.steps.join("\n")).toContain("with worstday and 254 more shares:"); // of no vault's key
  const lines = cardText(card, [[true]], false).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBe(columns);
});

test("with its scheme, a card has the generation, the other holders and their files", async () => {
  const remarks = { date: day, contact: "ops, 555-0100", where: "the safe", scheme };
  const { about, steps } = makeCard(shares[3], remarks);
  expect(about[0]).toStartWith(`set ${scheme.set}, generation 1: any 2 of its 4`);
  for (const step of [
    "contact: ops, 555-0100",
    "On the worst day, with worstday, the scheme's folder and one more share:",
    "vault and software: the safe",
    "  ./worstday unseal --key a.key --dir scheme >> others.txt",
    "  ./worstday recovery-reconstruct --dir scheme offline.txt others.txt \\",
    "    -o secrets.tar",
    "Other shares: a, b, c",
  ]) {
    expect(steps).toContain(step);
  }
  const strange = { ...shares[3], setId: new Uint8Array(8) };
  await expectFailure("mismatch", /not one of set/, () => makeCard(strange, remarks));
  const holders = scheme.holders.map((one) => ({ ...one, name: `${one.name}-${"x".repeat(50)}` }));
  const long = makeCard(shares[3], { ...remarks, scheme: { ...scheme, holders } }).steps;
  expect(Math.max(...long.map((step) => step.length))).toBeLessThanOrEqual(columns);
  expect(long.join("\n")).toMatch(/--key NAME\.key --dir scheme >>[\s\S]*…$/);
});

test("the rows alone are a comment and the share, which a file may hold", () => {
  const token = tokenOf(32);
  const text = cardRows(cardOf(token));
  const [line, ...more] = joinLines(readLines(ascii(text)), () => {});
  expect([textOf(line?.token as Uint8Array), more]).toEqual([textOf(token), []]);
  expect(text.split("\n")).toHaveLength(6);
});

test("what is no share line gives no card", () => {
  const cut = tokenOf(32).subarray(0, -1);
  for (const token of [ascii("wdpub1qqqq"), ascii("hello"), cut]) {
    expect(codeOf(() => cardOf(token))).toBe("malformed");
  }
});

test("two modules share a character, top and bottom, with colours only on a screen", () => {
  const card = cardOf(tokenOf(1));
  const modules: Modules = [
    [true, true, false, false],
    [true, false, true, false],
    [true, false, true, false],
  ];
  expect(cardText(card, modules, false)).toContain("\n  █▀▄ \n  ▀ ▀ \n");
  const colours = "\n  \u001b[30;47m█▀▄ \u001b[0m\n  \u001b[30;47m▀ ▀ \u001b[0m\n";
  expect(cardText(card, modules, true)).toContain(colours);
});

test("an SVG draws each run of dark modules, in a square of the same size whatever their number", () => {
  const card = cardOf(tokenOf(1));
  const svg = cardSvg(card, [
    [true, true, false],
    [false, true, false],
    [true, false, true],
  ]);
  expect(svg).toContain('d="M0 0h2v1h-2zM1 1h1v1h-1zM0 2h1v1h-1zM2 2h1v1h-1z"');
  expect(svg).toContain("scale(28)");
  expect(cardSvg(card, [[true]])).toContain("scale(84)");
});

test("an SVG has no mark-up but its own", () => {
  const svg = cardSvg(cardOf(tokenOf(32), "<script>\"&amp;'"), [[true]]);
  expect(svg).toContain("&#60;script&#62;\"&#38;amp;'</text>");
  expect(
    svg.match(/<[a-z]+/g)?.filter((tag) => !/^<(svg|title|style|rect|text|path)$/.test(tag)),
  ).toEqual([]);
});

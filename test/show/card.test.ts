import { expect, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { type Card, cardText, columns, type Modules, makeCard } from "../../lib/show/card.ts";
import { cardSvg } from "../../lib/show/card-svg.ts";
import { decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { codeOf } from "../core/helpers.ts";
import { textOf, upper } from "../oracle/text.ts";

const day = "2026-02-28";

const cardOf = (token: Uint8Array, label?: string) => makeCard(decodeShare(token), day, label);
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
  expect(cardOf(encodeShare(share)).label).toMatch(/^for _+$/); // room to write
});

test("a share that is the key by itself asks for no other", () => {
  const { about, steps } = cardOf(tokenOf(32, 1, 1));
  expect(about[1]).toContain("SECRET: it is the whole key");
  expect(steps.join("\n")).not.toMatch(/more share|unseal|others/);
  expect(steps.at(-1)).toContain("cat offline.txt | ./combine | ./vault-open");
});

test("the largest scheme has room on its lines", () => {
  const card = cardOf(tokenOf(256, 255, 255));
  expect(card.about[1]).toContain("with 254 more shares of this set");
  expect(card.steps.join("\n")).toContain("the vault and 254 more shares:");
  const lines = cardText(card, [[true]], false).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBe(columns);
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

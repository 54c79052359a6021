/** What a card says, and of what there is one, in process. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as card from "../../scripts/card.ts";
import { later, nodeA, pick, sealed, twoOfThree } from "../e2e/fixtures.ts";
import { mistype } from "../oracle/text.ts";
import { enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

afterAll(removeFolders);
beforeEach(() => {
  enterFolder();
  put("offline", three);
  put("share", one);
});

const [one = "", , three = ""] = twoOfThree.lines;
const printed = async (flags: string, stdin = "") => (await succeed(card, flags, stdin)).stdout;

test("a card says what it was told, and when it was made", async () => {
  const [title = "", label] = (
    await printed("--label acme\u001b[31m\nforged --date 2024-02-29 @offline")
  ).split("\n");
  expect(title).toMatch(/^worstday: share 3 of 3 +2024-02-29$/);
  expect(label).toBe("acme\\u{1b}[31m\\u{a}forged");
  const today = () => new Date().toISOString().slice(0, 10);
  const before = today();
  const text = await printed("--contact 555-0100 --where safe", three);
  expect([before, today()]).toContain(text.slice(70, 80));
  expect(text).toContain(`set ${twoOfThree.id}: any 2 of its 3 shares`);
  expect(text).toContain("tell\ncontact: 555-0100\nvault and software: safe\n");
  await printed(`--label ${"x".repeat(80)} @offline`);
  for (const [flags, words] of [
    ["--svg --rows", /--svg and --rows/],
    [`--where ${"x".repeat(62)}`, /--where takes at most 60/],
    [`--label ${"x".repeat(81)}`, /--label.*80/],
    [`--label ${"鍵".repeat(41)}`, /--label.*80/],
  ] as const) {
    await refuse("usage", words, card, `${flags} @offline`);
  }
});

test("several shares are several pages in their order, and --svg makes one", async () => {
  const pages = await printed("--date 2026-01-01", `${three}\n${one}\n`);
  const [first, second, ...more] = pages.split("\f");
  expect(more).toEqual([]);
  expect(first).toBe(await printed("--date 2026-01-01 @offline"));
  expect(second).toBe(await printed("--date 2026-01-01 @share"));
  expect(await printed("--date 2026-01-01 @offline @share")).toBe(pages);
  await refuse("malformed", /line 1: .*takes only one share/, card, "--svg @offline @share");
  const svg = await printed("--svg --label <script>& @offline");
  expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
    /:\/\/|href|url\(|<script|@import|@font/,
  );
});

test("only a share has a card", async () => {
  const mixed = pick(later.lines, 1) + sealed(one, nodeA);
  const { hint } = await refuse("malformed", /^line 2: .*sealed/, card, "-", mixed);
  expect(hint).toStartWith("unseal it first");
  await refuse("malformed", /line 1: expected a wdshare1/, card, "-", nodeA.publicLine);
  await refuse("malformed", /line 1: 1 symbol/, card, "-", mistype(three, 20));
});

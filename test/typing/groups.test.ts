import { expect, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { groupOf, numberedRows, placeOf, splitGroups } from "../../lib/typing/groups.ts";

test("a token is its prefix and groups of four, the last of what is left", () => {
  const { prefix, groups } = splitGroups(ascii("wdpub1qpzry9x8g"));
  const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
  expect([text(prefix), ...groups.map(text)]).toEqual(["wdpub1", "qpzr", "y9x8", "g"]);
});

test("places count from 1, and every offset has its own", () => {
  expect([0, 3, 4, 7].map(placeOf)).toEqual([
    "group 1, symbol 1",
    "group 1, symbol 4",
    "group 2, symbol 1",
    "group 2, symbol 4",
  ]);
  expect([0, 3, 4, 7].map(groupOf)).toEqual([1, 1, 2, 2]);
  expect(new Set(Array.from({ length: 900 }, (_, i) => placeOf(i))).size).toBe(900);
});

test("rows have ten groups in two halves, begin with a group's number, and end with no space", () => {
  const groups = [..."qpzry9x8gf2tvdw0s3jn5"].map((symbol) => symbol.repeat(4));
  const rows = (count: number, more = "") =>
    numberedRows(ascii(`wdkey1${groups.slice(0, count).join("")}${more}`));
  const full = [
    "   1  wdkey1 qqqq pppp zzzz rrrr yyyy  9999 xxxx 8888 gggg ffff",
    "  11         2222 tttt vvvv dddd wwww  0000 ssss 3333 jjjj nnnn",
    "  21         5555",
  ];
  expect(rows(21)).toEqual(full);
  expect(rows(20)).toEqual(full.slice(0, 2));
  expect(rows(10)).toEqual(full.slice(0, 1));
  expect(rows(16)).toEqual([full[0] as string, (full[1] as string).slice(0, -20)]);
  expect(rows(4)).toEqual([(full[0] as string).slice(0, 32)]);
  expect(rows(5, "k")).toEqual(["   1  wdkey1 qqqq pppp zzzz rrrr yyyy  k"]);
  expect(rows(1, "k")).toEqual(["   1  wdkey1 qqqq k"]);
});

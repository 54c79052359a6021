import { expect, test } from "bun:test";
import { ascii } from "../../lib/bytes.ts";
import { groupOf, placeOf, splitGroups } from "../../lib/format/groups.ts";

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

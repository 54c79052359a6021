import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { ascii, concat, equal, toHex, toText, wipe } from "../../lib/core/bytes.ts";
import { cuts, flips } from "./helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

const all = Uint8Array.from({ length: 256 }, (_, i) => i);
const bytes = fc.uint8Array({ maxLength: 100 });

test("concat() puts its parts one behind the other into fresh memory", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (parts) => {
      expect([...concat(...parts)]).toEqual(parts.flatMap((part) => [...part]));
    }),
  );
  const part = Uint8Array.of(1, 2);
  const whole = concat(part);
  part.fill(9);
  expect([...whole]).toEqual([1, 2]);
  expect(concat()).toEqual(new Uint8Array());
});

test("equal() compares every pair of single bytes, and notices each bit at each place", () => {
  const pairs = [...all].flatMap((a) => [...all].map((b) => [a, b] as const));
  const wrong = pairs.filter(([a, b]) => equal(Uint8Array.of(a), Uint8Array.of(b)) !== (a === b));
  expect(wrong).toEqual([]);
  expect(equal(all, all.slice())).toBe(true);
  for (const other of flips(all)) expect(equal(all, other)).toBe(false);
});

test("equal() refuses other lengths, prefixes among them", () => {
  for (const cut of cuts(all)) {
    expect([equal(all, cut), equal(cut, all)]).toEqual([false, false]);
  }
  expect(equal(new Uint8Array(), new Uint8Array())).toBe(true);
});

test("wipe() overwrites all that it is given, and only that", () => {
  const buffer = all.slice(1, 101);
  const other = Uint8Array.of(7);
  wipe(buffer.subarray(10, 20), undefined, other);
  expect([...other]).toEqual([0]);
  for (const [i, byte] of buffer.entries()) expect(byte).toBe(i >= 10 && i < 20 ? 0 : i + 1);
  expect(() => wipe()).not.toThrow();
});

test("toHex() writes all 256 byte values in lower case, two digits each", () => {
  expect(toHex(all)).toBe(Buffer.from(all).toString("hex"));
  expect(toHex(new Uint8Array())).toBe("");
});

test("ascii() gives one byte a character, and toText() the reverse for all 256 values", () => {
  const text = String.fromCharCode(...all);
  expect([ascii(text), toText(all)]).toEqual([all, text]);
  expect([ascii(""), toText(new Uint8Array())]).toEqual([new Uint8Array(), ""]);
  expect(toText(new Uint8Array(200_000))).toHaveLength(200_000); // more than fit on a stack
});

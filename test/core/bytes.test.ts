import { expect, test } from "bun:test";
import fc from "fast-check";
import { ascii, asWords, concat, equal, toHex, toText, wipe } from "../../lib/core/bytes.ts";

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

test("equal() compares every pair of single bytes", () => {
  let wrong = 0;
  for (const a of all) {
    for (const b of all) if (equal(Uint8Array.of(a), Uint8Array.of(b)) !== (a === b)) wrong++;
  }
  expect(wrong).toBe(0);
});

test("equal() notices each single bit of difference, at each place", () => {
  const copy = all.slice();
  expect(equal(all, copy)).toBe(true);
  for (let place = 0; place < 256; place++) {
    for (let bit = 0; bit < 8; bit++) {
      expect(equal(all, copy.with(place, place ^ (1 << bit)))).toBe(false);
    }
  }
});

test("equal() refuses other lengths, prefixes among them", () => {
  for (let length = 0; length < 256; length++) {
    expect(equal(all, all.subarray(0, length))).toBe(false);
    expect(equal(all.subarray(0, length), all)).toBe(false);
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
  expect(toHex(all.subarray(14, 17))).toBe("0e0f10");
  expect(toHex(new Uint8Array())).toBe("");
});

test("ascii() gives one byte a character", () => {
  const text = String.fromCharCode(...all.subarray(0, 128));
  expect(ascii(text)).toEqual(all.slice(0, 128));
  expect(ascii("")).toEqual(new Uint8Array());
});

test("toText() reverses it, for all 256 byte values and however many", () => {
  const all = Uint8Array.from({ length: 200_000 }, (_, i) => i & 0xff);
  expect(ascii(toText(all))).toEqual(all);
  expect(toText(Uint8Array.of(0x41, 0x80, 0xff))).toBe("A\u0080\u00ff");
});

test("asWords() shows the same memory as words", () => {
  const buffer = new Uint8Array(16);
  const words = asWords(buffer.subarray(4, 12));
  expect(words).toHaveLength(2);
  words[0] = 0xffffffff;
  expect(toHex(buffer)).toBe("00000000ffffffff0000000000000000");
  buffer.fill(1);
  expect([...words]).toEqual([0x01010101, 0x01010101]);
});

test("asWords() refuses memory that does not begin on a word", () => {
  for (const offset of [1, 2, 3]) {
    expect(() => asWords(new Uint8Array(16).subarray(offset, offset + 4))).toThrow(RangeError);
  }
});

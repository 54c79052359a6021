import { expect, test } from "bun:test";
import { randomBytes } from "../../lib/crypto/random.ts";

test("randomBytes() gives as many bytes as asked, past what one system call gives", () => {
  for (const length of [0, 1, 32, 65_535, 65_536, 65_537, 200_000]) {
    expect(randomBytes(length).length).toBe(length);
  }
});

test("randomBytes() fills every part of a long answer", () => {
  const bytes = randomBytes(200_000);
  for (let start = 0; start < bytes.length; start += 1000) {
    expect(bytes.subarray(start, start + 32).some((byte) => byte !== 0)).toBe(true);
  }
});

test("randomBytes() never repeats itself", () => {
  const seen = new Set(Array.from({ length: 1000 }, () => randomBytes(16).toHex()));
  expect(seen.size).toBe(1000);
});

test("randomBytes() gives every byte value", () => {
  expect(new Set(randomBytes(65_536 * 2)).size).toBe(256);
});

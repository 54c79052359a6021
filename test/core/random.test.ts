import { expect, spyOn, test } from "bun:test";
import { randomBytes } from "../../lib/core/random.ts";

test("randomBytes() never repeats itself, and gives every byte value", () => {
  const seen = new Set(Array.from({ length: 1000 }, () => randomBytes(16).toHex()));
  expect(seen.size).toBe(1000);
  expect(new Set(randomBytes(65_536 * 2)).size).toBe(256);
});

test("randomBytes() fills each byte of every length, past what one system call gives", () => {
  for (const length of [0, 1, 32, 65_535, 65_536, 65_537, 200_000]) {
    const seen = new Uint8Array(length);
    for (let again = 0; again < 30; again++) {
      const bytes = randomBytes(length);
      expect(bytes).toHaveLength(length);
      for (const [i, byte] of bytes.entries()) seen[i] = (seen[i] as number) | byte;
    }
    expect(seen.indexOf(0)).toBe(-1);
  }
});

test("randomBytes() asks for no more at once than WebCrypto has to give, nor for what it keeps a stock of", () => {
  const getRandomValues = spyOn(crypto, "getRandomValues");
  randomBytes(2 * 65_536 + 1);
  randomBytes(65_536);
  expect(randomBytes(32).length).toBe(32);
  const asked = getRandomValues.mock.calls.map(([array]) => array?.byteLength);
  getRandomValues.mockRestore();
  expect(asked).toEqual([65_536, 65_536, 512, 65_536, 512]);
});

test("randomBytes() leaves nothing but zeros behind what it gives", () => {
  for (let length = 0; length <= 100; length++) {
    const bytes = randomBytes(length);
    expect(new Uint8Array(bytes.buffer, length).every((byte) => byte === 0)).toBe(true);
  }
});

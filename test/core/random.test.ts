import { expect, spyOn, test } from "bun:test";
import { randomBytes } from "../../lib/core/random.ts";

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

test("randomBytes() fills each byte, the first and the last ones included", () => {
  for (const length of [1, 16, 65_537]) {
    const seen = new Uint8Array(length);
    for (let again = 0; again < 30; again++) {
      for (const [i, byte] of randomBytes(length).entries()) seen[i] = (seen[i] as number) | byte;
    }
    expect(seen.indexOf(0)).toBe(-1);
  }
});

test("randomBytes() asks for no more at once than WebCrypto has to give, nor for no bytes", () => {
  const getRandomValues = spyOn(crypto, "getRandomValues");
  randomBytes(2 * 65_536 + 1);
  randomBytes(65_536);
  const asked = getRandomValues.mock.calls.map(([array]) => array?.byteLength);
  getRandomValues.mockRestore();
  expect(asked).toEqual([65_536, 65_536, 1, 65_536]);
});

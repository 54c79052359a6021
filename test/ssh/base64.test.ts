import { expect, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { decodeBase64 } from "../../lib/ssh/base64.ts";
import { codeOf, repeatable } from "../core/helpers.ts";

/** The bytes in hex, or undefined where they are refused. */
function decoded(text: Uint8Array): string | undefined {
  let bytes: Uint8Array | undefined;
  const before = text.slice();
  const code = codeOf(() => {
    bytes = decodeBase64(text);
  });
  expect(text).toEqual(before);
  expect(code).toBe(bytes ? "none" : "malformed");
  return bytes?.toHex();
}

/** The same by the runtime's decoder, held to the canonical form. */
function expected(text: Uint8Array): string | undefined {
  const bytes = Buffer.from(String.fromCharCode(...text), "base64");
  return bytes.toString("base64") === String.fromCharCode(...text) ? bytes.toHex() : undefined;
}

test("decodeBase64() gives back bytes of every length and value", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = repeatable(length)(length);
    expect(decoded(ascii(bytes.toBase64()))).toBe(bytes.toHex());
  }
});

test("decodeBase64() takes the 64 characters at each place, and refuses the 192 other bytes", () => {
  for (let place = 0; place < 4; place++) {
    let taken = 0;
    for (let byte = 0; byte < 256; byte++) {
      const text = ascii("AAAABBBB").with(place, byte);
      expect(decoded(text)).toBe(expected(text) as string);
      if (expected(text) !== undefined) taken++;
    }
    expect(taken).toBe(64);
  }
});

test("decodeBase64() refuses spare bits, padding elsewhere, and lengths that are no multiple of 4", () => {
  const wrong = ["A", "AA", "AAA", "AAAAA", "=", "====", "A===", "AA=A", "=AAA", "AAA=AAAA"];
  for (const text of [...wrong, "AA==AAAA", "AAAA=", "AAAA==", "AAAA====", "AAA=\n", "AA-_"]) {
    expect(decoded(ascii(text))).toBeUndefined();
  }
  for (let value = 0; value < 64; value++) {
    const character = Buffer.of(value << 2).toString("base64")[0] as string;
    for (const text of [`A${character}==`, `AA${character}=`]) {
      expect(decoded(ascii(text))).toBe(expected(ascii(text)) as string);
    }
  }
});

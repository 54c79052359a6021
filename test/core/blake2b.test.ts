import { expect, test } from "bun:test";
import { blake2b as noble } from "@noble/hashes/blake2.js";
import sodium from "libsodium-wrappers";
import { blake2b } from "../../lib/core/blake2b.ts";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { tabbed, testOutside } from "../outside-vectors.ts";
import { hex, repeatable, upTo } from "./helpers.ts";

await sodium.ready;

test("blake2b() gives RFC 7693's digest of abc (appendix A)", () => {
  expect(blake2b({ length: 64 }, ascii("abc")).toHex()).toBe(
    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1" +
      "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
  );
});

test("blake2b() without a person agrees with libsodium, keyed and not, at every length", () => {
  for (let length = 0; length <= 300; length++) {
    const message = repeatable(length)(length);
    const dkLen = 16 + (length % 49);
    const key = length % 2 ? repeatable(length + 1)(1 + (length % 64)) : undefined;
    expect(blake2b({ length: dkLen, ...(key && { key }) }, message)).toEqual(
      sodium.crypto_generichash(dkLen, message, key ?? null),
    );
  }
});

test("blake2b() gives every digest length from 1 to 64, and takes a person of 16 at most", () => {
  for (const length of upTo(64)) {
    expect(blake2b({ length }, ascii("x"))).toEqual(noble(ascii("x"), { dkLen: length }));
  }
  for (const length of [0, 65]) expect(() => blake2b({ length })).toThrow();
  expect(() => blake2b({ length: 32, person: "x".repeat(17) })).toThrow(RangeError);
});

test("blake2b() pads the person with NUL and keeps the salt at zero", () => {
  const key = repeatable(1)(32);
  const message = ascii("message");
  for (let length = 0; length <= 16; length++) {
    const person = "worstday persons".slice(0, length);
    const personalization = concat(ascii(person), new Uint8Array(16 - length));
    const options = { dkLen: 32, key, personalization, salt: new Uint8Array(16) };
    expect(blake2b({ length: 32, person, key }, message)).toEqual(noble(message, options));
  }
});

test("blake2b() hashes its parts as if they were one string, and leaves them as they were", () => {
  const message = repeatable(3)(300);
  const whole = blake2b({ length: 32 }, message);
  for (const cut of [0, 1, 127, 128, 129, 256, 300]) {
    const parts = [message.slice(0, cut), new Uint8Array(), message.slice(cut)];
    expect(blake2b({ length: 32 }, ...parts)).toEqual(whole);
    expect(concat(...parts)).toEqual(message);
  }
});

/*
 * Every line of this file has a salt that is not zero, and lib/core/blake2b.ts has no salt by
 * design. So the file holds noble to libsodium here, salt and person included, and the test above
 * ("keeps the salt at zero") holds our function to noble with a zero salt.
 */
testOutside(
  "noble's BLAKE2b, which blake2b() calls, agrees with PyNaCl on salt and person",
  "pynacl_blake2b_salt_person.txt",
  (text) => {
    const cases = tabbed(text);
    expect(cases).toHaveLength(40);
    for (const [message, key, salt, person, length, digest] of cases) {
      expect(salt).not.toMatch(/^0*$/); // a line without salt would belong to blake2b() itself
      const options = {
        dkLen: Number(length),
        key: hex(key as string),
        salt: hex(salt as string),
        personalization: hex(person as string),
      };
      expect(noble(hex(message as string), options).toHex()).toBe(digest as string);
    }
  },
);

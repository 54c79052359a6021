import { expect, test } from "bun:test";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { ascii, concat } from "../../lib/core/bytes.ts";
import {
  closeVault,
  decodeHeader,
  keyIdOf,
  looksLikeVault,
  openVault,
} from "../../lib/core/vault.ts";
import { measureVault } from "../../lib/show/inspect.ts";
import {
  bulk,
  codeOf,
  collect,
  expectFailure,
  failureOf,
  flipped,
  readerOf,
  repeatable,
} from "./helpers.ts";

const master = repeatable(1)(32);
const salt = repeatable(2)(32);
const mebibyte = 1_048_576;
const magic = ascii("worstday vault 1");

const close = (plaintext: Uint8Array) =>
  collect(closeVault(master, readerOf(plaintext), () => salt));
const open = (vault: Uint8Array, key = master) => collect(openVault(key, readerOf(vault)));
const small = await close(ascii("the backup keys"));

const keyed = (person: string, message: Uint8Array) => {
  const personalization = concat(ascii(person), new Uint8Array(16 - person.length));
  return blake2b(message, { dkLen: 32, key: master, personalization });
};

/** A vault by noble alone, as SPEC has it. */
function oracle(plaintext: Uint8Array): Uint8Array {
  const header = concat(magic, keyed("worstday key id", new Uint8Array()), salt);
  const key = keyed("worstday file", header);
  const count = Math.max(1, Math.ceil(plaintext.length / mebibyte));
  const chunks = Array.from({ length: count }, (_, i) => {
    const tail = new Uint8Array(8);
    new DataView(tail.buffer).setUint32(3, i);
    tail[7] = i === count - 1 ? 1 : 0;
    const part = plaintext.subarray(i * mebibyte, (i + 1) * mebibyte);
    return xchacha20poly1305(key, concat(salt.subarray(0, 16), tail)).encrypt(part);
  });
  return concat(header, ...chunks);
}

const lengths = [0, 1, 1000, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 3 * mebibyte + 5];

test.each(lengths)(
  "closeVault() of %d bytes is what noble makes of SPEC, and opens",
  async (length) => {
    const plaintext = bulk(length, length);
    const vault = await close(plaintext);
    expect(Buffer.compare(vault, oracle(plaintext))).toBe(0);
    expect(Buffer.compare(await open(vault), plaintext)).toBe(0);
    const chunks = Math.max(1, Math.ceil(length / mebibyte));
    expect(measureVault(vault.length)).toEqual({ chunks, plaintextBytes: length });
  },
);

test("closeVault() yields the 80-byte header first and takes 32 random bytes for it", async () => {
  const asked: number[] = [];
  const vault = closeVault(master, readerOf(new Uint8Array()), (length) => {
    asked.push(length);
    return salt;
  });
  const header = (await vault.next()).value as Uint8Array;
  expect(header.toHex()).toBe(concat(magic, keyIdOf(master), salt).toHex());
  expect(asked).toEqual([32]);
  expect(await vault.return(undefined)).toEqual({ value: undefined, done: true });
});

test("closeVault() of the same bytes under the same key is another vault each time", async () => {
  const make = () => collect(closeVault(master, readerOf(ascii("same"))));
  const [a, b] = [await make(), await make()];
  expect(a.subarray(0, 48).toHex()).toBe(b.subarray(0, 48).toHex());
  expect(a.subarray(48).toHex()).not.toBe(b.subarray(48).toHex());
  expect([await open(a), await open(b)].map((bytes) => bytes.toHex())).toEqual(
    [ascii("same"), ascii("same")].map((bytes) => bytes.toHex()),
  );
});

test("both leave the master as it was", async () => {
  const own = master.slice();
  const vault = await collect(closeVault(own, readerOf(ascii("x"))));
  await collect(openVault(own, readerOf(vault)));
  expect(own.toHex()).toBe(master.toHex());
});

test("keyIdOf() is the keyed BLAKE2b-256 of nothing under its own person", () => {
  expect(keyIdOf(master)).toEqual(keyed("worstday key id", new Uint8Array()));
});

test("openVault() refuses another key, and names both by their ids", async () => {
  for (let bit = 0; bit < 256; bit++) {
    const other = flipped(master, bit);
    const { message } = await expectFailure("mismatch", /this key is/, () => open(small, other));
    const [has, needs] = [other, master].map((key) => keyIdOf(key).toHex().slice(0, 16));
    expect(message).toStartWith(`this key is ${has}, but the vault needs ${needs}, or `);
    expect(message).not.toContain(other.subarray(0, 4).toHex());
  }
});

test("openVault() refuses any bit turned over, and tells magic, key id and the rest apart", async () => {
  for (let bit = 0; bit < small.length * 8; bit++) {
    const failure = await failureOf(() => open(flipped(small, bit)));
    const place = bit >> 3;
    if (place < 15) expect(failure.message).toMatch(/not a worstday vault/);
    else if (place === 15) expect(failure.message).toMatch(/version/);
    else if (place < 48) expect(failure.message).toMatch(/this key is/);
    else expect(failure.message).toMatch(/chunk 0 does not verify/);
    expect(failure.code).toBe(place < 16 ? "malformed" : "mismatch");
  }
});

test("openVault() refuses a vault cut anywhere: malformed in the header, then mismatch", async () => {
  for (let length = 0; length < small.length; length++) {
    const failure = await failureOf(() => open(small.subarray(0, length)));
    expect(failure.code).toBe(length < 80 ? "malformed" : "mismatch");
    expect(failure.message).toMatch(
      length === 0
        ? /empty/
        : length < 15
          ? /not a/
          : length < 80
            ? /cut short/
            : /cut short|verify/,
    );
  }
});

test("openVault() refuses a vault cut at a chunk's end, and bytes behind the last chunk", async () => {
  const vault = await close(bulk(2 * mebibyte, 1));
  const first = 80 + mebibyte + 16;
  for (const length of [80, 96, first - 1, first, first + 1, first + 16, vault.length - 1]) {
    await expectFailure("mismatch", /short|verify/, () => open(vault.subarray(0, length)));
  }
  for (const extra of [1, 16, 17, 80]) {
    const longer = concat(vault, new Uint8Array(extra));
    await expectFailure("mismatch", /short|verify/, () => open(longer));
  }
  await expectFailure("mismatch", /verify/, () => open(concat(small, small)));
});

test("openVault() refuses the chunks of another vault of the same key", async () => {
  const other = await collect(closeVault(master, readerOf(ascii("the backup keys"))));
  const mixed = concat(small.subarray(0, 80), other.subarray(80));
  await expectFailure("mismatch", /chunk 0/, () => open(mixed));
});

test("decodeHeader() gives key id and salt, of exactly 80 bytes or of more", () => {
  for (const bytes of [small.subarray(0, 80), small]) {
    const { keyId, salt: found } = decodeHeader(bytes);
    expect([keyId.toHex(), found.toHex()]).toEqual([keyIdOf(master).toHex(), salt.toHex()]);
  }
});

test("decodeHeader() says what is wrong: empty, no vault, cut short, a newer version", async () => {
  const newer = concat(ascii("worstday vault 2"), new Uint8Array(64));
  await expectFailure("malformed", /empty/, () => decodeHeader(new Uint8Array()));
  await expectFailure("malformed", /not a worstday vault/, () => decodeHeader(ascii("age-1")));
  await expectFailure("malformed", /cut short: 79/, () => decodeHeader(small.subarray(0, 79)));
  const { hint } = await expectFailure("malformed", /version/, () => decodeHeader(newer));
  expect(hint).toMatch(/newer/);
});

test("looksLikeVault() goes by the first 15 bytes, whatever the version", () => {
  expect(looksLikeVault(magic)).toBe(true);
  expect(looksLikeVault(ascii("worstday vault "))).toBe(true);
  expect(looksLikeVault(ascii("worstday vault 9 and more"))).toBe(true);
  for (let length = 0; length < 15; length++) {
    expect(looksLikeVault(magic.subarray(0, length))).toBe(false);
  }
  for (let bit = 0; bit < 15 * 8; bit++) expect(looksLikeVault(flipped(magic, bit))).toBe(false);
});

test("measureVault() takes exactly the lengths that a vault can have", () => {
  const possible = new Map<number, { chunks: number; plaintextBytes: number }>();
  const near = (chunk: number) => Array.from({ length: 80 }, (_, i) => chunk * mebibyte + i - 40);
  for (const plaintextBytes of [0, 1, 2, 3].flatMap(near).filter((length) => length >= 0)) {
    const chunks = Math.max(1, Math.ceil(plaintextBytes / mebibyte));
    possible.set(80 + 16 * chunks + plaintextBytes, { chunks, plaintextBytes });
  }
  for (const boundary of [0, 1, 2, 3]) {
    const end = 80 + boundary * (mebibyte + 16);
    for (let length = Math.max(0, end - 30); length <= end + 30; length++) {
      const expected = possible.get(length);
      if (expected) expect(measureVault(length)).toEqual(expected);
      else expect(codeOf(() => measureVault(length))).toBe("mismatch");
    }
  }
});

import { expect, setDefaultTimeout, test } from "bun:test";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ascii, concat } from "../../lib/core/bytes.ts";
import {
  closeVault,
  decodeHeader,
  headerBytes,
  keyIdOf,
  looksLikeVault,
  masterBytes,
  openVault,
} from "../../lib/core/vault.ts";
import { measureVault } from "../../lib/show/inspect.ts";
import { hash } from "../oracle/bytes.ts";
import {
  bulk,
  codeOf,
  collect,
  cuts,
  expectFailure,
  flips,
  readerOf,
  repeatable,
} from "./helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

const master = repeatable(1)(32);
const salt = repeatable(2)(32);
const mebibyte = 1_048_576;
const magic = ascii("worstday vault 1");

const close = (plaintext: Uint8Array) =>
  collect(closeVault(master, readerOf(plaintext), () => salt));
const open = (vault: Uint8Array, key = master) => collect(openVault(key, readerOf(vault)));
const small = await close(ascii("the backup keys"));

const keyed = (label: string, message: Uint8Array) => hash(label, 32, message, master);

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
    return chacha20poly1305(key, concat(new Uint8Array(4), tail)).encrypt(part);
  });
  return concat(header, ...chunks);
}

test("the sizes are those of SPEC", () => {
  expect([masterBytes, headerBytes]).toEqual([32, 80]);
});

const lengths = [0, 1000, mebibyte, 3 * mebibyte + 5];

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

test("closeVault() makes another vault each time, and leaves the master as it was", async () => {
  const own = master.slice();
  const make = () => collect(closeVault(own, readerOf(ascii("same"))));
  const [a, b] = [await make(), await make()];
  expect(a.subarray(0, 48).toHex()).toBe(b.subarray(0, 48).toHex());
  expect(a.subarray(48).toHex()).not.toBe(b.subarray(48).toHex());
  for (const vault of [a, b]) expect((await open(vault, own)).toHex()).toBe(ascii("same").toHex());
  expect(own.toHex()).toBe(master.toHex());
});

test("keyIdOf() is HKDF of the key under its own label", () => {
  expect(keyIdOf(master)).toEqual(keyed("worstday key id", new Uint8Array()));
});

test("openVault() refuses another key, and names both by their ids", async () => {
  for (const other of flips(master)) {
    const { message } = await expectFailure("mismatch", /this key is/, () => open(small, other));
    const [has, needs] = [other, master].map((key) => keyIdOf(key).toHex().slice(0, 16));
    expect(message).toStartWith(`this key is ${has}, but the vault needs ${needs}, or `);
    expect(message).not.toContain(other.subarray(0, 4).toHex());
  }
});

test("openVault() refuses any bit turned over, and tells magic, key id and the rest apart", async () => {
  for (const [bit, vault] of flips(small).entries()) {
    const place = bit >> 3;
    const [code, words] =
      place < 15
        ? (["malformed", /^not a worstday vault$/] as const)
        : place === 15
          ? (["malformed", /version/] as const)
          : (["mismatch", place < 48 ? /this key is/ : /chunk 0 does not verify/] as const);
    await expectFailure(code, words, () => open(vault));
  }
});

test("openVault() refuses a vault cut anywhere: malformed in the header, then mismatch", async () => {
  const header = (length: number) => (length < 15 ? /not a/ : /cut short/);
  for (const [length, cut] of cuts(small).entries()) {
    if (length >= 80) await expectFailure("mismatch", /cut short|verify/, () => open(cut));
    else await expectFailure("malformed", length ? header(length) : /empty/, () => open(cut));
  }
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
  const stem = magic.subarray(0, 15);
  for (const more of ["", "1", "9 and more"]) {
    expect(looksLikeVault(concat(stem, ascii(more)))).toBe(true);
  }
  for (const other of [...cuts(stem), ...flips(stem)]) expect(looksLikeVault(other)).toBe(false);
});

test("measureVault() takes exactly the lengths that a vault can have", () => {
  for (const whole of [0, 1, 2, 3]) {
    const end = 80 + whole * (mebibyte + 16);
    for (let length = Math.max(0, end - 30); length <= end + 30; length++) {
      const chunks = Math.max(1, Math.ceil((length - 80) / (mebibyte + 16)));
      const plaintextBytes = length - 80 - 16 * chunks;
      // each chunk has a tag, and one byte at least if it is not the first
      const isPossible = plaintextBytes >= (chunks > 1 ? (chunks - 1) * mebibyte + 1 : 0);
      if (isPossible) expect(measureVault(length)).toEqual({ chunks, plaintextBytes });
      else expect(codeOf(() => measureVault(length))).toBe("mismatch");
    }
  }
});

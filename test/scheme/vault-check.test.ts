import { expect, setDefaultTimeout, test } from "bun:test";
import { fail } from "../../lib/core/errors.ts";
import { sha256 } from "../../lib/core/hash.ts";
import type { Scheme } from "../../lib/scheme/fields.ts";
import { checkVault, hashed } from "../../lib/scheme/vault-check.ts";
import { bulk, expectFailure, flipped, readerOf, repeatable } from "../core/helpers.ts";
import { observeWipes } from "./observe.ts";
import {
  digestOf,
  master,
  plaintext,
  scheme,
  schemeWith,
  vault,
  vaultOf,
} from "./scheme-fixture.ts";

setDefaultTimeout(60_000); // for a busy machine

const mebibyte = 1_048_576;
const other = repeatable(7)(32);

/** With the master key and without it. */
const both = [undefined, master];
const check = (bytes: Uint8Array, key?: Uint8Array, of: Scheme = scheme) =>
  checkVault(of, readerOf(bytes), key);
const describing = (bytes: Uint8Array) => schemeWith({ vaultDigest: digestOf(bytes) });

test("checkVault() takes the vault that the scheme describes", async () => {
  for (const key of both) expect(await check(vault, key)).toBeUndefined();
});

// A body of 1 MiB - 16 and its tag is exactly as much as is read at once.
test.each([0, 1, mebibyte - 16])(
  "checkVault() takes a vault of %d bytes, and no shorter or longer one",
  async (length) => {
    const bytes = await vaultOf(master, bulk(length, 1));
    const described = describing(bytes);
    for (const key of both) {
      expect(await check(bytes, key, described)).toBeUndefined();
      for (const wrong of [bytes.subarray(0, -1), new Uint8Array([...bytes, 0])]) {
        const words = /SHA-256|does not verify|cut short/;
        await expectFailure("mismatch", words, () => check(wrong, key, described));
      }
    }
  },
);

test("checkVault() refuses a vault with a bit of any byte turned over, or cut short anywhere", async () => {
  for (const key of both) {
    for (let bit = 0; bit < vault.length * 8; bit += 7) {
      const code = bit < 16 * 8 ? "malformed" : "mismatch";
      await expectFailure(code, /./, () => check(flipped(vault, bit), key));
    }
    for (let length = 0; length < vault.length; length++) {
      const code = length < 80 ? "malformed" : "mismatch";
      await expectFailure(code, /./, () => check(vault.subarray(0, length), key));
    }
  }
});

test("checkVault() refuses another good vault of the same key", async () => {
  const another = await vaultOf(master, new Uint8Array(5));
  for (const key of both) {
    const words = /^its SHA-256 is not the one in scheme\.json: damaged, or another vault$/;
    await expectFailure("mismatch", words, () => check(another, key));
  }
});

test("checkVault() refuses a vault of another key, though its SHA-256 is right", async () => {
  const foreign = await vaultOf(other, plaintext);
  const described = describing(foreign);
  const words = /^its key id is not the one in scheme\.json$/;
  await expectFailure("mismatch", words, () => check(foreign, undefined, described));
  await expectFailure("mismatch", /^this key is /, () => check(foreign, master, described));
});

test("checkVault() with the key opens what without it only looks right", async () => {
  const damaged = flipped(vault, 90 * 8);
  const described = describing(damaged);
  expect(await check(damaged, undefined, described)).toBeUndefined();
  const opening = () => check(damaged, master, described);
  await expectFailure("mismatch", /^chunk 0 does not verify/, opening);
  await expectFailure("mismatch", /^this key is /, () => check(vault, other));
});

test("checkVault() wipes what it opens", async () => {
  const wiped = await observeWipes(() => check(vault, master));
  expect(wiped(plaintext)).toBeGreaterThan(0);
});

test("checkVault() passes on what fails in reading", async () => {
  for (const key of both) {
    const reading = async () => fail("io", "cannot read vault-1.wd: input/output error");
    const words = /^cannot read vault-1\.wd/;
    await expectFailure("io", words, () => checkVault(scheme, reading, key));
  }
});

test("hashed() reads the same, and the hash sees what was read and no more", async () => {
  const bytes = bulk(1000, 3);
  const hash = sha256();
  const read = hashed(readerOf(bytes), hash);
  const buffer = new Uint8Array(300).fill(0xaa);
  for (const at of [0, 300, 600]) {
    expect(await read(buffer)).toBe(300);
    expect(buffer).toEqual(bytes.slice(at, at + 300));
  }
  expect([await read(buffer), await read(buffer)]).toEqual([100, 0]);
  expect(hash.digest().toHex()).toBe(digestOf(bytes));
});

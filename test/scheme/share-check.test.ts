import { expect, test } from "bun:test";
import { ascii, concat, equal, toHex } from "../../lib/core/bytes.ts";
import { type ErrorCode, fail } from "../../lib/core/errors.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { sealBox } from "../../lib/nacl/sealed-box.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import type { Holder } from "../../lib/scheme/fields.ts";
import { judge } from "../../lib/scheme/findings.ts";
import { checkSealed, holderOf } from "../../lib/scheme/share-check.ts";
import { recipientId } from "../../lib/wire/keys.ts";
import { decodeSealedShare, encodeSealedShare, sealShare } from "../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { expectFailure, flipped, repeatable } from "../core/helpers.ts";
import { textOf, upper } from "../oracle/text.ts";
import { observeWipes } from "./observe.ts";
import * as fixture from "./scheme-fixture.ts";

const { bent, holderA, holderB, master, privateKeys, scheme, shares } = fixture;
const [keyA, keyB] = privateKeys as [Uint8Array, Uint8Array];
const [publicA, publicB] = await Promise.all([publicKeyOf(keyA), publicKeyOf(keyB)]);
const [one, two] = shares;
const newline = ascii("\n");
const fileOf = async (share: Share, publicKey = publicA) =>
  concat(await sealShare(share, publicKey), newline);
const good = await fileOf(one);
const sealed = decodeSealedShare(good.slice(0, -1));
const withClear = (change: Partial<typeof sealed>) =>
  concat(encodeSealedShare({ ...sealed, ...change }), newline);

/** Bytes are given in copies: reading lines drops from them what does not count. */
const check = (bytes: Uint8Array, privateKey?: Uint8Array, holder: Holder = holderA) =>
  checkSealed(scheme, holder, bytes.slice(), privateKey);
/** That it is refused with and without the private key, in the same words. */
async function isRefused(code: ErrorCode, words: RegExp, bytes: Uint8Array) {
  await expectFailure(code, words, () => check(bytes));
  await expectFailure(code, words, () => check(bytes, keyA));
}

test("judge() finds good what does not fail, and bad what does, and says why", async () => {
  const finding = await judge("a", async () => "what was checked");
  expect(finding).toEqual({ name: "a", verdict: "good", reason: "what was checked" });
  for (const code of ["malformed", "mismatch", "too-few", "refused", "usage"] as const) {
    const finding = await judge("vault", async () => fail(code, "what is wrong", "a hint"));
    expect(finding).toEqual({ name: "vault", verdict: "bad", reason: "what is wrong" });
  }
});

test("judge() finds missing what cannot be read, and passes on faults of ours", async () => {
  const unread = await judge("a", async () => fail("io", "disk"));
  expect(unread).toEqual({ name: "a", verdict: "missing", reason: "disk" });
  const fault = new TypeError("ours");
  const faulty = judge("a", () => Promise.reject(fault));
  expect(await faulty.catch((error: unknown) => error)).toBe(fault);
});

const looksGood = "sealed to the holder's key";
const isGood = "opened: the share that was dealt";

test("checkSealed() says what it has seen, and reads the file as lines are read", async () => {
  expect(await check(good)).toBe(looksGood);
  expect(await check(await fileOf(two, publicB), keyB, holderB)).toBe(isGood);
  const token = good.slice(0, -1);
  const commented = concat(ascii("# node a\n\n"), good);
  for (const bytes of [good, token, commented, concat(upper(token), ascii("\r\n"))]) {
    expect(await check(bytes, keyA)).toBe(isGood);
  }
});

test.each([
  [/^its file: no sealed share$/, new Uint8Array()],
  [/^its file: no sealed share$/, ascii("# nothing\n")],
  [/^its file: line 2: expected only one sealed share$/, concat(good, good)],
  [/expected a wdsealed1 line/, concat(encodeShare(one), newline)],
  [/expected a line that begins/, ascii("hello\n")],
  [/byte 1 is not plain ASCII/, ascii("\0\n")],
  [/./, good.slice(0, 100)],
])("checkSealed() refuses what is no sealed share: %p", (words, bytes) => {
  return isRefused("malformed", words, bytes);
});

test("checkSealed() refuses a file with any character changed", async () => {
  for (let i = 0; i < good.length - 1; i++) {
    const wrong = good.with(i, good[i] === 0x71 ? 0x70 : 0x71); // q, or p for a q
    await expectFailure("malformed", /./, () => check(wrong));
  }
});

test("checkSealed() refuses a share of another set, scheme, index or key", async () => {
  const setId = flipped(one.setId, 3);
  const [older] = deal(master, 2, 4, repeatable(9)) as [Share];
  const foreign = /^it is sealed to ([0-9a-f]{16}), which is not the holder's key$/;
  for (const [words, bytes] of [
    [new RegExp(`^it is of set ${toHex(setId)}$`), withClear({ setId })],
    [/^it is of a 3-of-4 scheme$/, withClear({ k: 3 })],
    [/^it is of a 2-of-5 scheme$/, withClear({ n: 5 })],
    [/^it is share 2, expected share 1$/, withClear({ x: 2 })],
    [/^it is of set /, await fileOf(older)],
    [/^it is share 2/, await fileOf(two)],
    [foreign, await fileOf(one, publicB)],
  ] as const) {
    await isRefused("mismatch", words, bytes);
  }
  const swapped = await fileOf(two, publicA);
  const { message } = await expectFailure("mismatch", foreign, () => check(swapped, keyB, holderB));
  expect(message).toContain(toHex(recipientId(publicA)));
});

test("checkSealed() with the private key finds what looks right and is not", async () => {
  const otherwise = /clear part of the sealed share does not match/;
  const upperCase = await sealBox(upper(encodeShare(one)), publicA);
  for (const [words, bytes] of [
    [/^it opens, but is not the share that was dealt$/, await fileOf(bent(one))],
    [/does not open: damaged or forged/, withClear({ box: flipped(sealed.box, 500) })],
    [otherwise, withClear({ box: await sealBox(encodeShare(two), publicA) })],
    [otherwise, withClear({ box: upperCase })], // no share line
  ] as const) {
    expect(await check(bytes)).toBe(looksGood);
    await expectFailure("mismatch", words, () => check(bytes, keyA));
  }
  await expectFailure("mismatch", /does not open/, () => check(good, keyB));
});

test("checkSealed() wipes the share that it opens, right or wrong", async () => {
  for (const share of [one, bent(one)]) {
    const file = await fileOf(share);
    const wiped = await observeWipes(() => check(file, keyA).catch(() => "not good"));
    expect(wiped(share.y)).toBeGreaterThan(0);
    expect(wiped(encodeShare(share))).toBe(3); // out of the box, and twice written again
  }
});

test("holderOf() finds whose private key it is", async () => {
  for (const [i, key] of privateKeys.entries()) {
    expect(await holderOf(scheme, key)).toBe(scheme.holders[i] as Holder);
  }
  const twin = keyA.with(0, (keyA[0] as number) ^ 1); // clamped away: the same key
  expect(await holderOf(scheme, twin)).toBe(holderA);
});

test("holderOf() refuses a key of nobody's, and says its recipient id", async () => {
  const stranger = repeatable(8)(32);
  const id = toHex(recipientId(await publicKeyOf(stranger)));
  const words = new RegExp(`^no holder of this scheme has the key ${id}$`);
  const { hint } = await expectFailure("mismatch", words, () => holderOf(scheme, stranger));
  expect(hint).toMatch(/^this is another node/);
});

test("the messages never hold what is sealed", async () => {
  const line = textOf(encodeShare(one));
  const wrong = concat(ascii(line), newline);
  const { message, hint } = await expectFailure("malformed", /./, () => check(wrong, keyA));
  expect(`${message} ${hint}`).not.toContain(line.slice(8, 30));
  expect(equal(wrong, concat(ascii(line), newline))).toBe(true);
});

import { expect, test } from "bun:test";
import { concat } from "../../lib/core/bytes.ts";
import {
  decodePrivateKey,
  decodePublicKey,
  encodePrivateKey,
  encodePublicKey,
  isHybrid,
  nameKind,
  publicHalf,
  recipientId,
} from "../../lib/wire/keys.ts";
import { expectFailure, flipped, repeatable } from "../core/helpers.ts";
import { encodeU, p } from "../core/ladder-oracle.ts";
import { xWing } from "../hybrid/reference.ts";
import { hash } from "../oracle/bytes.ts";

const privateKey = repeatable(1)(32);
const publicKey = await publicHalf(privateKey);
const hybridKey = concat(Uint8Array.of(2), repeatable(2)(32));

test("decodePublicKey() refuses keys of low order, not below p, or with the top bit", async () => {
  for (const u of [0n, 1n, p - 1n]) {
    await expectFailure("malformed", /low order/, () =>
      decodePublicKey(encodePublicKey(encodeU(u))),
    );
  }
  for (const key of [encodeU(p), encodeU(2n ** 255n - 1n), flipped(publicKey, 255)]) {
    await expectFailure("malformed", /not below/, () => decodePublicKey(encodePublicKey(key)));
  }
});

/** The key with one of ML-KEM's 768 numbers of 12 bits replaced. */
function withNumber(key: Uint8Array, index: number, value: number): Uint8Array {
  const at = Math.floor(index / 2) * 3;
  const three =
    (key[at] as number) | ((key[at + 1] as number) << 8) | ((key[at + 2] as number) << 16);
  const shift = (index % 2) * 12;
  const changed = (three & ~(0xfff << shift)) | (value << shift);
  const bytes = [changed & 255, (changed >> 8) & 255, (changed >> 16) & 255];
  return key.map((byte, i) => bytes[i - at] ?? byte);
}

test("decodePublicKey() takes hybrid keys whose numbers are all below 3329, and refuses others", async () => {
  const key = await publicHalf(hybridKey);
  const decode = (one: Uint8Array) => decodePublicKey(encodePublicKey(one));
  expect(decode(key)).toEqual(key);
  for (let index = 0; index < 768; index++) {
    const largest = withNumber(key, index, 3328);
    expect(decode(largest)).toEqual(largest);
    const value = 3329 + ((index * 7) % (4096 - 3329));
    await expectFailure("malformed", /reduced modulo 3329/, () =>
      decode(withNumber(key, index, value)),
    );
  }
  const noSuch = withNumber(key, 767, 3329);
  expect(() => xWing.encapsulate(noSuch, repeatable(1)(64))).toThrow(); // noble says the same
});

test("decodePublicKey() refuses a hybrid key whose X25519 half it would refuse alone", async () => {
  const key = await publicHalf(hybridKey);
  const withHalf = (u: Uint8Array) => encodePublicKey(concat(key.subarray(0, -32), u));
  for (const u of [0n, 1n, p - 1n]) {
    await expectFailure("malformed", /low order/, () => decodePublicKey(withHalf(encodeU(u))));
  }
  for (const u of [encodeU(p), flipped(publicKey, 255)]) {
    await expectFailure("malformed", /not below/, () => decodePublicKey(withHalf(u)));
  }
});

test("publicHalf() gives X25519's and X-Wing's keys, and recipientId() is of either", async () => {
  expect(await publicHalf(privateKey)).toEqual(publicKey);
  const key = await publicHalf(hybridKey);
  expect(key).toEqual(xWing.getPublicKey(hybridKey.slice(1)));
  expect([privateKey, hybridKey, publicKey, key].map(isHybrid)).toEqual([false, true, false, true]);
  expect([true, false].map(nameKind)).toEqual(["X25519 and ML-KEM-768", "X25519"]);
  expect(recipientId(key)).not.toEqual(recipientId(publicKey));
});

test("decodePrivateKey() takes any 32 bytes, since X25519 clamps them", () => {
  for (const byte of [0, 1, 0x80, 0xff]) {
    const key = new Uint8Array(32).fill(byte);
    expect(decodePrivateKey(encodePrivateKey(key)).slice()).toEqual(key);
  }
});

test("recipientId() is 8 bytes of HMAC of the key under its own label", () => {
  for (let seed = 0; seed < 20; seed++) {
    const key = repeatable(seed)(32);
    expect(recipientId(key)).toEqual(hash("worstday rcpt", 8, key));
  }
});

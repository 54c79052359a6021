import { expect, setDefaultTimeout, test } from "bun:test";
import sodium from "libsodium-wrappers";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { boxOverheadBytes, openBox, sealBox } from "../../lib/nacl/sealed-box.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import {
  cuts,
  expectFailure,
  failureOf,
  flipped,
  flips,
  hex,
  repeatable,
} from "../core/helpers.ts";
import { encodeU, p } from "../core/ladder-oracle.ts";
import { tabbed, testOutside } from "../outside-vectors.ts";

setDefaultTimeout(60_000); // for a busy machine

await sodium.ready;

const privateKey = repeatable(1)(32);
const publicKey = await publicKeyOf(privateKey);
const message = ascii("the crows fly at midnight");

const lowOrder = [
  encodeU(0n),
  encodeU(1n),
  encodeU(p - 1n),
  hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
  hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
];

test("sealBox() and openBox() work both ways with libsodium, for many lengths and keys", async () => {
  for (const length of [...Array(201).keys(), 255, 256, 257, 478, 1000, 65_537]) {
    const pair = sodium.crypto_box_keypair();
    const text = repeatable(length)(length);
    const ours = await sealBox(text, pair.publicKey);
    expect(ours.length).toBe(length + boxOverheadBytes);
    expect(sodium.crypto_box_seal_open(ours, pair.publicKey, pair.privateKey)).toEqual(text);
    const theirs = sodium.crypto_box_seal(text, pair.publicKey);
    expect(await openBox(theirs, pair.privateKey)).toEqual(text);
  }
});

test("sealBox() begins with the ephemeral public key, of 32 random bytes that it wipes", async () => {
  const asked: Uint8Array[] = [];
  const [text, key] = [message.slice(), publicKey.slice()];
  const box = await sealBox(text, key, (length) => {
    asked.push(repeatable(2)(length));
    return asked.at(-1) as Uint8Array;
  });
  expect(box.slice(0, 32).toHex()).toBe((await publicKeyOf(repeatable(2)(32))).toHex());
  expect(asked.map((bytes) => bytes.toHex())).toEqual(["00".repeat(32)]);
  expect([text.toHex(), key.toHex()]).toEqual([message.toHex(), publicKey.toHex()]);
});

test("sealBox() never makes the same box twice", async () => {
  const boxes = await Promise.all(Array.from({ length: 100 }, () => sealBox(message, publicKey)));
  expect(new Set(boxes.map((box) => box.subarray(0, 32).toHex())).size).toBe(100);
});

test("sealBox() refuses a recipient of low order", async () => {
  for (const u of lowOrder) expect(async () => sealBox(message, u)).toThrow(RangeError);
});

test("openBox() refuses a box with a bit turned over, cut, longer, or to another key", async () => {
  const box = await sealBox(message, publicKey);
  for (const wrong of [...flips(box), ...cuts(box), concat(box, new Uint8Array(1))]) {
    await expectFailure("mismatch", /does not open/, () => openBox(wrong, privateKey));
  }
  for (let seed = 10; seed < 30; seed++) {
    await expectFailure("mismatch", /does not open/, () => openBox(box, repeatable(seed)(32)));
  }
});

test("openBox() refuses an ephemeral key of low order, the top bit set or not", async () => {
  const box = await sealBox(message, publicKey);
  for (const u of [...lowOrder, encodeU(p), encodeU(p + 1n)]) {
    for (const ephemeral of [u, flipped(u, 255)]) {
      const forged = concat(ephemeral, box.subarray(32));
      expect((await failureOf(() => openBox(forged, privateKey))).code).toBe("mismatch");
    }
  }
});

test("openBox() refuses a box forged for the all-zero shared secret", async () => {
  // With a point of low order everybody knows the secret: libsodium's own pieces make the box.
  const { crypto_secretbox_easy: secretbox, crypto_generichash: hash } = sodium;
  const beforenm = hex("351f86faa3b988468a850122b65b0acece9c4826806aeee63de9c0da2bd7f91e");
  for (const u of lowOrder) {
    const box = concat(u, secretbox(message, hash(24, concat(u, publicKey), null), beforenm));
    await expectFailure("mismatch", /does not open/, () => openBox(box, privateKey));
  }
});

test("openBox() leaves box and key as they were, inside a larger buffer too", async () => {
  const box = await sealBox(message, publicKey);
  const larger = concat(new Uint8Array(3), box, privateKey);
  const before = larger.slice();
  const [inner, key] = [larger.subarray(3, -32), larger.subarray(-32)];
  expect(await openBox(inner, key)).toEqual(message);
  expect(larger).toEqual(before);
});

test("a refused box says nothing of its bytes or of the key's", async () => {
  const { message: text } = await failureOf(() => openBox(ascii("x".repeat(60)), privateKey));
  expect(text).not.toMatch(/xx|[0-9a-f]{8}/);
});

testOutside(
  "openBox() opens the boxes that libsodium made for PyNaCl",
  "pynacl_sealed_box_ref.txt",
  async (text) => {
    const cases = tabbed(text);
    expect(cases.length).toBeGreaterThan(0);
    for (const [secretKey, key, plaintext, ciphertext] of cases) {
      const [length, inner] = (plaintext as string).split(":") as [string, string];
      const [boxLength, box] = (ciphertext as string).split(":") as [string, string];
      expect(Number(boxLength)).toBe(box.length / 2);
      expect(Number(length)).toBe(inner.length / 2);
      expect((await publicKeyOf(hex(secretKey as string))).toHex()).toBe(key as string);
      expect((await openBox(hex(box), hex(secretKey as string))).toHex()).toBe(inner);
    }
  },
);

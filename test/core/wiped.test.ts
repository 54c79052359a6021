/** Secrets are wiped: what a function has allocated is looked through when it has ended. */

import { expect, spyOn, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import sodium from "libsodium-wrappers";
import { chunkBytes, openStream, sealStream } from "../../lib/core/chunk-stream.ts";
import { moments } from "../../lib/core/decode.ts";
import { derive, hmac } from "../../lib/core/hash.ts";
import * as native from "../../lib/core/primitives.ts";
import { recover } from "../../lib/core/recover.ts";
import { evaluate, interpolate } from "../../lib/core/shamir.ts";
import { deal, type Share, verify } from "../../lib/core/sharing.ts";
import { openBox, sealBox } from "../../lib/nacl/sealed-box.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { convertPrivateKey } from "../../lib/ssh/ed25519-key.ts";
import { bulk, collect, failureOf, flipped, readerOf, repeatable } from "./helpers.ts";
import { allocatedIn, holders } from "./memory.ts";

await sodium.ready;

const secret = repeatable(1)(32);
const basePoint = Uint8Array.of(9, ...new Uint8Array(31));
const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

/** A share that fits nothing. */
const spoiled = (share: Share): Share => ({ ...share, y: repeatable(9)(share.y.length) });

test("what is looked for would be found: in words, parts and copies that nobody has any more", async () => {
  const memory = await allocatedIn(() => {
    new Uint8Array(40).set(secret, 5);
    new Uint8Array(new Uint32Array(8).buffer).set(secret);
    new Uint8Array(secret).slice().map((byte) => byte);
    Uint8Array.from(secret).subarray(3);
  });
  expect(holders(memory, secret)).toBe(6);
  expect(new Uint8Array(1).slice().constructor).toBe(Uint8Array);
});

test("evaluate() and interpolate() leave zeros in all but what they give", async () => {
  for (const length of [1, 32, 33]) {
    const given = repeatable(2)(length);
    const points = evaluate(given, 3, 5, repeatable(3)).slice(1, 4);
    const copies = points.map(({ x, y }) => ({ x, y: y.slice() }));
    const kept: Uint8Array[] = [];
    const memory = await allocatedIn(() => {
      kept.push(...evaluate(given, 3, 5, repeatable(3)).map(({ y }) => y));
      kept.push(interpolate(copies, 0));
    });
    const own = new Set(kept.map(({ buffer }) => buffer));
    expect(memory.filter((one) => !own.has(one.buffer)).every(isZero)).toBe(true);
    expect(memory.length).toBeGreaterThan(kept.length + 3);
    expect(kept.at(-1)).toEqual(given);
  }
});

test("deal() and verify() leave no secret behind, and no tag", async () => {
  const random = repeatable(4);
  const shares = deal(secret, 2, 3, repeatable(4));
  const tag = interpolate(shares, 0).slice(0, 16);
  const dealing = await allocatedIn(() => deal(secret, 2, 3, random));
  expect([holders(dealing, secret), holders(dealing, tag)]).toEqual([0, 0]);
  let found: Uint8Array | undefined;
  const verifying = await allocatedIn(() => {
    found = verify(shares);
  });
  expect(found).toEqual(secret);
  const results = [found as Uint8Array];
  expect([holders(verifying, secret, ...results), holders(verifying, tag)]).toEqual([0, 0]);
});

test("verify() leaves nothing of what does not verify", async () => {
  const [first, second] = deal(secret, 2, 3) as [Share, Share];
  const wrong = [first, spoiled(second)];
  const payload = interpolate(wrong, 0);
  const memory = await allocatedIn(() => expect(verify(wrong)).toBeUndefined());
  expect(holders(memory, payload.subarray(16))).toBe(0);
});

test("recover() leaves neither values of other shares, nor secrets that it does not give", async () => {
  const shares = deal(secret, 2, 5);
  const all = shares.map((share, i) => (i === 4 ? spoiled(share) : share));
  const lines = await allocatedIn(() => expect(recover(all).disagreeing).toHaveLength(1));
  for (const { y } of shares) expect(holders(lines, y)).toBe(0);

  const other = repeatable(5)(32);
  const setId = (shares[0] as Share).setId;
  const forged = deal(other, 2, 5, (length) => (length === 8 ? setId : repeatable(6)(length)));
  const mixed = [...shares.slice(0, 2), ...forged.slice(2, 4)];
  const twice = await allocatedIn(() => failureOf(() => recover(mixed)));
  expect([holders(twice, secret), holders(twice, other)]).toEqual([0, 0]);

  const five = deal(secret, 5, 8).map((share, i) => (i < 2 ? spoiled(share) : share));
  const sums = moments(five, 5);
  const tried = await allocatedIn(() => expect(recover(five).disagreeing).toHaveLength(2));
  expect(sums.map((sum) => holders(tried, sum))).toEqual([0, 0, 0, 0]);

  const many = deal(secret, 10, 20).map((share, i) => (i < 6 ? spoiled(share) : share));
  const undecided = await allocatedIn(async () => {
    expect((await failureOf(() => recover(many))).message).toMatch(/too many shares disagree/);
  });
  expect(holders(undecided, secret)).toBe(0);
});

test("x25519() leaves no scalar, and the runtime's keys cannot be taken out again", async () => {
  const scalar = repeatable(7)(32);
  const importKey = spyOn(crypto.subtle, "importKey");
  const memory = await allocatedIn(async () => {
    await native.x25519(scalar, basePoint);
    await native.chacha20Poly1305(scalar);
  });
  const extractable = importKey.mock.calls.map((given) => given[3]);
  importKey.mockRestore();
  expect(holders(memory, scalar)).toBe(0);
  expect(extractable).toEqual([false, false, false]);
});

test("sealBox() and openBox() leave no key and no shared secret, of a wrong box neither", async () => {
  const [privateKey, ephemeral] = [repeatable(7)(32), repeatable(8)(32)];
  const publicKey = await publicKeyOf(privateKey);
  const shared = sodium.crypto_scalarmult(ephemeral, publicKey);
  const key = sodium.crypto_box_beforenm(publicKey, ephemeral);
  let box: Uint8Array = new Uint8Array(0);
  const memory = await allocatedIn(async () => {
    box = await sealBox(secret, publicKey, () => ephemeral);
    await openBox(box, privateKey);
    await failureOf(() => openBox(flipped(box, 500), privateKey));
  });
  for (const kept of [shared, key, repeatable(8)(32), privateKey]) {
    expect(holders(memory, kept)).toBe(0);
  }
  expect(isZero(ephemeral)).toBe(true);
});

test("convertPrivateKey() leaves no hash of the seed, and no key of a pair that does not match", async () => {
  const hash = sha512(secret);
  const publicKey = ed25519.getPublicKey(secret);
  const key = await convertPrivateKey(secret, publicKey);
  const memory = await allocatedIn(() => convertPrivateKey(secret, publicKey));
  expect([holders(memory, hash.slice(0, 32)), holders(memory, hash.slice(32))]).toEqual([0, 0]);
  expect(holders(memory, key)).toBe(1); // what it gives
  const other = ed25519.getPublicKey(repeatable(2)(32));
  const refused = await allocatedIn(() => failureOf(() => convertPrivateKey(secret, other)));
  expect(holders(refused, key)).toBe(0);
});

test("sealStream(), openStream() and derive() leave no key", async () => {
  const memory = await allocatedIn(async () => {
    const sealed = await collect(sealStream(secret, readerOf(bulk(100, 1))));
    await collect(openStream(secret, readerOf(sealed)));
    derive(secret, "label");
  });
  const extracted = hmac(new Uint8Array(), secret);
  expect([holders(memory, extracted), holders(memory, secret, secret)]).toEqual([0, 0]);
});

test("openStream() leaves nothing of the chunks behind one that does not verify", async () => {
  const plaintext = bulk(2 * chunkBytes + 100, 1);
  const sealed = await collect(sealStream(secret, readerOf(plaintext)));
  sealed[0] = (sealed[0] as number) ^ 1;
  const memory = await allocatedIn(async () => {
    await failureOf(() => collect(openStream(secret, readerOf(sealed))));
    await Bun.sleep(100); // they are opened at the same time, and wiped when that has ended
  });
  expect(memory.filter(({ length }) => length >= chunkBytes).length).toBeGreaterThan(2);
  const behind = [plaintext.subarray(chunkBytes, chunkBytes + 32), plaintext.subarray(-32)];
  expect(behind.map((part) => holders(memory, part))).toEqual([0, 0]);
});

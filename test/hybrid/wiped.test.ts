/** Secrets are wiped: what a function has allocated is looked through when it has ended. */

import { expect, spyOn, test } from "bun:test";
import { x25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { openBase, sealBase } from "../../lib/hybrid/hpke.ts";
import { decapsulate, encapsulate, publicKeyOfSeed } from "../../lib/hybrid/x-wing.ts";
import { hex, repeatable } from "../core/helpers.ts";
import { allocatedIn, holders } from "../core/memory.ts";

const seed = repeatable(1)(32);
const publicKey = await publicKeyOfSeed(seed);
const expanded = shake256(seed, { dkLen: 96 });
const scalar = expanded.slice(64);
/** ML-KEM's private key, and what both halves have in a ciphertext. */
const { secretKey } = ml_kem768.keygen(expanded.slice(0, 64));
const halves = (ciphertext: Uint8Array) => [
  ml_kem768.decapsulate(ciphertext.slice(0, 1088), secretKey),
  x25519.getSharedSecret(scalar, ciphertext.slice(1088)),
];

test("X-Wing leaves neither private keys nor the secrets of which it makes one", async () => {
  const ephemeral = repeatable(2)(512);
  const random = spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    (array as unknown as Uint8Array).set(ephemeral);
    return array;
  });
  const results: Uint8Array[] = [];
  const memory = await allocatedIn(async () => {
    await publicKeyOfSeed(seed);
    const { secret, ciphertext } = await encapsulate(publicKey);
    results.push(secret, ciphertext, (await decapsulate(ciphertext, seed)) as Uint8Array);
  });
  random.mockRestore();
  const [secret, ciphertext, again] = results as [Uint8Array, Uint8Array, Uint8Array];
  expect(again).toEqual(secret);
  const kept = [expanded.slice(0, 64), scalar, ephemeral.slice(0, 32), ...halves(ciphertext)];
  expect(kept.map((one) => holders(memory, one))).toEqual(kept.map(() => 0));
  expect(holders(memory, secret, secret, again)).toBe(0);
});

test("HPKE leaves neither the shared secret nor the keys that it makes of it", async () => {
  const importKey = spyOn(crypto.subtle, "importKey");
  let sealed: Uint8Array = new Uint8Array();
  const memory = await allocatedIn(async () => {
    sealed = await sealBase(ascii("x"), publicKey, { info: ascii("info"), aad: ascii("aad") });
    await openBase(sealed, seed, { info: ascii("info"), aad: ascii("aad") });
  });
  const given = importKey.mock.calls.filter(([format]) => /pkcs8|seed|secret/.test(format));
  importKey.mockRestore();
  expect(given.length).toBeGreaterThanOrEqual(6);
  for (const [, key, , extractable] of given) {
    expect((key as Uint8Array).every((byte) => byte === 0)).toBe(true);
    expect(extractable).toBe(false);
  }
  const label = concat(ascii("HPKE-v1HPKE"), hex("647a00010003"), ascii("secret"));
  const shared = await decapsulate(sealed.subarray(0, 1120), seed);
  const secret = hmac(sha256, shared as Uint8Array, label);
  for (const one of [shared as Uint8Array, secret]) expect(holders(memory, one)).toBe(0);
});

/** X-Wing held to @noble/post-quantum. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { shake128 } from "@noble/hashes/sha3.js";
import { concat } from "../../lib/core/bytes.ts";
import { randomBytes } from "../../lib/core/random.ts";
import { decapsulate, encapsulate, publicKeyOfSeed } from "../../lib/hybrid/x-wing.ts";
import { hex, repeatable } from "../core/helpers.ts";
import { cases, xWing } from "./reference.ts";

setDefaultTimeout(600_000);

const seed = repeatable(1)(32);
const publicKey = await publicKeyOfSeed(seed);
const { secret, ciphertext } = await encapsulate(publicKey);

test("a seed's public key is noble's, and each opens what the other encapsulates", async () => {
  for (let i = 0; i < cases; i++) {
    const own = randomBytes(32);
    const key = await publicKeyOfSeed(own);
    expect(key).toEqual(xWing.getPublicKey(own));
    expect(key).toHaveLength(1216);
    const theirs = xWing.encapsulate(key, randomBytes(64));
    expect(await decapsulate(theirs.cipherText, own)).toEqual(theirs.sharedSecret);
    const ours = await encapsulate(key);
    expect(ours.ciphertext).toHaveLength(1120);
    expect(ours.secret).toEqual(xWing.decapsulate(ours.ciphertext, own));
    expect(await decapsulate(ours.ciphertext, own)).toEqual(ours.secret);
  }
});

/** The shared secrets of the draft's three test vectors (appendix C). */
const draftSecrets = [
  "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384",
  "f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150",
  "953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f",
];

test("the draft's test vectors, and what its stream of SHAKE128 goes on with", async () => {
  const stream = shake128.create({});
  for (let i = 0; i < cases; i++) {
    const [own, randomness] = [stream.xof(32), stream.xof(64)];
    const { cipherText, sharedSecret } = xWing.encapsulate(xWing.getPublicKey(own), randomness);
    if (i < 3) expect(sharedSecret.toHex()).toBe(draftSecrets[i] as string);
    expect(await publicKeyOfSeed(own)).toEqual(xWing.getPublicKey(own));
    expect(await decapsulate(cipherText, own)).toEqual(sharedSecret);
  }
});

test("every encapsulation is another one", async () => {
  const all = new Set([secret.toHex()]);
  for (let i = 0; i < 50; i++) all.add((await encapsulate(publicKey)).secret.toHex());
  expect(all.size).toBe(51);
});

test("decapsulate() makes another secret of a ciphertext with any byte changed, as noble does", async () => {
  for (let place = 0; place < ciphertext.length; place++) {
    const changed = ciphertext.with(place, (ciphertext[place] as number) ^ (1 << (place & 7)));
    const other = await decapsulate(changed, seed);
    expect(other).not.toEqual(secret);
    if (place % 8 === 0) expect(other).toEqual(xWing.decapsulate(changed, seed));
  }
});

test("decapsulate() has no secret where the ephemeral key is of low order", async () => {
  for (const low of ["00".repeat(32), `01${"00".repeat(31)}`, `ed${"ff".repeat(30)}7f`]) {
    const changed = concat(ciphertext.subarray(0, -32), hex(low));
    expect(await decapsulate(changed, seed)).toBeUndefined();
  }
});

test("seeds, keys and ciphertexts are left as they were", async () => {
  const [s, p, c] = [seed.slice(), publicKey.slice(), ciphertext.slice()];
  await publicKeyOfSeed(s);
  await encapsulate(p);
  await decapsulate(c, s);
  expect(concat(s, p, c)).toEqual(concat(seed, publicKey, ciphertext));
});

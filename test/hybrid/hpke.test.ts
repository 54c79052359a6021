/** HPKE over X-Wing, held to @hpke/core both ways. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { randomBytes } from "../../lib/core/random.ts";
import { openBase, sealBase } from "../../lib/hybrid/hpke.ts";
import { publicKeyOfSeed } from "../../lib/hybrid/x-wing.ts";
import { repeatable } from "../core/helpers.ts";
import { cases, hpkeOpen, hpkeSeal } from "./reference.ts";

setDefaultTimeout(600_000);

const seed = repeatable(1)(32);
const publicKey = await publicKeyOfSeed(seed);
const context = { info: ascii("info"), aad: ascii("header") };
const message = ascii("attack at dawn");
const sealed = await sealBase(message, publicKey, context);

test("sealBase() and openBase() are @hpke/core's, both ways, for any lengths", async () => {
  for (let i = 0; i < cases; i++) {
    const own = randomBytes(32);
    const key = await publicKeyOfSeed(own);
    const parts = { info: randomBytes(i % 70), aad: randomBytes(i % 31), message: randomBytes(i) };
    const ours = await sealBase(parts.message, key, parts);
    expect(ours).toHaveLength(1120 + i + 16);
    expect((await hpkeOpen(ours, own, parts)).toHex()).toBe(parts.message.toHex());
    const theirs = await hpkeSeal(parts, key);
    expect(await openBase(theirs, own, parts)).toEqual(parts.message);
  }
});

test("openBase() opens nothing with any byte changed, left out or added", async () => {
  expect(await openBase(sealed, seed, context)).toEqual(message);
  for (let place = 0; place < sealed.length; place++) {
    const changed = sealed.with(place, (sealed[place] as number) ^ (1 << (place & 7)));
    expect(await openBase(changed, seed, context)).toBeUndefined();
  }
  for (let length = 0; length < sealed.length; length += 1 + Math.floor(length / 50)) {
    expect(await openBase(sealed.subarray(0, length), seed, context)).toBeUndefined();
  }
  const longer = Uint8Array.of(...sealed, 0);
  expect(await openBase(longer, seed, context)).toBeUndefined();
});

test("openBase() opens nothing under another key, info or aad", async () => {
  const other = ascii("other");
  expect(await openBase(sealed, repeatable(2)(32), context)).toBeUndefined();
  expect(await openBase(sealed, seed, { ...context, info: other })).toBeUndefined();
  expect(await openBase(sealed, seed, { ...context, aad: other })).toBeUndefined();
  expect(await openBase(sealed, seed, { info: context.aad, aad: context.info })).toBeUndefined();
});

test("every sealing is another one", async () => {
  const all = new Set<string>();
  for (let i = 0; i < 50; i++) all.add((await sealBase(message, publicKey, context)).toHex());
  expect(all.size).toBe(50);
});

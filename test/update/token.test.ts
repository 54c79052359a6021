/** The token of an update and the line of a writer file, byte by byte. */

import { expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { decodeUpdate, encodeUpdate, isBy, openUpdate } from "../../lib/update/token.ts";
import {
  decodeWriter,
  encodeWriter,
  hashOfKey,
  updateKeyOf,
  updateSeedOf,
  writerKeyOf,
  writerLineOf,
} from "../../lib/update/writer.ts";
import { decodeText, encodeText } from "../../lib/wire/text.ts";
import { cuts, expectFailure, flips, repeatable } from "../core/helpers.ts";
import { allocatedIn, holders } from "../core/memory.ts";
import { hpkeOpen } from "../hybrid/reference.ts";
import * as oracle from "../oracle/scheme.ts";
import { textOf } from "../oracle/text.ts";
import { writerLine } from "../oracle/update.ts";

const master = repeatable(1)(32);
const setId = repeatable(2)(8);
const [keyId, vaultDigest, vaultKey] = [3, 4, 5].map((seed) => repeatable(seed)(32)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [updateKey, writerKey] = [await updateKeyOf(master), writerKeyOf(master)];
const seed = updateSeedOf(master);
const last = 253_402_300_799;

const encode = (number: number, seconds: number) => {
  const facts = { setId, number, time: new Date(1000 * seconds), keyId, vaultDigest };
  return encodeUpdate(facts, vaultKey, { updateKey, writerKey });
};
const token = await encode(7, 1_764_000_000);
const { data } = decodeText(token);

function clearPart(number: number, seconds: number) {
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32BE(number);
  numbers.writeBigUInt64BE(BigInt(seconds), 4);
  return concat(Uint8Array.of(1), setId, numbers, keyId, vaultDigest);
}

test("encodeUpdate() writes what SPEC says, and decodeUpdate() gives it back", async () => {
  for (const [number, seconds] of [
    [1, 0],
    [258, 2 ** 32 + 5],
    [999_999, last],
  ] as const) {
    const made = await encode(number, seconds + 0.999); // whole seconds
    expect(made).toHaveLength(2080);
    const { data } = decodeText(made);
    const aad = data.slice(0, 85);
    expect(aad).toEqual(clearPart(number, seconds));
    const info = ascii("worstday update");
    const opened = await hpkeOpen(data.slice(85, -32), seed, { info, aad });
    expect(opened.toHex()).toBe(vaultKey.toHex());
    const mac = createHmac("sha256", writerKey).update(Buffer.from(data.subarray(0, -32)));
    expect(data.slice(-32).toHex()).toBe(mac.digest("hex"));

    const update = decodeUpdate(made);
    const time = new Date(1000 * seconds);
    expect(update).toEqual({ setId, number, time, keyId, vaultDigest, data });
    expect(isBy(update, writerKey)).toBe(true);
    expect(await openUpdate(update, seed)).toEqual(vaultKey);
  }
});

test("decodeUpdate() refuses other lengths, numbers and times", async () => {
  const refuses = (words: RegExp, changed: Uint8Array) =>
    expectFailure("malformed", words, () => decodeUpdate(encodeText("wdupdate", changed)));
  const says = (length: number) => new RegExp(`^${length} bytes of data, expected 1285$`);
  await refuses(says(1284), data.subarray(0, -1));
  await refuses(says(1286), concat(data, Uint8Array.of(0)));
  await refuses(/version 2 /, data.with(0, 2));
  const rest = data.subarray(85);
  await refuses(/^an update of number 0$/, concat(clearPart(0, 1), rest));
  await refuses(/^an update of number 1000000$/, concat(clearPart(1_000_000, 1), rest));
  await refuses(/^its time is after the year 9999$/, concat(clearPart(1, last + 1), rest));
});

test("an update with any bit changed is nobody's, and one of another key is not by this one", () => {
  const update = decodeUpdate(token);
  expect(isBy(update, seed)).toBe(false);
  const some = flips(data).filter((_, i) => i % 31 === 0);
  for (const changed of some) expect(isBy({ ...update, data: changed }, writerKey)).toBe(false);
});

test("openUpdate() opens nothing with another seed, or under another clear part", async () => {
  const update = decodeUpdate(token);
  expect(await openUpdate(update, repeatable(9)(32))).toBeUndefined();
  for (let at = 0; at < 85; at++) {
    const changed = data.with(at, (data[at] as number) ^ 1);
    expect(await openUpdate({ ...update, data: changed }, seed)).toBeUndefined();
  }
});

test("a writer's line is the oracle's, and comes back", async () => {
  const line = await writerLineOf(setId, master);
  expect(textOf(line)).toBe(writerLine({ master, scheme: { set: setId.toHex() } }));
  expect(line).toHaveLength(141);
  expect(updateKey).toEqual(oracle.updateKeyOf(master));
  const hash = createHash("sha256").update(Buffer.from(updateKey));
  const updateKeyHash = new Uint8Array(hash.digest());
  expect(hashOfKey(updateKey)).toEqual(updateKeyHash);
  const writer = decodeWriter(line);
  expect(writer).toEqual({ setId, key: writerKey, updateKeyHash });
  expect(encodeWriter(writer)).toEqual(line);
});

test("decodeWriter() refuses every other length", async () => {
  const all = repeatable(6)(75);
  for (const body of [...cuts(all), all]) {
    if (body.length === 72) continue;
    const line = encodeText("wdwriter", concat(Uint8Array.of(1), body));
    const says = new RegExp(`^${body.length + 1} bytes of data, expected 73$`);
    await expectFailure("malformed", says, () => decodeWriter(line));
  }
});

test("writerLineOf() leaves neither key, and decodeWriter() none but the one that it gives", async () => {
  let line: Uint8Array = new Uint8Array();
  const making = await allocatedIn(async () => {
    line = await writerLineOf(setId, master);
  });
  expect([holders(making, writerKey), holders(making, seed)]).toEqual([0, 0]);
  let key: Uint8Array = new Uint8Array();
  const reading = await allocatedIn(() => {
    key = decodeWriter(line).key;
  });
  expect(holders(reading, writerKey, key)).toBe(0);
});

/** readFrom(): what a generator yields, read into buffers of any length. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { fail } from "../../lib/core/errors.ts";
import { readFrom } from "../../lib/scheme/read-from.ts";
import { bulk, expectFailure } from "../core/helpers.ts";

async function* yielding(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const whole = (chunks: Uint8Array[]) => new Uint8Array(Buffer.concat(chunks));

/** Reads into buffers of these lengths, over and over, until the end; the last is not full. */
async function readAll(read: ReturnType<typeof readFrom>, lengths: number[]) {
  const parts: Uint8Array[] = [];
  for (let i = 0; ; i++) {
    const buffer = new Uint8Array(lengths[i % lengths.length] as number).fill(0xaa);
    const length = await read(buffer);
    expect(length).toBeLessThanOrEqual(buffer.length);
    parts.push(buffer.slice(0, length));
    expect(buffer.subarray(length).every((byte) => byte === 0xaa)).toBe(true);
    if (length < buffer.length) return whole(parts);
  }
}

test("readFrom() fills every buffer but the last, however chunks and buffers are cut", async () => {
  const chunk = fc.uint8Array({ maxLength: 40 });
  const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  const chunks = fc.array(chunk, { maxLength: 8 });
  const property = fc.asyncProperty(chunks, lengths, async (chunks, cut) => {
    const expected = whole(chunks);
    expect(await readAll(readFrom(yielding(chunks)), cut)).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 500 });
});

test("readFrom() gives nothing behind the end, however often it is asked", async () => {
  for (const chunks of [[], [new Uint8Array(0)], [bulk(3, 1)]]) {
    const read = readFrom(yielding(chunks));
    const buffer = new Uint8Array(10);
    await read(buffer);
    for (let again = 0; again < 3; again++) expect(await read(buffer)).toBe(0);
  }
});

test("readFrom() wipes what has been read, and no more than that", async () => {
  const chunks = [bulk(10, 1), bulk(10, 2)] as [Uint8Array, Uint8Array];
  const before = chunks.map((chunk) => chunk.slice()) as [Uint8Array, Uint8Array];
  const read = readFrom(yielding(chunks));
  await read(new Uint8Array(4));
  expect(chunks[0]).toEqual(whole([new Uint8Array(4), before[0].slice(4)]));
  await read(new Uint8Array(9));
  expect(chunks).toEqual([new Uint8Array(10), whole([new Uint8Array(3), before[1].slice(3)])]);
  await read(new Uint8Array(9));
  expect(chunks).toEqual([new Uint8Array(10), new Uint8Array(10)]);
});

test("readFrom() takes no chunk before it is needed", async () => {
  let taken = 0;
  async function* chunks() {
    for (;;) {
      taken++;
      yield bulk(10, taken);
    }
  }
  const read = readFrom(chunks());
  const seen: number[] = [];
  for (const length of [0, 10, 5, 5, 1, 29]) {
    expect(await read(new Uint8Array(length))).toBe(length);
    seen.push(taken);
  }
  expect(seen).toEqual([0, 1, 2, 2, 3, 5]);
});

test("readFrom() passes on a failure, once what came before it has been read", async () => {
  async function* chunks() {
    yield bulk(10, 1);
    fail("mismatch", "chunk 1 does not verify");
  }
  const read = readFrom(chunks());
  expect(await read(new Uint8Array(10))).toBe(10);
  await expectFailure("mismatch", /^chunk 1 does not verify$/, () => read(new Uint8Array(1)));
});

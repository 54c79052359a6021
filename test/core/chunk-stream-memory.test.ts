/** How the streams treat buffers, readers and consumers. What they compute is tested beside this. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { openStream, type Read, sealStream } from "../../lib/core/chunk-stream.ts";
import { bulk, collect, expectFailure, readerOf, repeatable } from "./helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

const key = repeatable(1)(32);
const mebibyte = 1_048_576;

/** A reader that keeps count of its calls and of the memory that it was asked to fill. */
function watched(read: Read) {
  const memory = new Set<ArrayBufferLike>();
  const seen = { calls: 0, memory };
  const watching: Read = (buffer) => {
    seen.calls++;
    memory.add(buffer.buffer);
    return read(buffer);
  };
  return { seen, read: watching };
}

const isWiped = (memory: ArrayBufferLike) => new Uint8Array(memory).every((byte) => byte === 0);

test("both read into the same two buffers whatever the length, and wipe them at the end", async () => {
  const plain = watched(readerOf(bulk(12 * mebibyte + 1, 1)));
  const sealed = await collect(sealStream(key, plain.read));
  const cipher = watched(readerOf(sealed));
  await collect(openStream(key, cipher.read));
  for (const { seen } of [plain, cipher])
    expect([...seen.memory].map(isWiped)).toEqual([true, true]);
});

test("a yielded chunk is the consumer's own, which nothing else changes or needs", async () => {
  const plaintext = bulk(6 * mebibyte, 1);
  const sealed = await collect(sealStream(key, readerOf(plaintext)));
  const kept: Uint8Array[] = [];
  for await (const chunk of openStream(key, readerOf(sealed))) {
    if (kept.length % 2 === 1) chunk.fill(0);
    kept.push(chunk);
  }
  const expected = kept.map((_, i) => plaintext.subarray(i * mebibyte, (i + 1) * mebibyte));
  for (const [i, chunk] of kept.entries()) {
    const wanted = i % 2 === 1 ? new Uint8Array(mebibyte) : (expected[i] as Uint8Array);
    expect(Buffer.compare(chunk, wanted)).toBe(0);
  }
  expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(6);
});

test("the key is left as it was, and may change once the stream runs", async () => {
  const ownKey = key.slice();
  const stream = sealStream(ownKey, readerOf(bulk(6 * mebibyte, 1)));
  const first = (await stream.next()).value as Uint8Array;
  expect(ownKey).toEqual(key.slice());
  ownKey.fill(0);
  const rest = await collect(stream);
  const whole = await collect(sealStream(key, readerOf(bulk(6 * mebibyte, 1))));
  expect(Buffer.compare(Buffer.concat([first, rest]), whole)).toBe(0);
});

test("nothing is read before the first chunk is asked for, nor after a consumer leaves", async () => {
  const { seen, read } = watched(readerOf(bulk(12 * mebibyte, 1)));
  const stream = sealStream(key, read);
  expect(seen.calls).toBe(0);
  for await (const _ of stream) break;
  const calls = seen.calls;
  expect(calls).toBeLessThan(12);
  expect((await stream.next()).done).toBe(true);
  expect(seen.calls).toBe(calls);
  expect([...seen.memory].map(isWiped)).toEqual([true, true]);
});

/** What an action leaves as rejections that nobody handles. */
async function unhandledIn(action: () => Promise<unknown>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", listener);
  await action();
  await Bun.sleep(20);
  process.off("unhandledRejection", listener);
  return unhandled;
}

test("a stream that fails in several chunks at once leaves no rejection unhandled", async () => {
  const { seen, read } = watched(readerOf(bulk(6 * (mebibyte + 16), 1)));
  const failing = () => collect(openStream(key, read));
  expect(await unhandledIn(() => expectFailure("mismatch", /chunk 0 /, failing))).toEqual([]);
  expect([...seen.memory].map(isWiped)).toEqual([true, true]);
});

test("a consumer that leaves while a later chunk is wrong leaves no rejection unhandled", async () => {
  const sealed = await collect(sealStream(key, readerOf(bulk(6 * mebibyte, 1))));
  sealed.fill(0, mebibyte + 16);
  const stream = openStream(key, readerOf(sealed));
  const leaving = async () => {
    expect((await stream.next()).value).toHaveLength(mebibyte);
    await stream.return();
  };
  expect(await unhandledIn(leaving)).toEqual([]);
});

test("a reader's own error comes out as it is, at whatever call, and the buffers are wiped", async () => {
  const broken = new Error("the disk is gone");
  for (const good of [0, 1, 2, 5]) {
    const inner = readerOf(bulk(8 * mebibyte, 1));
    const { seen, read } = watched(async (buffer) => {
      if (seen.calls > good) throw broken;
      return await inner(buffer);
    });
    const sealing = collect(sealStream(key, read));
    expect(await sealing.catch((error: unknown) => error)).toBe(broken);
    expect([...seen.memory].map(isWiped)).not.toContain(false);
  }
});

test("nothing more is read once a reader has come to its end", async () => {
  for (const [length, calls] of [
    [0, 1],
    [5, 1],
    [mebibyte, 2],
    [mebibyte + 1, 2],
  ] as const) {
    const { seen, read } = watched(readerOf(bulk(length, 1)));
    await collect(sealStream(key, read));
    expect(seen.calls).toBe(calls);
  }
});

test("chunk numbers go past 255 and keep their order in the nonce", async () => {
  let left = 257 * mebibyte;
  const zeros: Read = async (buffer) => {
    const length = Math.min(left, buffer.length);
    left -= length;
    return length; // buffers start as zeros, and nothing writes to them
  };
  const kept: Uint8Array[] = [];
  let number = 0;
  for await (const chunk of sealStream(key, zeros)) {
    if (number === 255 || number === 256) kept.push(chunk);
    number++;
  }
  const expected = ["000000000000ff00", "0000000000010001"].map((tail) => {
    const nonce = Uint8Array.fromHex(`00000000${tail}`);
    return chacha20poly1305(key, nonce).encrypt(new Uint8Array(mebibyte));
  });
  expect(number).toBe(257);
  expect(kept.map((chunk, i) => Buffer.compare(chunk, expected[i] as Uint8Array))).toEqual([0, 0]);
});

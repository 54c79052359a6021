/** What several tests need: caught failures, repeatable bytes, readers over memory. */

import { expect } from "bun:test";
import type { Read } from "../../lib/core/chunk-stream.ts";
import { type ErrorCode, RecoveryError } from "../../lib/core/errors.ts";
import type { Random } from "../../lib/core/random.ts";

/** The RecoveryError that an action ends in; anything else fails the test. */
export async function failureOf(action: () => unknown): Promise<RecoveryError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof RecoveryError) return error;
    throw error;
  }
  throw new Error("it was expected to fail");
}

/** Asserts that an action fails with this code and a message that has these words. */
export async function expectFailure(code: ErrorCode, words: RegExp, action: () => unknown) {
  const failure = await failureOf(action);
  expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(words)]);
  return failure;
}

/** The code that an action fails with, or "none": cheap enough for large loops. */
export function codeOf(action: () => unknown): ErrorCode | "none" {
  try {
    action();
  } catch (error) {
    if (error instanceof RecoveryError) return error.code;
    throw error;
  }
  return "none";
}

/** Repeatable bytes from a seed (xorshift32); each call goes on where the last one ended. */
export function repeatable(seed: number): Random {
  let state = (Math.imul(seed + 1, 0x9e3779b1) | 1) >>> 0;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (state ^ (state << 13)) >>> 0;
      state = (state ^ (state >>> 17)) >>> 0;
      state = (state ^ (state << 5)) >>> 0;
      return state >>> 24;
    });
}

/** Gives these bytes, as a copy, and refuses any other length. */
export function exactly(bytes: Uint8Array): Random {
  return (length) => {
    if (length !== bytes.length) throw new Error(`asked for ${length} of ${bytes.length} bytes`);
    return bytes.slice();
  };
}

/** Repeatable bytes in bulk, for buffers of megabytes: a pattern that no block repeats. */
export function bulk(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + seed + 1, 0x9e3779b1);
  return new Uint8Array(words.buffer, 0, length);
}

/** A reader that gives these bytes, as lib/cli would give a file's. */
export function readerOf(bytes: Uint8Array): Read {
  let offset = 0;
  return async (buffer) => {
    const part = bytes.subarray(offset, offset + buffer.length);
    buffer.set(part);
    offset += part.length;
    return part.length;
  };
}

/** Everything that a generator of bytes yields, as one array. */
export async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return new Uint8Array(Buffer.concat(all));
}

/** A copy with one bit turned over, counted from the first byte's lowest. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

/** A copy for each bit, which is turned over in it. */
export const flips = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length * 8 }, (_, bit) => flipped(bytes, bit));

/** What is left where the end is cut off, at every place. */
export const cuts = (bytes: Uint8Array): Uint8Array[] =>
  Array.from(bytes, (_, length) => bytes.slice(0, length));

/** 1, 2, … n. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

export const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);

/** All k-element subsets, by recursion. */
export function choose<T>(items: T[], k: number): T[][] {
  if (k === 0) return [[]];
  if (items.length < k) return [];
  const [first, ...rest] = items as [T, ...T[]];
  return [...choose(rest, k - 1).map((others) => [first, ...others]), ...choose(rest, k)];
}

/**
 * Vaults of several chunks whose chunks are moved, or made wrong by somebody who has the key: only
 * the one sequence that was written opens, and nothing but its beginning is given out before. Cuts, last
 * chunks and damaged ones are in core/chunk-stream.test.ts.
 */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { concat } from "../../lib/core/bytes.ts";
import { RecoveryError } from "../../lib/core/errors.ts";
import { openVault } from "../../lib/core/vault.ts";
import { bulk, readerOf } from "../core/helpers.ts";
import { master } from "../e2e/fixtures.ts";
import { CHUNK, makeHeader, sealChunk } from "../oracle/vault.ts";

setDefaultTimeout(120_000); // for a busy machine

const plaintext = bulk(2 * CHUNK + 100, 1);
const parts = [0, 1, 2].map((i) => plaintext.slice(i * CHUNK, (i + 1) * CHUNK));

/** As the oracle writes it. */
function close(seed: string) {
  const header = makeHeader(master, seed);
  return { header, chunks: parts.map((part, i) => sealChunk(master, header, part, i, i === 2)) };
}

const [one, other] = [close("one"), close("other")];
let tried = 0;

afterAll(() => console.log(`vaults of several chunks: ${tried} damages`));

/** Whether it opens; what it gives out is the plaintext, and where it fails the beginning of it. */
async function opens(vault: Uint8Array): Promise<boolean> {
  tried++;
  let given = 0;
  const check = (chunk: Uint8Array) => {
    const right = plaintext.subarray(given, given + chunk.length);
    if (Buffer.compare(chunk, right) !== 0) throw new Error("another plaintext");
    given += chunk.length;
  };
  try {
    for await (const chunk of openVault(master, readerOf(vault))) check(chunk);
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    expect(error.code).toBe("mismatch");
    return false;
  }
  expect(given).toBe(plaintext.length);
  return true;
}

/** All sequences of so many items. */
function sequences<T>(items: T[], length: number): T[][] {
  if (length === 0) return [[]];
  return sequences(items, length - 1).flatMap((start) => items.map((item) => [...start, item]));
}

/** Whether a sequence has a chunk in its place: where all are wrong, the first alone decides. */
const isNear = (chunks: unknown[], right: unknown[]) => chunks.some((one, i) => one === right[i]);

test("chunks of two vaults under one key, in every sequence of up to three, and all to follow", async () => {
  const pool = [...one.chunks, ...other.chunks];
  const some = [1, 2, 3].flatMap((length) => sequences(pool, length));
  const more = pool.map((chunk) => [...one.chunks, chunk]);
  const less = sequences(pool, 2).map((end) => [...one.chunks.slice(0, 2), ...end]);
  const opened: Uint8Array[][] = [];
  for (const chunks of [[], ...some, ...more, ...less].filter((all) => isNear(all, one.chunks))) {
    if (await opens(concat(one.header, ...chunks))) opened.push(chunks);
  }
  expect(opened.length).toBe(1);
  expect(opened[0]).toEqual(one.chunks);
});

test("chunks with every number and every flag, made with the key", async () => {
  const kinds = [0, 1, 2].flatMap((number) => [false, true].map((last) => ({ number, last })));
  const forged = parts.map((part) =>
    kinds.map(({ number, last }) => sealChunk(master, one.header, part, number, last)),
  );
  const opened: number[][] = [];
  const right = [0, 2, 5]; // 0 false, 1 false, 2 true
  for (const chosen of sequences([...kinds.keys()], 3).filter((all) => isNear(all, right))) {
    const chunks = chosen.map((kind, i) => forged[i]?.[kind] as Uint8Array);
    if (await opens(concat(one.header, ...chunks))) opened.push(chosen);
  }
  expect(opened).toEqual([right]);
});

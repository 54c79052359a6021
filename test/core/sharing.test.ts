import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../lib/core/bytes.ts";
import { recover } from "../../lib/core/recover.ts";
import { deal, type Share, shareTagBytes } from "../../lib/core/sharing.ts";
import { hash } from "../oracle/bytes.ts";
import { choose, expectFailure, flips, repeatable, upTo } from "./helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

const secret = Uint8Array.from({ length: 32 }, (_, i) => 3 * i + 1);

/** Shares whose values at these indexes are replaced by others that fit nothing. */
function spoiled(shares: Share[], indexes: number[]): Share[] {
  const random = repeatable(indexes.length + 99);
  return shares.map((share) =>
    indexes.includes(share.x) ? { ...share, y: random(share.y.length) } : share,
  );
}

const indexesOf = (shares: Share[]) => shares.map(({ x }) => x);

test("recover() gives back what deal() was given, from any shares in any order", () => {
  const numbers = { k: fc.integer({ min: 1, max: 12 }), more: fc.nat(6), fewer: fc.nat(6) };
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 256 });
  const order = fc.array(fc.nat(), { minLength: 18, maxLength: 18 });
  fc.assert(
    fc.property(bytes, fc.record(numbers), order, (bytes, { k, more, fewer }, order) => {
      const shares = deal(bytes, k, k + more);
      shares.sort((a, b) => (order[a.x - 1] as number) - (order[b.x - 1] as number));
      const some = shares.slice(0, k + Math.max(0, more - fewer));
      expect(recover(some)).toEqual({ secret: bytes, disagreeing: [] });
    }),
    { numRuns: 300 },
  );
});

test("deal() and recover() take secrets of every length from 1 to 256 bytes", () => {
  for (let length = 1; length <= 256; length++) {
    const bytes = repeatable(length)(length);
    const shares = deal(bytes, 2, 3);
    expect(shares.map(({ y }) => y.length)).toEqual(new Array(3).fill(length + shareTagBytes));
    expect(recover(shares.slice(1)).secret).toEqual(bytes);
  }
});

test("deal() numbers its shares from 1, and all 255 of 255 recover the secret", () => {
  const shares = deal(secret, 255, 255);
  expect(indexesOf(shares)).toEqual(upTo(255));
  expect(recover(shares).secret).toEqual(secret);
});

test("deal() puts before the secret its tag: 16 bytes of HMAC of version, set id, k, n and secret", () => {
  const [{ setId, y }] = deal(secret, 1, 4) as [Share];
  const tagged = concat(Uint8Array.of(1), setId, Uint8Array.of(1, 4), secret);
  expect(y.slice(0, 16)).toEqual(hash("worstday share", 16, tagged));
  expect(y.slice(16)).toEqual(secret);
});

test("deal() asks once for 8 bytes of set id and once for the coefficients, which may be zero", () => {
  const asked: number[] = [];
  const own = secret.slice();
  const shares = deal(own, 3, 5, (length) => {
    asked.push(length);
    return new Uint8Array(length);
  });
  expect(asked).toEqual([8, 2 * (secret.length + shareTagBytes)]);
  expect(new Set(shares.map(({ y }) => y.toHex())).size).toBe(1);
  expect(shares[0]?.y.subarray(shareTagBytes)).toEqual(secret);
  expect(own).toEqual(secret);
});

test("deal() refuses a secret of no bytes or of 257, and k and n out of range", () => {
  for (const length of [0, 257]) {
    expect(() => deal(new Uint8Array(length), 2, 3)).toThrow(new RangeError("secret length"));
  }
  const refused = new RangeError("k or n out of range");
  const plans = { 0: [3], "-1": [3], 4: [3], 1: [0], 2: [256, Number.NaN], 256: [256], NaN: [3] };
  for (const [k, ns] of Object.entries(plans)) {
    for (const n of ns) expect(() => deal(secret, Number(k), n)).toThrow(refused);
  }
});

test("recover() of fewer than k shares never gives a secret", () => {
  const shares = deal(secret, 3, 5);
  for (const count of [0, 1, 2]) {
    for (const few of choose(shares, count)) expect(() => recover(few)).toThrow();
  }
});

test("recover() refuses two shares at one index instead of dividing by zero", () => {
  const [a, b] = deal(secret, 2, 3) as [Share, Share];
  expect(() => recover([a, { ...b, x: a.x }])).toThrow(RangeError);
});

test("recover() names a share with any single bit turned over", () => {
  const shares = deal(Uint8Array.of(0x42), 2, 3);
  for (const [i, share] of shares.entries()) {
    for (const y of flips(share.y)) {
      expect(indexesOf(recover(shares.with(i, { ...share, y })).disagreeing)).toEqual([share.x]);
    }
  }
});

test("recover() gives the disagreeing shares by index, and leaves all as they were", () => {
  const shares = spoiled(deal(secret, 2, 6), [1, 4]).toReversed();
  const before = structuredClone(shares);
  const { disagreeing } = recover(shares);
  expect(indexesOf(disagreeing)).toEqual([1, 4]);
  for (const share of disagreeing) expect(shares).toContain(share);
  expect(shares).toEqual(before);
});

test("recover() of exactly k shares with a wrong one asks for one more share", async () => {
  for (const k of upTo(4)) {
    const failing = () => recover(spoiled(deal(secret, k, k), [k]));
    const { hint } = await expectFailure("mismatch", /at least one is wrong/, failing);
    expect(hint).toMatch(/one more share/);
  }
});

test("recover() refuses shares whose k, n or set id was changed on all of them", async () => {
  const shares = deal(secret, 2, 3);
  const setId = new Uint8Array(8);
  for (const change of [{ n: 4 }, { setId }, { k: 1 }, { k: 3 }]) {
    const changed = shares.map((share) => ({ ...share, ...change }));
    await expectFailure("mismatch", /verify/, () => recover(changed));
  }
});

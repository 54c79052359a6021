import { expect, test } from "bun:test";
import { blake2b } from "@noble/hashes/blake2.js";
import fc from "fast-check";
import { ascii, concat } from "../../lib/core/bytes.ts";
import type { Random } from "../../lib/core/random.ts";
import { recover } from "../../lib/core/recover.ts";
import { interpolate } from "../../lib/core/shamir.ts";
import { deal, type Share, shareTagBytes } from "../../lib/core/sharing.ts";
import { choose, expectFailure, failureOf, repeatable } from "./helpers.ts";

const secret = Uint8Array.from({ length: 32 }, (_, i) => 3 * i + 1);

/** Shares whose values at these indexes are replaced by others that fit nothing. */
function spoiled(shares: Share[], indexes: number[]): Share[] {
  const random = repeatable(indexes.length + 99);
  return shares.map((share) =>
    indexes.includes(share.x) ? { ...share, y: random(share.y.length) } : share,
  );
}

const indexesOf = (shares: Share[]) => shares.map(({ x }) => x);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

/** All orders of these few items. */
function orders<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

test("recover() gives back what deal() was given, from any shares in any order", () => {
  const plan = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 6 }))
    .map(([k, more]) => ({ k, n: k + more }));
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 256 });
  fc.assert(
    fc.property(bytes, plan, fc.infiniteStream(fc.nat()), (bytes, { k, n }, order) => {
      const keyed = deal(bytes, k, n).map((share) => ({
        share,
        key: order.next().value as number,
      }));
      const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ share }) => share);
      const count = k + ((order.next().value as number) % (n - k + 1));
      expect(recover(shuffled.slice(0, count))).toEqual({
        secret: bytes,
        disagreeing: [],
      });
    }),
    { numRuns: 300 },
  );
});

test("recover() works from every subset of k or more shares, for every 1 ≤ k ≤ n ≤ 6", () => {
  for (const n of upTo(6)) {
    for (const k of upTo(n)) {
      const shares = deal(secret, k, n);
      for (let count = k; count <= n; count++) {
        for (const some of choose(shares, count)) {
          expect(recover(some)).toEqual({ secret, disagreeing: [] });
        }
      }
    }
  }
});

test("recover() takes the shares in every order", () => {
  for (const order of orders(deal(secret, 3, 5))) expect(recover(order).secret).toEqual(secret);
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

test("deal() with k = 1 puts the secret into each share", () => {
  for (const share of deal(secret, 1, 4)) {
    expect(share.y.subarray(shareTagBytes)).toEqual(secret);
    expect(recover([share]).secret).toEqual(secret);
  }
});

test("deal() puts before the secret its tag: BLAKE2b-128 of version, set id, k, n and secret", () => {
  const [{ setId, y }] = deal(secret, 1, 4) as [Share];
  const personalization = concat(ascii("worstday share"), new Uint8Array(2));
  const tagged = concat(Uint8Array.of(1), setId, Uint8Array.of(1, 4), secret);
  expect(y.slice(0, 16)).toEqual(blake2b(tagged, { dkLen: 16, personalization }));
  expect(y.slice(16)).toEqual(secret);
});

test("deal() lets every coefficient be zero, the tag's and the leading ones included", () => {
  const shares = deal(secret, 3, 4, (length) => new Uint8Array(length));
  expect(new Set(shares.map(({ y }) => y.toHex())).size).toBe(1);
  expect(shares[0]?.y.subarray(shareTagBytes)).toEqual(secret);
});

test("deal() asks once for 8 bytes of set id and once for the coefficients", () => {
  const asked: number[] = [];
  const random: Random = (length) => {
    asked.push(length);
    return new Uint8Array(length);
  };
  deal(secret, 3, 5, random);
  expect(asked).toEqual([8, 2 * (secret.length + shareTagBytes)]);
});

test("deal() leaves the secret as it was", () => {
  const own = secret.slice();
  deal(own, 2, 3);
  expect(own).toEqual(secret);
});

test("deal() refuses a secret of no bytes or of 257", () => {
  for (const length of [0, 257]) {
    expect(() => deal(new Uint8Array(length), 2, 3)).toThrow(new RangeError("secret length"));
  }
});

test("deal() refuses k below 1, k above n, n above 255 and what is no number", () => {
  const plans = [
    [0, 3],
    [-1, 3],
    [4, 3],
    [1, 0],
    [2, 256],
    [256, 256],
    [Number.NaN, 3],
  ] as const;
  const refused = new RangeError("k or n out of range");
  for (const [k, n] of plans) expect(() => deal(secret, k, n)).toThrow(refused);
  expect(() => deal(secret, 2, Number.NaN)).toThrow(refused);
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

test("recover() names every group of wrong shares, in every position", () => {
  const shares = deal(secret, 3, 6);
  for (const count of [1, 2, 3]) {
    for (const wrong of choose(upTo(6), count)) {
      const mixed = spoiled(shares, wrong);
      const { secret: found, disagreeing } = recover(mixed.toReversed());
      expect(found).toEqual(secret);
      expect(indexesOf(disagreeing)).toEqual(wrong);
      for (const share of disagreeing) expect(mixed).toContain(share);
    }
  }
});

test("recover() names a share with any single bit turned over", () => {
  const shares = deal(Uint8Array.of(0x42), 2, 3);
  for (const x of upTo(3)) {
    for (let bit = 0; bit < 17 * 8; bit++) {
      const changed = structuredClone(shares);
      const y = (changed[x - 1] as Share).y;
      y[bit >> 3] = (y[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(indexesOf(recover(changed).disagreeing)).toEqual([x]);
    }
  }
});

test("recover() leaves the shares as they were", () => {
  const shares = spoiled(deal(secret, 2, 5), [1, 4]).toReversed();
  const before = structuredClone(shares);
  recover(shares);
  expect(shares).toEqual(before);
});

test("recover() of exactly k shares with a wrong one asks for one more share", async () => {
  for (const k of [1, 2, 3, 4]) {
    const shares = deal(secret, k, k);
    for (const wrong of upTo(k)) {
      const failure = await failureOf(() => recover(spoiled(shares, [wrong])));
      expect(failure.code).toBe("mismatch");
      expect(failure.message).toMatch(/at least one is wrong/);
      expect(failure.hint).toMatch(/one more share/);
    }
  }
});

test("recover() refuses more than k shares of which no k belong together", async () => {
  const shares = deal(secret, 3, 6);
  for (const right of choose(upTo(6), 2)) {
    const wrong = upTo(6).filter((x) => !right.includes(x));
    await expectFailure("mismatch", /no 3 of these 6/, () => recover(spoiled(shares, wrong)));
  }
});

test("recover() refuses shares that verify to two secrets, however they are mixed", async () => {
  const other = Uint8Array.from(secret, (byte) => byte ^ 1);
  const [a, b] = [deal(secret, 2, 5, repeatable(1)), deal(other, 2, 5, repeatable(1))];
  for (const count of [2, 3]) {
    for (const fromB of choose(upTo(5), count)) {
      const mixed = a.map((share, i) => (fromB.includes(share.x) ? (b[i] as Share) : share));
      await expectFailure("mismatch", /two different secrets/, () => recover(mixed));
    }
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

test("fewer than k shares fit every secret: a further point leads to any payload", () => {
  const [share] = deal(secret, 2, 2) as [Share];
  for (const seed of upTo(20)) {
    const payload = repeatable(seed)(share.y.length);
    const line = [{ x: 0, y: payload }, share];
    const forged = interpolate(line, 2);
    expect(interpolate([share, { x: 2, y: forged }], 0)).toEqual(payload);
  }
});

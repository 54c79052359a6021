/** recover(), where shares disagree: whom it names, whom it follows, and what it leaves undecided. */

import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../lib/core/bytes.ts";
import { labeledHash } from "../../lib/core/hash.ts";
import { recover, waysToTake } from "../../lib/core/recover.ts";
import { interpolate } from "../../lib/core/shamir.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { powerSum, solve } from "../oracle/gf256.ts";
import { choose, expectFailure, failureOf, repeatable } from "./helpers.ts";

setDefaultTimeout(240_000); // for a busy machine

const secret = Uint8Array.from({ length: 32 }, (_, i) => 3 * i + 1);
const lie = secret.toReversed();
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const indexes = (shares: Share[]) => shares.map(({ x }) => x);

/** Shares of which those at these indexes have other bytes at `at`, or everywhere. */
function spoiled(shares: Share[], wrong: number[], at?: (x: number) => number[]): Share[] {
  const random = repeatable(wrong.length + 99);
  return shares.map((share) => {
    if (!wrong.includes(share.x)) return share;
    const y = share.y.slice();
    for (const i of at?.(share.x) ?? y.keys())
      y[i] = (y[i] as number) ^ ((random(1)[0] as number) | 1);
    return { ...share, y };
  });
}

/** Every k-th or so of m indexes, `count` of them: some at the beginning, some at the end. */
const spread = (count: number, m: number) =>
  upTo(count).map((i) => 1 + Math.floor(((i - 1) * m) / count));

/** The payload, tag ‖ secret, that makes this the secret of the shares' set. */
function payloadOf({ setId, k, n }: Share, secret: Uint8Array): Uint8Array {
  const header = concat(Uint8Array.of(1), setId, Uint8Array.of(k, n));
  return concat(labeledHash("worstday share", header, secret).subarray(0, 16), secret);
}

/** Those of the shares that are not known, made anew so that they lead to `lie` with k − 1 known. */
function forged(shares: Share[], known: number[], lie: Uint8Array): Share[] {
  const [{ k }] = shares as [Share];
  const own = shares.filter(({ x }) => known.includes(x));
  const payload = payloadOf(shares[0] as Share, lie);
  const free = { x: 255, y: repeatable(5)(payload.length) }; // where fewer than k − 1 are known
  const line = [{ x: 0, y: payload }, ...own, ...(own.length < k - 1 ? [free] : [])];
  return shares.map((share) => ({ ...share, y: interpolate(line, share.x) }));
}

/** The shares, but those at these indexes from the other ones. */
const mixed = (shares: Share[], others: Share[], from: number[]) =>
  shares.map((share, i) => (from.includes(share.x) ? (others[i] as Share) : share));

test("recover() names the wrong ones where the subsets in order would come too late", () => {
  const cases: [number, number, number[]][] = [
    [9, 17, [1, 9]],
    [8, 17, [1, 7, 13]],
    [5, 25, [1, 6, 11, 16, 21]],
    [50, 60, [1, 31]],
    [100, 140, [1, 48, 95]],
    [254, 255, [1]],
    [254, 255, [255]],
    [139, 141, [1, 70]],
  ];
  for (const [k, n, wrong] of cases) {
    const found = recover(spoiled(deal(secret, k, n), wrong));
    expect([found.secret, indexes(found.disagreeing)]).toEqual([secret, wrong]);
  }
});

test("recover() names up to (m − k) / 2 wrong shares, whatever bytes of them are wrong", () => {
  const plans = [
    ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((k) => upTo(8).map((more) => [k, k + more])),
    ...[1, 2, 128, 251, 252, 253].map((k) => [k, 255]),
  ] as [number, number][];
  const wholes = () => upTo(20).map((i) => i - 1);
  for (const [k, m] of plans) {
    const shares = deal(Uint8Array.of(7, 8, 9, 10), k, m);
    const radius = Math.floor((m - k) / 2);
    for (const count of new Set([0, 1, radius >> 1, radius])) {
      if (count > radius) continue;
      const wrong = spread(count, m);
      const kinds = [
        wholes,
        (x: number) => [x % 20], // each at another byte
        () => [19],
        () => [3], // in the tag
        (x: number) => (x % 2 === 0 ? [0] : [19, 5]),
      ];
      for (const kind of m > 20 ? kinds.slice(0, 2) : kinds) {
        const found = recover(spoiled(shares, wrong, kind));
        expect([found.secret, indexes(found.disagreeing)]).toEqual([
          Uint8Array.of(7, 8, 9, 10),
          wrong,
        ]);
      }
    }
  }
});

/** What there is to find: for each secret, the groups on one polynomial, from all k-subsets. */
function oracle(shares: Share[], k: number): { secret: string; agreeing: number[] }[] {
  const groups = new Map<string, { secret: string; agreeing: number[] }>();
  for (const way of choose(shares, k)) {
    const columns = upTo(way[0]?.y.length ?? 0).map((at) =>
      solve(way.map(({ x, y }) => ({ x, y: y[at - 1] as number }))),
    );
    const payload = Uint8Array.from(columns, ([first]) => first as number);
    const right = payloadOf(way[0] as Share, payload.slice(16));
    if (payload.toHex() !== right.toHex()) continue;
    const lies = ({ x, y }: Share) => columns.every((column, i) => powerSum(column, x) === y[i]);
    const agreeing = indexes(shares.filter(lies));
    groups.set(agreeing.join(), { secret: payload.subarray(16).toHex(), agreeing });
  }
  return [...groups.values()].sort((a, b) => b.agreeing.length - a.agreeing.length);
}

/** What recover() ends in, in words. */
function outcome(shares: Share[]): string {
  try {
    const { secret, disagreeing } = recover(shares);
    return `${secret.toHex()} without ${indexes(disagreeing).join()}`;
  } catch (error) {
    return (error as Error).message.replace(/:.*/, "");
  }
}

/** The groups that count: one that all but (m − k) / 2 agree on, and those of the rest; else all. */
function groupsThatCount(shares: Share[], k: number): ReturnType<typeof oracle> {
  const groups = oracle(shares, k);
  const [first] = groups;
  const rest = shares.filter(({ x }) => !first?.agreeing.includes(x));
  return first && 2 * rest.length <= shares.length - k
    ? [first, ...groupsThatCount(rest, k)]
    : groups;
}

/** What it must end in, by the rules in SPEC.md. */
function expected(shares: Share[], k: number): string {
  const groups = groupsThatCount(shares, k);
  const [first] = groups;
  if (!first) {
    return shares.length > k
      ? `no ${k} of these ${shares.length} shares verify together`
      : `these ${k} shares do not verify together`;
  }
  const largest = groups.filter(({ agreeing }) => agreeing.length === first.agreeing.length);
  const agreeing = largest.flatMap((group) => group.agreeing);
  const wrong = indexes(shares).filter((x) => !agreeing.includes(x));
  const isOne = groups.every(({ secret }) => secret === first.secret);
  return isOne ? `${first.secret} without ${wrong.join()}` : "two different secrets";
}

test("recover() ends as the rules want it, for every mixture of up to 6 right, wrong and forged shares", () => {
  for (const n of upTo(6)) {
    for (const k of upTo(n)) {
      const right = deal(Uint8Array.of(42), k, n, repeatable(n * 8 + k));
      const others = [
        spoiled(right, upTo(n)),
        spoiled(right, upTo(n), (x) => [x]),
        forged(right, upTo(k - 1), Uint8Array.of(43)),
        forged(right, [], Uint8Array.of(42)),
      ];
      for (const other of others) {
        for (let pattern = 0; pattern < 1 << n; pattern++) {
          const shares = mixed(
            right,
            other,
            upTo(n).filter((x) => (pattern >> (x - 1)) & 1),
          );
          expect([n, k, pattern, outcome(shares)]).toEqual([n, k, pattern, expected(shares, k)]);
        }
      }
    }
  }
});

test("recover() ends as the rules want it, for random mixtures of up to 9 shares", () => {
  const plan = fc.integer({ min: 1, max: 9 }).chain((n) =>
    fc.record({
      k: fc.integer({ min: 1, max: n }),
      kinds: fc.array(fc.nat(4), { minLength: n, maxLength: n }),
      seed: fc.nat(999),
    }),
  );
  fc.assert(
    fc.property(plan, ({ k, kinds, seed }) => {
      const right = deal(Uint8Array.of(42), k, kinds.length, repeatable(seed));
      const all = upTo(kinds.length);
      const pools = [
        right,
        forged(right, all.slice(0, k - 1), Uint8Array.of(43)),
        forged(right, all.slice(-1).slice(0, k - 1), Uint8Array.of(42)),
        spoiled(right, all, (x) => [x, (x * seed) % 17]),
        right,
      ];
      const shares = kinds.map((kind, i) => pools[kind]?.[i] as Share);
      expect(outcome(shares)).toBe(expected(shares, k));
    }),
    { numRuns: 300 },
  );
});

test("k − 1 holders who forge one share are not followed; among k + 2 or more they are named", async () => {
  for (const [k, n] of [
    [2, 4],
    [2, 9],
    [3, 5],
    [5, 7],
    [10, 12],
    [60, 62],
    [128, 255],
  ] as [number, number][]) {
    const shares = deal(secret, k, n);
    const fake = forged(shares, upTo(k - 1), lie);
    expect(recover(fake.slice(0, k)).secret).toEqual(lie); // alone they are consistent
    for (const x of [k, n]) {
      const found = recover(mixed(shares, fake, [x]));
      expect([found.secret, indexes(found.disagreeing)]).toEqual([secret, [x]]);
    }
    const few = mixed(shares, fake, [k]).slice(0, k + 1);
    await expectFailure("mismatch", /^two different secrets/, () => recover(few));
  }
});

test("up to (m − k) / 2 shares that k − 1 holders forge are named, one more is not followed", async () => {
  for (const [k, n] of [
    [3, 6],
    [5, 11],
    [20, 40],
    [100, 140],
  ] as [number, number][]) {
    const shares = deal(secret, k, n);
    const fake = forged(shares, upTo(k - 1), lie);
    const others = upTo(n).slice(k - 1);
    const radius = Math.floor((n - k) / 2);
    const inside = others.slice(0, radius);
    const found = recover(mixed(shares, fake, inside));
    expect([found.secret, indexes(found.disagreeing)]).toEqual([secret, inside]);
    const outside = mixed(shares, fake, others.slice(0, radius + 1));
    if ((n - k) % 2 === 0)
      expect(recover(outside).secret).toEqual(lie); // the honest are fewer
    else await expectFailure("mismatch", /two different|too many/, () => recover(outside));
  }
});

test("recover() refuses where those that disagree are k and lead to another secret", async () => {
  const shares = deal(secret, 2, 9);
  const fake = forged(shares, [], lie);
  expect(indexes(recover(mixed(shares, fake, [4])).disagreeing)).toEqual([4]);
  for (const from of [
    [4, 6],
    [1, 5, 9],
    [1, 2, 3, 4, 5, 6],
  ]) {
    const says = /^two different secrets: one from shares .*, another from .*$/;
    const { message } = await expectFailure("mismatch", says, () =>
      recover(mixed(shares, fake, from)),
    );
    expect(message.includes(` ${from.join(", ")}`)).toBe(true);
  }
});

test("two splittings of one secret are one secret, and the shares of a smaller one disagree", () => {
  for (const [k, n, from] of [
    [2, 4, [3, 4]],
    [2, 5, [1, 2]],
    [2, 6, [1, 2]],
    [3, 6, [1, 2, 3]],
    [3, 7, [2, 4, 6]],
    [3, 12, [2, 4, 6]],
  ] as [number, number, number[]][]) {
    const shares = deal(secret, k, n);
    const found = recover(mixed(shares, forged(shares, [], secret), from));
    const smaller = 2 * from.length < n ? from : [];
    expect([found.secret, indexes(found.disagreeing)]).toEqual([secret, smaller]);
  }
});

test("recover() refuses to guess where more are wrong than are named, and too many ways to try", async () => {
  const shares = deal(Uint8Array.of(7), 10, 20);
  expect(recover(spoiled(shares, [1, 2, 3, 4, 5])).disagreeing).toHaveLength(5);
  const six = spoiled(shares, [1, 2, 3, 4, 5, 6]);
  const { hint } = await expectFailure("mismatch", /^too many shares disagree to tell/, () =>
    recover(six),
  );
  expect(hint).toMatch(/leave out/);
  expect(recover(six.slice(2)).disagreeing).toHaveLength(4);
  const tried = spoiled(shares.slice(4), [5, 6, 7, 8]); // C(16, 10) = 8,008 ways
  expect(indexes(recover(tried).disagreeing)).toEqual([5, 6, 7, 8]);
});

test("recover() tries all ways where there are 10,000, and none where there are more", async () => {
  expect([waysToTake(2, upTo(141))?.length, waysToTake(2, upTo(142))]).toEqual([9870, undefined]);
  expect(waysToTake(1, upTo(255))).toHaveLength(255);
  expect(waysToTake(254, upTo(255))).toHaveLength(255);
  expect(waysToTake(128, upTo(255))).toBeUndefined();
  for (const n of upTo(7)) {
    for (const k of upTo(n)) {
      expect(waysToTake(k, upTo(n))?.map(String).sort()).toEqual(
        choose(upTo(n), k).map(String).sort(),
      );
    }
  }
  const shares = deal(secret, 2, 142);
  const few = (m: number) => spoiled(shares.slice(0, m), upTo(m - 2));
  expect(indexes(recover(few(141)).disagreeing)).toEqual(upTo(139));
  await expectFailure("mismatch", /too many shares disagree/, () => recover(few(142)));
});

test("shares that agree but do not verify are said not to, however many ways there are", async () => {
  for (const [k, n] of [
    [2, 4],
    [10, 20],
    [100, 255],
  ] as [number, number][]) {
    const changed = deal(secret, k, n - 1).map((share) => ({ ...share, n }));
    await expectFailure("mismatch", /^no \d+ of these \d+ shares verify together$/, () =>
      recover(changed),
    );
  }
});

test("recover() does not follow a holder who forges the other shares to a secret of his own", async () => {
  const shares = deal(secret, 2, 3);
  for (const own of upTo(3)) {
    const fake = forged(shares, [own], lie);
    for (const x of upTo(3).filter((x) => x !== own)) {
      const says = /^two different secrets: one from shares (\d, \d), another from (\d, \d)$/;
      const { message } = await failureOf(() => recover(mixed(shares, fake, [x])));
      const pairs = (says.exec(message) ?? []).slice(1);
      const honest = 6 - own - x;
      expect(pairs.sort()).toEqual(
        [x, honest].map((other) => [own, other].sort().join(", ")).sort(),
      );
    }
  }
});

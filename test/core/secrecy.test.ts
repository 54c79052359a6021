/**
 * Perfect secrecy, by enumeration: below the threshold every value of a share, or of two, comes from
 * as many choices of randomness, whatever the secret. The project's own code deals all of them.
 */

import { expect, test } from "bun:test";
import type { Random } from "../../lib/core/random.ts";
import { evaluate, type Point } from "../../lib/core/shamir.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { choose, exactly, repeatable } from "./helpers.ts";

const patienceMs = 60_000; // for runtimes without a JIT
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

/** How often each value from 0 to size − 1 occurs; `only` is that number if all are the same. */
function frequencies(values: Iterable<number>, size: number): { only: number | undefined } {
  const counts = new Uint32Array(size);
  for (const value of values) counts[value] = (counts[value] as number) + 1;
  const [first] = counts;
  return { only: counts.every((count) => count === first) ? first : undefined };
}

test("k = 2: one share is each value for one coefficient, whatever the one-byte secret", () => {
  for (let secret = 0; secret < 256; secret++) {
    const dealings = Array.from({ length: 256 }, (_, coefficient) =>
      evaluate(Uint8Array.of(secret), 2, 3, exactly(Uint8Array.of(coefficient))),
    );
    for (const i of [0, 1, 2]) {
      const values = dealings.map((points) => (points[i] as Point).y[0] as number);
      expect(frequencies(values, 256)).toEqual({ only: 1 });
    }
  }
});

test("k = 2: so it is at every x from 1 to 255, for all 256 secrets side by side", () => {
  const secrets = Uint8Array.from({ length: 256 }, (_, i) => i);
  const seen = new Uint8Array(255 * 256 * 256); // by x, secret and value
  for (let coefficient = 0; coefficient < 256; coefficient++) {
    for (const { x, y } of evaluate(secrets, 2, 255, (n) => new Uint8Array(n).fill(coefficient))) {
      for (let i = 0; i < 256; i++) seen[((x - 1) * 256 + i) * 256 + (y[i] as number)] = 1;
    }
  }
  expect(seen.indexOf(0)).toBe(-1);
});

test(
  "k = 3: two shares are each pair of values for one pair of coefficients, whatever the secret",
  () => {
    for (const secret of [0, 1, 0x80, 0xff]) {
      const dealings = Array.from({ length: 65_536 }, (_, pair) => {
        const random = exactly(Uint8Array.of(pair >> 8, pair & 255));
        return evaluate(Uint8Array.of(secret), 3, 3, random).map(({ y }) => y[0] as number);
      });
      for (const [i, j] of choose([0, 1, 2], 2) as [number, number][]) {
        const pairs = dealings.map((y) => ((y[i] as number) << 8) | (y[j] as number));
        expect(frequencies(pairs, 65_536)).toEqual({ only: 1 });
      }
    }
  },
  patienceMs,
);

test(
  "k = 3: so it is for some 40 pairs of x up to 255, all coefficients side by side",
  () => {
    const coefficients = new Uint8Array(2 * 65_536);
    for (let pair = 0; pair < 65_536; pair++) {
      coefficients[pair] = pair & 255;
      coefficients[65_536 + pair] = pair >> 8;
    }
    const far = [1, 85, 128, 170, 254, 255];
    const some = [...choose(upTo(8), 2), ...choose(far, 2)] as [number, number][];
    for (const secret of [0, 0x53, 0xff]) {
      const points = evaluate(new Uint8Array(65_536).fill(secret), 3, 255, exactly(coefficients));
      const at = (x: number) => (points[x - 1] as Point).y;
      for (const { y } of points) expect(frequencies(y, 256)).toEqual({ only: 256 });
      for (const [a, b] of some) {
        const [ya, yb] = [at(a), at(b)];
        const pairs = Uint16Array.from(ya, (value, i) => (value << 8) | (yb[i] as number));
        expect(frequencies(pairs, 65_536)).toEqual({ only: 1 });
      }
    }
  },
  patienceMs,
);

test("the enumeration tells a leading coefficient that is never zero", () => {
  for (const secret of [0, 0x53, 0xff]) {
    const nonZero = exactly(Uint8Array.from({ length: 255 }, (_, i) => i + 1));
    const [one] = evaluate(new Uint8Array(255).fill(secret), 2, 2, nonZero) as [Point];
    expect(frequencies(one.y, 256)).toEqual({ only: undefined });
    expect(one.y).not.toContain(secret); // a share would rule out its own value
  }
});

/**
 * The 17 bytes of y, tag and secret, have 256^17 choices of coefficients: too many. What is seen
 * for k = 2 is that each byte of y is each value once as its own coefficient takes each value, and
 * that nothing else in the share moves; from a few random settings of the other 16, not from all.
 * Were that so from every setting, y would be each of its 256^17 values once, whatever the secret.
 */
test(
  "k = 2: each byte of a whole share, tag included, follows its own coefficient alone",
  () => {
    for (const [seed, secret] of [0, 1, 0x53, 0xff].entries()) {
      const coefficients = repeatable(seed)(17);
      const base = dealt(secret, coefficients);
      for (let place = 0; place < 17; place++) {
        const dealings = Array.from({ length: 256 }, (_, value) =>
          dealt(secret, coefficients.with(place, value)),
        );
        for (const i of [0, 1, 2]) {
          const shares = dealings.map((shares) => shares[i] as Share);
          const values = shares.map(({ y }) => y[place] as number);
          expect(frequencies(values, 256)).toEqual({ only: 1 });
          const own = (base[i] as Share).y[place] as number;
          const rest = shares.map((share) => ({ ...share, y: share.y.with(place, own) }));
          for (const share of rest) expect(Bun.deepEquals(share, base[i])).toBe(true);
        }
      }
    }
  },
  patienceMs,
);

/** Two of three of a one-byte secret, from these coefficients and always the same set id. */
function dealt(secret: number, coefficients: Uint8Array): Share[] {
  return deal(Uint8Array.of(secret), 2, 3, inTurn(new Uint8Array(8).fill(7), coefficients));
}

/** Gives these bytes, one after the other, as copies. */
function inTurn(...given: Uint8Array[]): Random {
  return (length) => exactly(given.shift() as Uint8Array)(length);
}

test("what a share says in the clear is from the set id given and the plan, not from the secret", () => {
  const setId = repeatable(1)(8);
  for (const secret of [new Uint8Array(5), Uint8Array.of(1, 2, 3, 4, 5)]) {
    const shares = deal(secret, 2, 3, inTurn(setId, repeatable(2)(21)));
    const clear = shares.map(({ y, ...rest }) => ({ ...rest, length: y.length }));
    expect(clear).toEqual(upTo(3).map((x) => ({ setId, k: 2, n: 3, x, length: 21 })));
  }
});

test("x is 1 to n for every n up to 255, and so never 0, where the secret is", () => {
  for (const n of upTo(255)) {
    expect(deal(Uint8Array.of(1), Math.min(n, 2), n).map(({ x }) => x)).toEqual(upTo(n));
  }
});

test("no two of 1,000 dealings of one secret share a set id, or y", () => {
  const dealings = upTo(1000).map(() => deal(Uint8Array.of(1, 2, 3), 2, 2)[0] as Share);
  expect(new Set(dealings.map(({ setId }) => setId.toHex())).size).toBe(1000);
  expect(new Set(dealings.map(({ y }) => y.toHex())).size).toBe(1000);
});

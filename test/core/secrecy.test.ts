/**
 * Perfect secrecy, by enumeration: below the threshold every value of a share, or of two, comes from
 * as many choices of randomness, whatever the secret. The project's own code deals all of them.
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import type { Random } from "../../lib/core/random.ts";
import { evaluate, type Point } from "../../lib/core/shamir.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { choose, exactly, repeatable, upTo } from "./helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

const patienceMs = 60_000; // for runtimes without a JIT

/** Whether each value from 0 to size − 1 occurs, and all as often. */
function isUniform(values: Iterable<number>, size: number): boolean {
  const counts = new Uint32Array(size);
  for (const value of values) counts[value] = (counts[value] as number) + 1;
  return counts[0] !== 0 && counts.every((count) => count === counts[0]);
}

test("k = 2: one share is each value for one coefficient, at every x, whatever the one-byte secret", () => {
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
  "k = 3: two shares, at some 40 pairs of x, are each pair of values for one pair of coefficients",
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
      for (const { y } of points) expect(isUniform(y, 256)).toBe(true);
      for (const [a, b] of some) {
        const [ya, yb] = [at(a), at(b)];
        const pairs = Uint16Array.from(ya, (value, i) => (value << 8) | (yb[i] as number));
        expect(isUniform(pairs, 65_536)).toBe(true);
      }
    }
  },
  patienceMs,
);

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
          expect(isUniform(values, 256)).toBe(true);
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

test("no two of 1,000 dealings of one secret share a set id, or y", () => {
  const dealings = upTo(1000).map(() => deal(Uint8Array.of(1, 2, 3), 2, 2)[0] as Share);
  expect(new Set(dealings.map(({ setId }) => setId.toHex())).size).toBe(1000);
  expect(new Set(dealings.map(({ y }) => y.toHex())).size).toBe(1000);
});

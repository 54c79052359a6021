import { expect, test } from "bun:test";
import type { Random } from "../../lib/crypto/random.ts";
import { evaluate, interpolate, type Point } from "../../lib/crypto/shamir.ts";
import { powerSum, solve } from "./field-oracle.ts";
import { choose, repeatable } from "./helpers.ts";

/** Every 1 ≤ k ≤ n ≤ most. */
function plans(most: number): { k: number; n: number }[] {
  const numbers = Array.from({ length: most }, (_, i) => i + 1);
  return numbers.flatMap((n) => numbers.slice(0, n).map((k) => ({ k, n })));
}

/** Gives these bytes once, as a copy, and refuses any other length. */
function exactly(bytes: Uint8Array): Random {
  return (length) => {
    if (length !== bytes.length) throw new Error(`asked for ${length} of ${bytes.length} bytes`);
    return bytes.slice();
  };
}

/** The polynomial of one byte: the secret, then the coefficients as evaluate() is given them. */
function polynomial(secret: Uint8Array, coefficients: Uint8Array, i: number): number[] {
  const rows = coefficients.length / secret.length;
  const higher = Array.from({ length: rows }, (_, row) => coefficients[row * secret.length + i]);
  return [secret[i], ...higher] as number[];
}

test("evaluate() gives the power sums of its coefficients, for every 1 ≤ k ≤ n ≤ 7", () => {
  for (const { k, n } of plans(7)) {
    const secret = repeatable(n)(5);
    const coefficients = repeatable(100 + k)((k - 1) * secret.length);
    const points = evaluate(secret, k, n, exactly(coefficients));
    expect(points.map(({ x }) => x)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
    for (const { x, y } of points) {
      const sums = Array.from(secret, (_, i) => powerSum(polynomial(secret, coefficients, i), x));
      expect([...y]).toEqual(sums);
    }
  }
});

test("interpolate() finds the secret from every k-subset, for every 1 ≤ k ≤ n ≤ 7", () => {
  for (const { k, n } of plans(7)) {
    const secret = repeatable(n * 8 + k)(3);
    const points = evaluate(secret, k, n, repeatable(k));
    for (const subset of choose(points, k)) {
      expect(interpolate(subset, 0)).toEqual(secret);
      expect(interpolate(subset.toReversed(), 0)).toEqual(secret);
    }
  }
});

test("interpolate() finds every other share from every k-subset, for every 1 ≤ k ≤ n ≤ 6", () => {
  for (const { k, n } of plans(6)) {
    const points = evaluate(repeatable(n)(2), k, n, repeatable(k));
    for (const subset of choose(points, k)) {
      expect(points.map(({ x }) => interpolate(subset, x))).toEqual(points.map(({ y }) => y));
    }
  }
});

test("interpolate() agrees with Gaussian elimination at all 256 places", () => {
  const random = repeatable(7);
  for (let count = 1; count <= 8; count++) {
    const xs = [...new Set(random(64))].filter((x) => x !== 0).slice(0, count);
    const points: Point[] = xs.map((x) => ({ x, y: random(1) }));
    const coefficients = solve(points.map(({ x, y }) => ({ x, y: y[0] as number })));
    for (let at = 0; at < 256; at++) {
      expect(interpolate(points, at)[0]).toBe(powerSum(coefficients, at));
    }
  }
});

test("interpolate() of a single point is that point's value everywhere", () => {
  const y = Uint8Array.of(1, 2, 255);
  for (let at = 0; at < 256; at++) expect(interpolate([{ x: 9, y }], at)).toEqual(y);
});

test("interpolate() refuses two points at one x instead of dividing by zero", () => {
  const points = [1, 7, 7].map((x) => ({ x, y: Uint8Array.of(x) }));
  expect(() => interpolate(points, 0)).toThrow(RangeError);
});

test("interpolate() leaves the points as they were", () => {
  const points = evaluate(Uint8Array.of(1, 2, 3), 3, 5, repeatable(1));
  const before = structuredClone(points);
  interpolate(points.slice(1, 4), 0);
  expect(points).toEqual(before);
});

test("one share of 2-of-3 is each value exactly once, whatever the one-byte secret", () => {
  const once = new Array<number>(256).fill(1);
  for (let secret = 0; secret < 256; secret++) {
    const counts = [1, 2, 3].map(() => new Array<number>(256).fill(0));
    for (let coefficient = 0; coefficient < 256; coefficient++) {
      const random = exactly(Uint8Array.of(coefficient));
      for (const { x, y } of evaluate(Uint8Array.of(secret), 2, 3, random)) {
        const count = counts[x - 1] as number[];
        count[y[0] as number] = (count[y[0] as number] as number) + 1;
      }
    }
    expect(counts).toEqual([once, once, once]);
  }
});

test("one share of 2-of-255 is each value exactly once, at every x and for every secret", () => {
  const secrets = Uint8Array.from({ length: 256 }, (_, i) => i);
  const seen = new Uint8Array(255 * 256 * 256); // by x, secret and value
  for (let coefficient = 0; coefficient < 256; coefficient++) {
    for (const { x, y } of evaluate(secrets, 2, 255, (n) => new Uint8Array(n).fill(coefficient))) {
      for (let i = 0; i < 256; i++) seen[((x - 1) * 256 + i) * 256 + (y[i] as number)] = 1;
    }
  }
  expect(seen.indexOf(0)).toBe(-1);
});

test("two shares of 3-of-3 are each pair of values exactly once, whatever the secret", () => {
  for (const secret of [0, 1, 0x80, 0xff]) {
    const seen = [new Uint8Array(65_536), new Uint8Array(65_536), new Uint8Array(65_536)];
    for (let pair = 0; pair < 65_536; pair++) {
      const random = exactly(Uint8Array.of(pair >> 8, pair & 255));
      const points = evaluate(Uint8Array.of(secret), 3, 3, random);
      const [a, b, c] = points.map(({ y }) => y[0] as number) as [number, number, number];
      for (const [i, two] of [(a << 8) | b, (a << 8) | c, (b << 8) | c].entries()) {
        (seen[i] as Uint8Array)[two] = 1;
      }
    }
    expect(seen.map((values) => values.indexOf(0))).toEqual([-1, -1, -1]);
  }
});

test("evaluate() takes a leading coefficient of zero as it comes", () => {
  const secret = Uint8Array.of(0, 1, 0x5a, 0xff);
  for (let k = 1; k <= 5; k++) {
    const points = evaluate(secret, k, 6, (length) => new Uint8Array(length));
    expect(points.map(({ y }) => y)).toEqual(new Array(6).fill(secret));
  }
});

test("evaluate() asks for randomness once, for k − 1 bytes a secret byte, and wipes it", () => {
  for (let k = 1; k <= 5; k++) {
    const given: Uint8Array[] = [];
    evaluate(new Uint8Array(7), k, 5, (length) => {
      given.push(new Uint8Array(length).fill(0xaa));
      return given.at(-1) as Uint8Array;
    });
    expect(given).toEqual([new Uint8Array((k - 1) * 7)]);
  }
});

test("evaluate() leaves the secret as it was", () => {
  const secret = Uint8Array.of(9, 8, 7);
  evaluate(secret, 2, 3, repeatable(3));
  expect([...secret]).toEqual([9, 8, 7]);
});

test("255 of 255: all shares find the secret, x is never 0, 254 shares do not find it", () => {
  const secret = repeatable(255)(16);
  const points = evaluate(secret, 255, 255, repeatable(1));
  expect(points.map(({ x }) => x)).toEqual(Array.from({ length: 255 }, (_, i) => i + 1));
  expect(interpolate(points, 0)).toEqual(secret);
  expect(interpolate(points.slice(1), 0)).not.toEqual(secret);
});

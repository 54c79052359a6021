import { expect, test } from "bun:test";
import { evaluate, interpolate, type Point } from "../../lib/core/shamir.ts";
import { powerSum, solve } from "../oracle/gf256.ts";
import { choose, exactly, repeatable, upTo } from "./helpers.ts";

/** Every 1 ≤ k ≤ n ≤ most. */
function plans(most: number): { k: number; n: number }[] {
  return upTo(most).flatMap((n) => upTo(n).map((k) => ({ k, n })));
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
    expect(points.map(({ x }) => x)).toEqual(upTo(n));
    for (const { x, y } of points) {
      const sums = Array.from(secret, (_, i) => powerSum(polynomial(secret, coefficients, i), x));
      expect([...y]).toEqual(sums);
    }
  }
});

test("interpolate() finds secret and shares from every k-subset, for every 1 ≤ k ≤ n ≤ 7", () => {
  for (const { k, n } of plans(7)) {
    const secret = repeatable(n * 8 + k)(3);
    const points = evaluate(secret, k, n, repeatable(k));
    const all = [{ x: 0, y: secret }, ...points];
    for (const subset of choose(points, k)) {
      expect(all.map(({ x }) => ({ x, y: interpolate(subset.toReversed(), x) }))).toEqual(all);
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

test("interpolate() refuses two points at one x instead of dividing by zero", () => {
  const points = [1, 7, 7].map((x) => ({ x, y: Uint8Array.of(x) }));
  expect(() => interpolate(points, 0)).toThrow(RangeError);
});

test("evaluate() and interpolate() leave what they are given as it was", () => {
  const secret = Uint8Array.of(1, 2, 3);
  const points = evaluate(secret, 3, 5, repeatable(1));
  const before = structuredClone(points);
  interpolate(points.slice(1, 4), 0);
  expect([points, [...secret]]).toEqual([before, [1, 2, 3]]);
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

test("255 of 255: all shares find the secret, x is never 0, 254 shares do not find it", () => {
  const secret = repeatable(255)(16);
  const points = evaluate(secret, 255, 255, repeatable(1));
  expect(points.map(({ x }) => x)).toEqual(upTo(255));
  expect(interpolate(points, 0)).toEqual(secret);
  expect(interpolate(points.slice(1), 0)).not.toEqual(secret);
});

test("interpolate() of no points gives no bytes", () => {
  expect(interpolate([], 0)).toEqual(new Uint8Array(0));
});

/**
 * Shamir's secret sharing (Communications of the ACM 22:11, 1979), byte by byte over GF(256).
 *
 * Nothing here detects a wrong share; sharing.ts does.
 */

import { secretBytes, wipe } from "./bytes.ts";
import { invert, multiply, multiplyEach } from "./gf256.ts";
import type { Random } from "./random.ts";

/** One value of the polynomials: x from 1 to 255, y with one byte for each secret byte. */
export interface Point {
  x: number;
  y: Uint8Array;
}

/**
 * Evaluates random polynomials of degree k − 1 with the secret at x = 0 at x = 1 … n.
 *
 * Every coefficient is uniform, the leading one included: forcing it to be non-zero rules out
 * one value of the secret for each k − 1 shares; audits have found this in other programs.
 */
export function evaluate(secret: Uint8Array, k: number, n: number, random: Random): Point[] {
  const length = secret.length;
  const coins = random((k - 1) * length);
  const rows = Array.from({ length: k - 1 }, (_, i) =>
    coins.subarray(i * length, (i + 1) * length),
  );
  const points = Array.from({ length: n }, (_, i) => {
    const powers = [1];
    while (powers.length < k) powers.push(multiply(powers.at(-1) as number, i + 1));
    return { x: i + 1, y: weightedSum([secret, ...rows], powers) };
  });
  wipe(coins);
  return points;
}

/** The value at x = `at` of the polynomials of lowest degree through the points (Lagrange). */
export function interpolate(points: Point[], at: number): Uint8Array {
  const values = points.map(({ y }) => y);
  return weightedSum(values, weightsAt(points, at));
}

/** What each point's y weighs there. All x are public, distinct and not 0: the caller checks. */
export function weightsAt(points: Point[], at: number): number[] {
  return points.map(({ x }) => {
    const others = points.filter((other) => other.x !== x);
    if (others.length < points.length - 1) throw new RangeError("two points share an x");
    const product = (from: number) => others.reduce((all, { x }) => multiply(all, from ^ x), 1);
    return multiply(product(at), invert(product(x)));
  });
}

/** Σ weight · value, four bytes at once, in words that are signed (see gf256.ts). */
export function weightedSum(values: Uint8Array[], weights: number[]): Uint8Array {
  const length = values[0]?.length ?? 0;
  const words = Math.ceil(length / 4);
  const [total, term] = [secretBytes(4 * words), secretBytes(4 * words)];
  const [sum, termWords] = [new Int32Array(total.buffer), new Int32Array(term.buffer)];
  for (const [i, value] of values.entries()) {
    term.set(value);
    multiplyEach(termWords, weights[i] as number);
    for (let j = 0; j < sum.length; j++) sum[j] = (sum[j] as number) ^ (termWords[j] as number);
  }
  wipe(term);
  return total.subarray(0, length);
}

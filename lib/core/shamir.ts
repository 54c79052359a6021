/**
 * Shamir's secret sharing (Communications of the ACM 22:11, 1979), byte by byte over GF(256).
 *
 * Nothing here detects a wrong share; sharing.ts does.
 */

import { wipe } from "./bytes.ts";
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
  const coefficients = Array.from({ length: k - 1 }, (_, i) =>
    toWords(coins.subarray(i * length, (i + 1) * length)),
  );
  wipe(coins);
  const constant = toWords(secret);
  const points: Point[] = [];
  for (let x = 1; x <= n; x++) {
    const value = new Int32Array(constant.length);
    for (const coefficient of coefficients.toReversed()) {
      add(value, coefficient);
      multiplyEach(value, x);
    }
    add(value, constant);
    points.push({ x, y: new Uint8Array(value.buffer, 0, length) });
  }
  for (const words of [constant, ...coefficients]) words.fill(0);
  return points;
}

/**
 * The value at x = `at` of the polynomials of lowest degree through the points (Lagrange).
 * The points' x are public, distinct and not 0; the caller checks this.
 */
export function interpolate(points: Point[], at: number): Uint8Array {
  const length = points[0]?.y.length ?? 0;
  const value = toWords(new Uint8Array(length));
  for (const point of points) {
    let numerator = 1;
    let denominator = 1;
    for (const other of points) {
      if (other === point) continue;
      numerator = multiply(numerator, at ^ other.x);
      denominator = multiply(denominator, point.x ^ other.x);
    }
    if (denominator === 0) throw new RangeError("two points share an x");
    const term = toWords(point.y);
    multiplyEach(term, multiply(numerator, invert(denominator)));
    add(value, term);
    term.fill(0);
  }
  return new Uint8Array(value.buffer, 0, length);
}

/** A copy as words (signed: see gf256.ts) of four bytes, padded with zeros. */
function toWords(bytes: Uint8Array): Int32Array<ArrayBuffer> {
  const words = new Int32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

/** Adds in place; addition in GF(256) is exclusive or. */
function add(sum: Int32Array, words: Int32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) ^ (words[i] as number);
}

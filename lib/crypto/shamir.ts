/**
 * Shamir's secret sharing (Communications of the ACM 22:11, 1979), byte by byte over GF(256).
 *
 * Nothing here tells a right share from a wrong one; sharing.ts does.
 */

import { wipe } from "../bytes.ts";
import { invert, multiply } from "./gf256.ts";
import type { Random } from "./random.ts";

/** One value of the polynomials: x from 1 to 255, y one byte for each secret byte. */
export interface Point {
  x: number;
  y: Uint8Array;
}

/**
 * Evaluates random polynomials of degree k − 1 with the secret at x = 0 at x = 1 … n.
 *
 * Every coefficient is uniform, the leading one included: forcing it to be non-zero rules out
 * one value of the secret for each k − 1 shares, and has been a finding in audits of others.
 */
export function evaluate(secret: Uint8Array, k: number, n: number, random: Random): Point[] {
  const length = secret.length;
  const coefficients = random((k - 1) * length);
  const points: Point[] = [];
  for (let x = 1; x <= n; x++) {
    const y = new Uint8Array(length);
    for (let degree = k - 1; degree > 0; degree--) {
      const row = (degree - 1) * length;
      for (let i = 0; i < length; i++) {
        y[i] = multiply((y[i] as number) ^ (coefficients[row + i] as number), x);
      }
    }
    for (let i = 0; i < length; i++) y[i] = (y[i] as number) ^ (secret[i] as number);
    points.push({ x, y });
  }
  wipe(coefficients);
  return points;
}

/**
 * The value at x = `at` of the polynomials of lowest degree through the points (Lagrange).
 * The points' x are public, distinct and not 0; that is the caller's to check.
 */
export function interpolate(points: Point[], at: number): Uint8Array {
  const value = new Uint8Array(points[0]?.y.length ?? 0);
  for (const point of points) {
    let numerator = 1;
    let denominator = 1;
    for (const other of points) {
      if (other === point) continue;
      numerator = multiply(numerator, at ^ other.x);
      denominator = multiply(denominator, point.x ^ other.x);
    }
    if (denominator === 0) throw new RangeError("two points share an x");
    const weight = multiply(numerator, invert(denominator));
    for (let i = 0; i < value.length; i++) {
      value[i] = (value[i] as number) ^ multiply(point.y[i] as number, weight);
    }
  }
  return value;
}

/**
 * Finds wrong shares, and the secret without them: Shamir's shares are a Reed-Solomon code
 * (McEliece and Sarwate, Communications of the ACM 24:9, 1981). Used only if shares disagree: its
 * time depends on which are wrong, and how, but on no secret.
 */

import { wipe } from "./bytes.ts";
import { invert, multiply } from "./gf256.ts";
import { type Point, weightedSum, weightsAt } from "./shamir.ts";

/**
 * f, x·f, x²·f, … x^(m − k)·f at x = 0, where f are the polynomials of m points. The degrees are
 * below m: if all points are right, this is f(0), and then zeros. A wrong one adds c, c·x, c·x², …
 */
export function moments(points: Point[], k: number): Uint8Array[] {
  const values = points.map(({ y }) => y);
  let weights = weightsAt(points, 0);
  return Array.from({ length: points.length - k + 1 }, () => {
    const moment = weightedSum(values, weights);
    weights = weights.map((weight, i) => multiply(weight, (points[i] as Point).x));
    return moment;
  });
}

/** f(0) without these points: that of f · Π (1 + x / theirs), which is 0 at each of them. */
export function without(points: Point[], moments: Uint8Array[]): Uint8Array {
  let factor = [1];
  for (const { x } of points) {
    const root = invert(x);
    factor = [...factor, 0].map((term, i) => term ^ multiply(factor[i - 1] ?? 0, root));
  }
  return weightedSum(moments, factor);
}

/** The points that are wrong in any byte, if they are no more than (m − k) / 2. */
export function findWrong<P extends Point>(points: P[], k: number): P[] | undefined {
  const sums = moments(points, k);
  let locator = [1];
  for (let at = 0; at < (sums[0]?.length ?? 0); at++) locator = extend(locator, sums, at);
  wipe(...sums);
  const valueAt = (x: number) => locator.reduce((value, term) => multiply(value, x) ^ term, 0);
  const wrong = points.filter(({ x }) => valueAt(x) === 0);
  const isUnique = 2 * wrong.length <= points.length - k;
  return isUnique && wrong.length === locator.length - 1 ? wrong : undefined;
}

/**
 * Extends the polynomial whose roots are the x of wrong points, highest power first, to the shortest
 * recurrence of the sums at one byte, the first left out (Massey, IEEE Transactions on Information
 * Theory 15:1, 1969). A constant factor does not change its roots.
 */
function extend(known: number[], sums: Uint8Array[], at: number): number[] {
  let [locator, previous, last] = [known, known, 1];
  for (let n = known.length; n < sums.length; n++) {
    const gap = locator.reduce((sum, term, i) => sum ^ multiply(term, sums[n - i]?.[at] ?? 0), 0);
    previous = [0, ...previous];
    if (gap === 0) continue;
    const isLonger = previous.length > locator.length;
    const next = (isLonger ? previous : locator).map((_, i) => {
      return multiply(locator[i] ?? 0, last) ^ multiply(previous[i] ?? 0, gap);
    });
    if (isLonger) [previous, last] = [locator, gap];
    locator = next;
  }
  return locator;
}

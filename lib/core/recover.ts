/**
 * Recovers the secret from shares, some of which may be wrong or forged: finds k that verify
 * together, those that disagree with them, and whether others lead to another secret.
 */

import { equal, wipe } from "./bytes.ts";
import { fail } from "./errors.ts";
import { interpolate } from "./shamir.ts";
import { type Share, verify } from "./sharing.ts";

/** How many subsets to try at most; fewer for a large k, so that it never takes minutes. */
export function maxTries(k: number): number {
  return Math.min(10_000, Math.floor(2 ** 23 / k ** 2));
}

export interface Recovered {
  secret: Uint8Array;
  /** Shares that do not lie on the polynomial of the secret, by ascending index. */
  disagreeing: Share[];
  /** There were too many ways to combine the shares to rule out another secret. */
  undecided: boolean;
}

/**
 * Recovers the secret from k or more shares of one set with distinct indexes and equal lengths
 * (the caller checks this). All shares are used: k of them verify, the rest are compared. If one
 * disagrees, no k shares that include it may verify too: whoever knows k − 1 shares can make one
 * more that leads to a secret of their choice, and then the honest shares would seem to disagree.
 * If there are too many ways to try them all, more shares must agree than a few forgers could make.
 *
 * @throws mismatch: no k verify together, two groups do, or too many disagree to tell
 */
export function recover(shares: Share[]): Recovered {
  const sorted = shares.toSorted((a, b) => a.x - b.x);
  const k = (sorted[0] as Share).k;
  const tries = candidates(sorted, k);
  const found = firstThatVerifies(tries, k) ?? failSearch(sorted.length, k, !tries.next().done);
  const disagreeing = sorted.filter((share) => !liesOn(found.points, share));
  const agreeing = sorted.filter((share) => !disagreeing.includes(share));
  const others = subsets([...disagreeing, ...agreeing], k, disagreeing.length);
  const second = firstThatVerifies(others, k);
  const undecided = !second && !others.next().done;
  if (second) {
    wipe(found.secret, second.secret);
    const [one, other] = [found, second].map(({ points }) => indexes(points));
    const hint = "some are forged: leave out those you trust least";
    fail("mismatch", `two different secrets: one from shares ${one}, another from ${other}`, hint);
  }
  // If this secret were a forger's, all but k - 1 of the agreeing shares would be forged.
  if (undecided && agreeing.length - (k - 1) <= disagreeing.length) {
    wipe(found.secret);
    const hint = "leave out the shares you trust least, and run again";
    fail(
      "mismatch",
      `too many shares disagree to tell which are right: ${indexes(disagreeing)}`,
      hint,
    );
  }
  return { secret: found.secret, disagreeing, undecided };
}

function indexes(shares: Share[]): string {
  return shares.map(({ x }) => x).join(", ");
}

interface Verified {
  secret: Uint8Array;
  points: Share[];
}

/** Tries at most `maxTries` of them, and leaves the rest in the generator. */
function firstThatVerifies(tries: Generator<Share[]>, k: number): Verified | undefined {
  for (let tried = 0; tried < maxTries(k); tried++) {
    const { value: points, done } = tries.next();
    if (done) return undefined;
    const secret = verify(points);
    if (secret) return { secret, points };
  }
  return undefined;
}

function failSearch(count: number, k: number, leftUntried: boolean): never {
  if (count === k) {
    const hint = "one more share of the set would tell which";
    fail("mismatch", `these ${k} shares do not verify together: at least one is wrong`, hint);
  }
  const hint = "leave out the shares you trust least, or bring others";
  fail(
    "mismatch",
    leftUntried
      ? `none of ${maxTries(k)} ways to choose ${k} of these ${count} shares verifies`
      : `no ${k} of these ${count} shares verify together`,
    hint,
  );
}

function liesOn(points: Share[], share: Share): boolean {
  if (points.includes(share)) return true;
  const expected = interpolate(points, share.x);
  const lies = equal(expected, share.y);
  wipe(expected);
  return lies;
}

/** Neighbours first, which soon avoid a few wrong shares among many; then all k-subsets. */
function* candidates(sorted: Share[], k: number): Generator<Share[]> {
  for (let i = 0; i < sorted.length && k < sorted.length; i++) {
    yield [...sorted, ...sorted].slice(i, i + k);
  }
  yield* subsets(sorted, k, sorted.length);
}

/** The k-subsets with at least one of the first `needed` items, in lexicographic order. */
export function* subsets<T>(items: T[], k: number, needed: number): Generator<T[]> {
  const chosen = Array.from({ length: k }, (_, i) => i);
  while ((chosen[0] as number) < needed) {
    yield chosen.map((i) => items[i] as T);
    let place = k - 1;
    while (place >= 0 && chosen[place] === items.length - k + place) place--;
    if (place < 0) return;
    const next = (chosen[place] as number) + 1;
    for (let i = place; i < k; i++) chosen[i] = next + i - place;
  }
}

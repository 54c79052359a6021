/**
 * From shares back to the secret, where some of them may be wrong or forged: which k of them verify
 * together, which disagree with those, and whether others lead to another secret.
 */

import { equal, wipe } from "./bytes.ts";
import { fail } from "./errors.ts";
import { interpolate } from "./shamir.ts";
import { type Share, verify } from "./sharing.ts";

/** How many subsets are tried at most; fewer for a large k, so that it never takes minutes. */
export function maxTries(k: number): number {
  return Math.min(10_000, Math.floor(2 ** 23 / k ** 2));
}

export interface Recovered {
  secret: Uint8Array;
  /** Shares that do not lie on the polynomial of the secret, by ascending index. */
  disagreeing: Share[];
  /** There were too many ways to combine them to rule out that others lead to another secret. */
  undecided: boolean;
}

/**
 * Recovers the secret from k or more shares of one set with distinct indexes and equal lengths
 * (the caller's to check). All shares are used: k of them verify, the rest are compared. Where one
 * disagrees, no k shares with it among them may verify too: whoever knows k − 1 shares can make
 * one more that leads to a secret of their own, and then the honest ones would be the odd ones out.
 * Where there are too many ways to try them all, more shares must agree than a few forged ones.
 *
 * @throws mismatch: no k of them verify together, two groups do, or too many disagree to tell
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
    fail("mismatch", `two different secrets: one of shares ${one}, another of ${other}`, hint);
  }
  // Were this secret a forger's, all but k - 1 of the agreeing shares would have to be forged.
  if (undecided && agreeing.length - (k - 1) <= disagreeing.length) {
    wipe(found.secret);
    const hint = "leave out the shares you trust least, and run again";
    fail(
      "mismatch",
      `too many shares disagree to tell who is right: ${indexes(disagreeing)}`,
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

/** Tries `maxTries` of them at most, and leaves the rest in the generator. */
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
      ? `none of ${maxTries(k)} ways to take ${k} of these ${count} shares verifies`
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

/** Neighbours first, where a few wrong ones among many are soon avoided; then all k-subsets. */
function* candidates(sorted: Share[], k: number): Generator<Share[]> {
  for (let i = 0; i < sorted.length && k < sorted.length; i++) {
    yield [...sorted, ...sorted].slice(i, i + k);
  }
  yield* subsets(sorted, k, sorted.length);
}

/** The k-subsets that hold at least one of the first `needed` items, in lexicographic order. */
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

/** From shares back to the secret, even if some of them are wrong or forged. */

import { equal, wipe } from "./bytes.ts";
import { findWrong, moments, without } from "./decode.ts";
import { fail } from "./errors.ts";
import { interpolate } from "./shamir.ts";
import { type Share, verify } from "./sharing.ts";

export interface Recovered {
  secret: Uint8Array;
  /** Shares that do not lie on polynomials of the secret, by ascending index. */
  disagreeing: Share[];
}

/** A secret that verifies, and all shares on its polynomials. */
type Group = { secret: Uint8Array; agreeing: Share[] };

/**
 * Recovers the secret from k or more shares of one set with distinct indexes and equal lengths
 * (the caller checks). Of m shares, up to (m − k) / 2 wrong ones are named, forged or not:
 * polynomials of another secret share k − 1 values with the right ones at most, so that fewer shares
 * lie on them. With more wrong ones the tag decides, if there are at most 10,000 ways to take k. It
 * proves nothing alone: whoever knows k − 1 shares can make one more that verifies with them.
 *
 * @throws mismatch: no k verify together, two groups do, or too many disagree to tell
 */
export function recover(shares: Share[]): Recovered {
  const sorted = shares.toSorted((a, b) => a.x - b.x);
  const k = (sorted[0] as Share).k;
  const groups = findGroups(sorted, k);
  const hint = "leave out the shares you trust least, or bring others";
  if (!groups) return fail("mismatch", "too many shares disagree to tell which are right", hint);
  const [first, ...others] = groups.toSorted((a, b) => b.agreeing.length - a.agreeing.length);
  const none = `no ${k} of these ${sorted.length} shares verify together`;
  if (!first && sorted.length > k) return fail("mismatch", none, hint);
  const says = `these ${k} shares do not verify together: at least one is wrong`;
  if (!first) return fail("mismatch", says, "one more share of the set would tell which");
  const other = others.find(({ secret }) => !equal(secret, first.secret));
  wipe(...others.map(({ secret }) => secret));
  const largest = groups.filter(({ agreeing }) => agreeing.length === first.agreeing.length);
  const agreeing = largest.flatMap((group) => group.agreeing);
  const disagreeing = sorted.filter((share) => !agreeing.includes(share));
  if (!other) return { secret: first.secret, disagreeing };
  wipe(first.secret);
  const [one, two] = [first, other].map(({ agreeing }) => agreeing.map(({ x }) => x).join(", "));
  const both = `two different secrets: one from shares ${one}, another from ${two}`;
  return fail("mismatch", both, hint);
}

/** What all but (m − k) / 2 shares agree on, and what the rest do; else every group that verifies. */
function findGroups(shares: Share[], k: number): Group[] | undefined {
  const start = shares.slice(0, k);
  const wrong = shares.every((share) => liesOn(start, share)) ? [] : findWrong(shares, k);
  const agreeing = shares.filter((share) => !wrong?.includes(share));
  const secret = wrong && verify(agreeing.slice(0, k));
  if (!secret) return wrong?.length === 0 ? [] : tryAll(shares, k);
  const rest = wrong.length < k ? undefined : findGroups(wrong, k);
  return [{ secret, agreeing }, ...(rest ?? [])];
}

/** Undefined if there are too many ways. If fewer are left out than taken, `without` is quicker. */
function tryAll(shares: Share[], k: number): Group[] | undefined {
  const ways = waysToTake(k, shares);
  const sums = 2 * k > shares.length ? moments(shares, k) : undefined;
  const groups: Group[] = [];
  for (const way of ways ?? []) {
    if (groups.some(({ agreeing }) => way.every((share) => agreeing.includes(share)))) continue;
    const left = () => shares.filter((share) => !way.includes(share));
    const secret = verify(way, sums && without(left(), sums));
    if (secret) groups.push({ secret, agreeing: shares.filter((share) => liesOn(way, share)) });
  }
  wipe(...(sums ?? []));
  return ways && groups;
}

function liesOn(points: Share[], share: Share): boolean {
  if (points.includes(share)) return true;
  const expected = interpolate(points, share.x);
  const lies = equal(expected, share.y);
  wipe(expected);
  return lies;
}

/** All ways to take k of the items, unless there are more than 10,000. */
export function waysToTake<T>(k: number, items: T[]): T[][] | undefined {
  const left = items.length - k;
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (left + i)) / i;
  if (count > 10_000) return undefined;
  if (left >= k) return subsets(k, items);
  return subsets(left, items).map((left) => items.filter((item) => !left.includes(item)));
}

function subsets<T>(k: number, items: T[]): T[][] {
  if (k === 0 || items.length < k) return k === 0 ? [[]] : [];
  const [first, ...rest] = items as [T, ...T[]];
  return [...subsets(k - 1, rest).map((more) => [first, ...more]), ...subsets(k, rest)];
}

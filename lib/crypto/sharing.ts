/**
 * Shares that prove consistent: Shamir's scheme over tag ‖ secret (SPEC, "Share").
 *
 * The tag lives inside the polynomial, so fewer than k shares still say nothing, while k shares
 * that do not belong together are found out. It proves consistency, not who dealt the shares.
 */

import { concat, equal, wipe } from "../bytes.ts";
import { fail } from "../errors.ts";
import { blake2b } from "./blake2b.ts";
import { type Random, randomBytes } from "./random.ts";
import { evaluate, interpolate, type Point } from "./shamir.ts";

export const shareVersion = 1;
export const setIdBytes = 8;
export const shareTagBytes = 16;
export const maxSecretBytes = 256;
export const maxSubsets = 10_000;

/** What all shares of one dealing have in common: 8 random bytes, threshold k, count n. */
export interface ShareSet {
  setId: Uint8Array;
  k: number;
  n: number;
}

/** One share: its index x (1 to n) and y, 16 bytes longer than the secret. */
export interface Share extends ShareSet, Point {}

/** Splits a secret of 1 to 256 bytes into n shares, any k of which recover it; 1 ≤ k ≤ n ≤ 255. */
export function deal(secret: Uint8Array, k: number, n: number, random: Random = randomBytes) {
  if (secret.length < 1 || secret.length > maxSecretBytes) throw new RangeError("secret length");
  if (!(k >= 1 && k <= n && n <= 255)) throw new RangeError("k or n out of range");
  const set: ShareSet = { setId: random(setIdBytes), k, n };
  const tag = tagOf(set, secret);
  const payload = concat(tag, secret);
  const shares = evaluate(payload, k, n, random).map((point): Share => ({ ...set, ...point }));
  wipe(tag, payload);
  return shares;
}

export interface Recovered {
  secret: Uint8Array;
  /** Shares that do not lie on the polynomial of the secret, by ascending index. */
  disagreeing: Share[];
}

/**
 * Recovers the secret from k or more shares of one set with distinct indexes and equal lengths
 * (the caller's to check). All shares are used: k of them verify, the rest are compared.
 *
 * @throws mismatch: no k of them verify together, or two groups of them verify to two secrets
 */
export function recover(shares: Share[]): Recovered {
  const sorted = shares.toSorted((a, b) => a.x - b.x);
  const k = (sorted[0] as Share).k;
  const found = search(sorted);
  if (!found) {
    if (sorted.length > k) fail("mismatch", noneVerify(sorted.length, k));
    fail(
      "mismatch",
      `these ${k} shares do not verify together: at least one is wrong`,
      "one more share of the set would tell which",
    );
  }
  const disagreeing = sorted.filter((share) => {
    if (found.points.includes(share)) return false;
    const expected = interpolate(found.points, share.x);
    const agrees = equal(expected, share.y);
    wipe(expected);
    return !agrees;
  });
  const second = disagreeing.length >= k ? search(disagreeing) : undefined;
  if (second) {
    wipe(found.secret, second.secret);
    fail("mismatch", "the shares of this set verify to two different secrets", "some are forged");
  }
  return { secret: found.secret, disagreeing };
}

/** Tries k-subsets in ascending order of index until one verifies, at most `maxSubsets`. */
function search(sorted: Share[]): { secret: Uint8Array; points: Share[] } | undefined {
  let tried = 0;
  for (const points of subsets(sorted, (sorted[0] as Share).k)) {
    const secret = verify(points);
    if (secret) return { secret, points };
    if (++tried === maxSubsets) return undefined;
  }
  return undefined;
}

function verify(points: Share[]): Uint8Array | undefined {
  const payload = interpolate(points, 0);
  const secret = payload.slice(shareTagBytes);
  const tag = tagOf(points[0] as Share, secret);
  const verified = equal(tag, payload.subarray(0, shareTagBytes));
  wipe(payload, tag);
  if (verified) return secret;
  wipe(secret);
  return undefined;
}

function tagOf({ setId, k, n }: ShareSet, secret: Uint8Array): Uint8Array {
  const header = concat(Uint8Array.of(shareVersion), setId, Uint8Array.of(k, n));
  return blake2b({ length: shareTagBytes, person: "worstday share" }, header, secret);
}

/** All k-element subsets, in lexicographic order. */
function* subsets<T>(items: T[], k: number): Generator<T[]> {
  const chosen = Array.from({ length: k }, (_, i) => i);
  while (true) {
    yield chosen.map((i) => items[i] as T);
    let place = k - 1;
    while (place >= 0 && chosen[place] === items.length - k + place) place--;
    if (place < 0) return;
    const next = (chosen[place] as number) + 1;
    for (let i = place; i < k; i++) chosen[i] = next + i - place;
  }
}

function noneVerify(count: number, k: number): string {
  return `no ${k} of these ${count} shares verify together (${maxSubsets} subsets tried at most)`;
}

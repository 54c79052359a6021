/**
 * Verifiable shares: Shamir's scheme over tag ‖ secret (SPEC, "Share").
 *
 * The tag is inside the polynomial, so fewer than k shares still reveal nothing, while k shares
 * that do not belong together are detected. It proves that they are consistent, not who dealt them.
 */

import { concat, equal, wipe } from "./bytes.ts";
import { labeledHash } from "./hash.ts";
import { type Random, randomBytes } from "./random.ts";
import { evaluate, interpolate, type Point } from "./shamir.ts";

const shareVersion = 1;
export const setIdBytes = 8;
export const shareTagBytes = 16;
export const maxSecretBytes = 256;

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
  const whole = Number.isInteger(k) && Number.isInteger(n);
  if (!whole || k < 1 || k > n || n > 255) throw new RangeError("k or n out of range");
  const set: ShareSet = { setId: random(setIdBytes), k, n };
  const tag = tagOf(set, secret);
  const payload = concat(tag, secret);
  const shares = evaluate(payload, k, n, random).map((point): Share => ({ ...set, ...point }));
  wipe(tag, payload);
  return shares;
}

/** The secret of k shares of one set, or of their tag ‖ secret, if the tag is right. */
export function verify(points: Share[], payload = interpolate(points, 0)): Uint8Array | undefined {
  const secret = concat(payload.subarray(shareTagBytes));
  const tag = tagOf(points[0] as Share, secret);
  const verified = equal(tag, payload.subarray(0, shareTagBytes));
  wipe(payload, tag);
  if (verified) return secret;
  wipe(secret);
  return undefined;
}

function tagOf({ setId, k, n }: ShareSet, secret: Uint8Array): Uint8Array {
  const header = concat(Uint8Array.of(shareVersion), setId, Uint8Array.of(k, n));
  return labeledHash("worstday share", header, secret).subarray(0, shareTagBytes);
}

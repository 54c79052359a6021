/**
 * The share line, `wdshare1…`:
 * version 1 ‖ set id (8) ‖ k ‖ n ‖ x ‖ y (17 to 272: 16 bytes of tag and the secret's length).
 */

import { concat } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import {
  maxSecretBytes,
  type Share,
  type ShareSet,
  setIdBytes,
  shareTagBytes,
} from "../core/sharing.ts";
import { decodeVersioned, encodeVersioned } from "./text.ts";

/** set id ‖ k ‖ n ‖ x, which shares and sealed shares both have in the clear. */
export const placeBytes = setIdBytes + 3;

/** The set and the index of a share, without its value. */
export type Place = ShareSet & { x: number };

/** The canonical line without a newline, in ASCII. */
export function encodeShare(share: Share): Uint8Array {
  return encodeVersioned("wdshare", encodePlace(share), share.y);
}

/**
 * A token of either case to a share, whose y is 17 to 272 bytes.
 *
 * @throws malformed
 */
export function decodeShare(token: Uint8Array): Share {
  const data = decodeVersioned("wdshare", token);
  const y = data.subarray(placeBytes);
  const secretBytes = y.length - shareTagBytes;
  if (secretBytes < 1 || secretBytes > maxSecretBytes) {
    fail("malformed", `the share has ${data.length + 1} bytes, expected 29 to 284`);
  }
  return { ...decodePlace(data), y };
}

/** Set id, k, n and x: 11 bytes. */
export function encodePlace({ setId, k, n, x }: Place): Uint8Array {
  return concat(setId, Uint8Array.of(k, n, x));
}

/** @throws malformed: k, n or x out of range */
export function decodePlace(bytes: Uint8Array): Place {
  const setId = bytes.slice(0, setIdBytes);
  const [k, n, x] = bytes.subarray(setIdBytes) as unknown as [number, number, number];
  if (k < 1 || k > n) fail("malformed", `the share says ${k} of ${n}, expected 1 ≤ k ≤ n`);
  if (x < 1 || x > n) fail("malformed", `the share has index ${x}, expected 1 to ${n}`);
  return { setId, k, n, x };
}

/** What a mistyped share may have been meant to be. */

import { ascii, concat } from "../core/bytes.ts";
import { hrpOf, hrps } from "../wire/text.ts";

export interface Reading {
  /** A new buffer. */
  token: Uint8Array;
  /** What it takes to be wrong; empty if nothing. */
  says: string;
}

const longestPrefix = 11; // as mistyped
const [q, y, z] = [0x71, 0x79, 0x7a];

/** The readings of a token. Only shares are typed by hand: the first two may have other faults too. */
export function readingsOf(token: Uint8Array): Reading[] {
  const start = symbolsStart(token);
  const known = hrpOf(token);
  if (start === undefined) return known ? [{ token: concat(token), says: "" }] : [];
  const [share, ...others] = (known ? [known] : hrps).map((hrp) => {
    const says = known ? "" : `the line should begin with ${hrp}1`;
    return { token: concat(ascii(`${hrp}1`), token.subarray(start)), says };
  }) as [Reading, ...Reading[]];
  const layout = "y and z look swapped, as on another keyboard layout";
  const says = [layout, share.says].filter(Boolean).join("; ");
  return [share, { token: share.token.map(swapped), says }, ...others];
}

/** Where the symbols of a share begin; the first is a q, for version 1. Undefined if it is none. */
export function symbolsStart(token: Uint8Array): number | undefined {
  const hrp = hrpOf(token);
  if (hrp) return hrp === "wdshare" ? hrp.length + 1 : undefined;
  const start = token.findIndex((byte) => (byte | 0x20) === q);
  return start >= 0 && start <= longestPrefix ? start : undefined;
}

/** The letter y for z, and z for y. */
function swapped(byte: number): number {
  const letter = byte | 0x20;
  return letter === y || letter === z ? byte ^ y ^ z : byte;
}

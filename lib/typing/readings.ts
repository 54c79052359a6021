/** What a mistyped share may have been meant to be. */

import { ascii, concat } from "../core/bytes.ts";
import { hrpOf } from "../wire/text.ts";

export interface Reading {
  /** A new buffer. */
  token: Uint8Array;
  /** What it takes to be wrong; empty if nothing. */
  says: string;
}

const prefix = "wdshare1";
const longestPrefix = 11; // as mistyped
const [q, y, z] = [0x71, 0x79, 0x7a];

/** The readings of a token, as given first; all have a known prefix. Only shares are typed by hand. */
export function readingsOf(token: Uint8Array): Reading[] {
  const start = symbolsStart(token);
  const isKnown = hrpOf(token) !== undefined;
  if (start === undefined) return isKnown ? [{ token: concat(token), says: "" }] : [];
  const read = isKnown ? concat(token) : concat(ascii(prefix), token.subarray(start));
  const begins = isKnown ? [] : [`the line should begin with ${prefix}`];
  const layout = "y and z look swapped, as on another keyboard layout";
  return [
    { token: read, says: begins.join() },
    { token: read.map(swapped), says: [layout, ...begins].join("; ") },
  ];
}

/** Where the symbols of a share begin; the first is a q, for version 1. Undefined if it is none. */
export function symbolsStart(token: Uint8Array): number | undefined {
  const hrp = hrpOf(token);
  if (hrp) return hrp === "wdshare" ? prefix.length : undefined;
  const start = token.findIndex((byte) => (byte | 0x20) === q);
  return start >= 0 && start <= longestPrefix ? start : undefined;
}

/** The letter y for z, and z for y. */
function swapped(byte: number): number {
  const letter = byte | 0x20;
  return letter === y || letter === z ? byte ^ y ^ z : byte;
}

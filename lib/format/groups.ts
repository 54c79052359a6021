/**
 * Groups of four symbols, counted from 1 behind the HRP and its "1": how a line is printed, read
 * aloud and asked for, and how messages say where in it something is.
 */

import { hrpOf } from "./text.ts";

export const groupSymbols = 4;

/** A canonical token as what comes before its symbols, `wdshare1`, and its groups. */
export function splitGroups(token: Uint8Array): { prefix: Uint8Array; groups: Uint8Array[] } {
  const start = (hrpOf(token)?.length ?? -1) + 1;
  const groups: Uint8Array[] = [];
  for (let at = start; at < token.length; at += groupSymbols) {
    groups.push(token.subarray(at, at + groupSymbols));
  }
  return { prefix: token.subarray(0, start), groups };
}

/** The symbol at this offset behind the "1", from 0: `group 5, symbol 1`. */
export function placeOf(offset: number): string {
  return `group ${Math.floor(offset / groupSymbols) + 1}, symbol ${(offset % groupSymbols) + 1}`;
}

/**
 * Groups of four symbols, counted from 1 behind the HRP and its "1": how a line is printed, read
 * aloud and asked for, and how messages say where in it something is.
 */

import { toText } from "../core/bytes.ts";

export const groupSymbols = 4;
const groupsInRow = 10;
const separator = 0x31; // "1", which the alphabet lacks

/** A canonical token as what comes before its symbols, `wdshare1`, and its groups. */
export function splitGroups(token: Uint8Array): { prefix: Uint8Array; groups: Uint8Array[] } {
  const start = token.indexOf(separator) + 1;
  const groups: Uint8Array[] = [];
  for (let at = start; at < token.length; at += groupSymbols) {
    groups.push(token.subarray(at, at + groupSymbols));
  }
  return { prefix: token.subarray(0, start), groups };
}

/**
 * A token in rows for people, as strings. Each row begins with the number of its first group, counted
 * as messages count; the prefix is in the first row.
 */
export function numberedRows(token: Uint8Array): string[] {
  const { prefix, groups } = splitGroups(token);
  const words = groups.map(toText);
  const rows: string[] = [];
  for (let at = 0; at < words.length; at += groupsInRow) {
    const middle = at + groupsInRow / 2;
    const halves = [words.slice(at, middle), words.slice(middle, at + groupsInRow)];
    const start = `${at + 1}`.padStart(4);
    const before = at === 0 ? toText(prefix) : " ".repeat(prefix.length);
    rows.push(`${start}  ${before} ${halves.map((half) => half.join(" ")).join("  ")}`.trimEnd());
  }
  return rows;
}

/** The group, from 1, of the symbol at this offset behind the "1", from 0. */
export function groupOf(offset: number): number {
  return Math.floor(offset / groupSymbols) + 1;
}

/** The symbol at this offset behind the "1", from 0: `group 5, symbol 1`. */
export function placeOf(offset: number): string {
  return `group ${groupOf(offset)}, symbol ${(offset % groupSymbols) + 1}`;
}

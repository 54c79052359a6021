/**
 * Groups of four symbols, counted from 1 after the HRP and its "1": used to print a line, to read
 * it aloud, to ask for parts of it, and to name places in messages.
 */

import { toText } from "../core/bytes.ts";

export const groupSymbols = 4;
export const groupsInRow = 10;
const separator = 0x31; // "1", which the alphabet lacks

/** Splits a canonical token into its prefix, such as `wdshare1`, and its groups. */
export function splitGroups(token: Uint8Array): { prefix: Uint8Array; groups: Uint8Array[] } {
  const start = token.indexOf(separator) + 1;
  const groups: Uint8Array[] = [];
  for (let at = start; at < token.length; at += groupSymbols) {
    groups.push(token.subarray(at, at + groupSymbols));
  }
  return { prefix: token.subarray(0, start), groups };
}

/**
 * A token in rows for people. Each row begins with the number of its first group; the prefix is in
 * the first row.
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

/** The group, from 1, of the symbol at this offset after the "1", from 0. */
export function groupOf(offset: number): number {
  return Math.floor(offset / groupSymbols) + 1;
}

/** The place of the symbol at this offset after the "1", from 0: `group 5, symbol 1`. */
export function placeOf(offset: number): string {
  return `group ${groupOf(offset)}, symbol ${(offset % groupSymbols) + 1}`;
}

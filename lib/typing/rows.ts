/** A token on several lines: in rows as a card prints them, or as mail or a console has wrapped it. */

import { ascii, concat, equal, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import { type Line, maxLineBytes } from "../wire/lines.ts";
import { hrpOf } from "../wire/text.ts";
import { correct, isExact } from "./explain.ts";
import { groupSymbols, groupsInRow } from "./groups.ts";
import { symbolsStart } from "./readings.ts";

/** How many symbols a share of a 32-byte key has. */
export const keySymbols = 111;
const rowSymbols = groupsInRow * groupSymbols;
const slips = 4; // symbols that a row may lack, or have too many, and still be a row

/** The number that a card prints in front of a row, counted from 0: that of its first group. */
const rowNumber = (index: number) => index * groupsInRow + 1;

/** The row without its number, which ends with a 1, and that is not a symbol. */
function withoutNumber(row: Uint8Array, index: number): Uint8Array {
  const number = ascii(`${rowNumber(index)}`);
  const hasNumber = equal(row.subarray(0, number.length), number);
  return hasNumber ? row.subarray(number.length) : row;
}

/** Whether a row, with its number or without, has the prefix of a token. */
function beginsToken(row: Uint8Array): boolean {
  return hrpOf(withoutNumber(row, 0)) !== undefined;
}

/**
 * Adds a copy of a row to those of a share. One that begins a share, or `isFirst`, drops the others.
 *
 * @throws malformed: it has a symbol too few or too many
 */
export function addRow(rows: Uint8Array[], row: Uint8Array, isFirst: boolean): void {
  if (isFirst || beginsToken(row)) wipe(...rows.splice(0));
  const added = withoutNumber(row, rows.length).slice();
  rows.push(added);
  const symbols = rows.length === 1 ? symbolsIn(rows) : added.length;
  const isRow = Math.abs(symbols - rowSymbols) <= slips && isUnfinished(rows);
  if (!isRow || symbols === rowSymbols) return;
  wipe(rows.pop());
  const hint = "type it again, with ? for what you cannot read";
  fail("malformed", `row ${rowNumber(rows.length)} has ${symbols} symbols, not 40`, hint);
}

/** Puts a row in the place that its number says. Returns whether it has the number of one. */
export function replaceRow(rows: Uint8Array[], row: Uint8Array): boolean {
  const place = rows.findLastIndex((_, i) => withoutNumber(row, i).length < row.length);
  if (place >= 0) wipe(...rows.splice(place, 1, withoutNumber(row, place).slice()));
  return place >= 0;
}

/** Whether more rows follow: one alone is too short for a key's share, or the last is a full row. */
export function isUnfinished(rows: Uint8Array[]): boolean {
  const token = concat(...rows);
  const isOther = isExact(token) || symbolsStart(token) === undefined;
  wipe(token);
  if (isOther) return false;
  if (rows.length === 1) return symbolsIn(rows) < keySymbols - slips;
  return (rows.at(-1)?.length ?? 0) >= symbolsIn(rows.slice(0, 1)) - slips;
}

/** How many symbols there are after the prefix. */
export function symbolsIn(rows: Uint8Array[]): number {
  const token = concat(...rows);
  const start = symbolsStart(token) ?? 0;
  wipe(token);
  return token.length - start;
}

/** Splits a share as a card does, however it was typed. Returns whether there are rows. */
export function splitRows(rows: Uint8Array[]): boolean {
  const token = concat(...rows);
  const start = symbolsStart(token);
  if (start === undefined) return false;
  wipe(...rows.splice(0));
  for (let from = 0, to = start + rowSymbols; from < token.length; from = to, to += rowSymbols) {
    rows.push(token.subarray(from, to));
  }
  return rows.length > 1;
}

/**
 * The lines, with each token that is on several of them joined if it then verifies, or can be
 * corrected; all others stay as they are. `report` gets what verifies.
 */
export function joinLines(lines: Line[], report: (message: string) => void): Line[] {
  const joined: Line[] = [];
  for (let at = 0; at < lines.length; ) {
    const rows = rowsAt(lines, at);
    const [first] = rows as [Line];
    const token = concat(...rows.map((row, i) => withoutNumber(row.token, i)));
    const isWhole = hrpOf(first.token) !== undefined && isExact(first.token);
    if (token.length === first.token.length || isWhole) {
      joined.push(...rows);
      wipe(token);
    } else if (isCorrectable(token)) {
      const where = whereOf(rows);
      joined.push({ ...first, where, token });
      if (isExact(token)) report(`${where}: read as one line, without row numbers`);
    } else {
      wipe(token);
      return [...joined, ...lines.slice(at)]; // the command will fail there
    }
    at += rows.length;
  }
  return joined;
}

/** A line, and those after it in its file that begin no token of their own. */
function rowsAt(lines: Line[], at: number): Line[] {
  const fileOf = (line: Line | undefined) => line?.where.replace(/line \d+$/, "");
  const isOther = (line: Line) => beginsToken(line.token) || fileOf(line) !== fileOf(lines[at]);
  const some = lines.slice(at, at + maxLineBytes + 1); // more are no token
  const length = some.findIndex((line, i) => i > 0 && isOther(line));
  return length < 0 ? some : some.slice(0, length);
}

/** `offline.txt: lines 1 to 3`. */
function whereOf(rows: Line[]): string {
  const [first = "", last = ""] = [rows[0]?.where, rows.at(-1)?.where];
  if (first === last) return first;
  return `${first.replace(/line (\d+)$/, "lines $1")} to ${/\d+$/.exec(last)?.[0]}`;
}

function isCorrectable(token: Uint8Array): boolean {
  if (token.length > maxLineBytes) return false; // no token, and long to look at
  try {
    wipe(correct(token)?.token);
    return true;
  } catch (error) {
    if (error instanceof RecoveryError) return false;
    throw error;
  }
}

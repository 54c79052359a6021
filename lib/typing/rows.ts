/** A token on several lines: in rows as a card prints them, or as mail or a console has wrapped it. */

import { ascii, concat, equal, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import type { Line } from "../wire/lines.ts";
import { hrpOf } from "../wire/text.ts";
import { correct, isExact } from "./explain.ts";
import { groupSymbols, groupsInRow } from "./groups.ts";

/** How many symbols a share of a 32-byte key has. */
export const keySymbols = 111;
const rowSymbols = groupsInRow * groupSymbols;
const prefixLength = "wdshare1".length;

/** The number that a card prints in front of a row, counted from 0: that of its first group. */
const rowNumber = (index: number) => index * groupsInRow + 1;

/** The row without its number, which ends with a 1 and so with no symbol. */
function withoutNumber(row: Uint8Array, index: number): Uint8Array {
  const number = ascii(`${rowNumber(index)}`);
  const hasNumber = equal(row.subarray(0, number.length), number);
  return hasNumber ? row.subarray(number.length) : row;
}

/**
 * Adds a row to those of a share: behind them or, if they are whole, in the place of the one with
 * its number. One that begins a share drops what was there. Wipes what it drops.
 *
 * @throws malformed: it has a symbol too few or too many to be a row
 */
export function addRow(rows: Uint8Array[], row: Uint8Array, areWhole: boolean): void {
  const place = rows.findLastIndex((_, i) => withoutNumber(row, i).length < row.length);
  if (areWhole && place >= 0) {
    wipe(...rows.splice(place, 1, withoutNumber(row, place).slice()));
    return;
  }
  if (areWhole || beginsToken(row)) wipe(...rows.splice(0));
  const added = withoutNumber(row, rows.length).slice();
  rows.push(added);
  const symbols = rows.length === 1 ? symbolsIn(rows) : added.length;
  const isRow = Math.abs(symbols - rowSymbols) <= 4 && isUnfinished(rows);
  if (!isRow || symbols === rowSymbols) return;
  wipe(rows.pop());
  const hint = "type it again, with ? for what you cannot read";
  fail("malformed", `row ${rowNumber(rows.length)} has ${symbols} symbols, not 40`, hint);
}

/** Whether a share goes on behind these rows: in others of the same length, or as a key's would. */
export function isUnfinished(rows: Uint8Array[]): boolean {
  const token = concat(...rows);
  const isWhole = isExact(token) || (hrpOf(token) ?? "wdshare") !== "wdshare";
  wipe(token);
  if (isWhole || (!hrpOf(token) && token.length < rowSymbols - 4)) return false;
  if (symbolsIn(rows) < keySymbols - 4) return true;
  const [first, last] = [rows[0]?.length ?? 0, rows.at(-1)?.length ?? 0];
  return rows.length > 1 && [first, first - prefixLength].includes(last);
}

/** How many symbols there are behind the prefix or, if it is mistyped, from the first q on. */
export function symbolsIn(rows: Uint8Array[]): number {
  const token = concat(...rows);
  const start = hrpOf(token) ? prefixLength : token.findIndex((byte) => (byte | 0x20) === 0x71);
  wipe(token);
  return token.length - (start <= prefixLength + 3 ? Math.max(0, start) : 0);
}

function beginsToken(row: Uint8Array): boolean {
  return hrpOf(withoutNumber(row, 0)) !== undefined;
}

/** Splits a share that was typed in one line as a card does. Returns whether there are rows. */
export function splitRows(rows: Uint8Array[]): boolean {
  const [line] = rows;
  if (!line || rows.length > 1 || hrpOf(line) !== "wdshare") return rows.length > 1;
  for (let end = prefixLength + rowSymbols, start = 0; start < line.length; end += rowSymbols) {
    rows.push(line.subarray(start, end));
    start = end;
  }
  rows.shift();
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
    at += rows.length;
    const isAsGiven = token.length === first.token.length || verdictOf(first.token) === "good";
    const verdict = isAsGiven ? "good" : verdictOf(token);
    if (verdict === "lost") return [...joined, ...rows, ...lines.slice(at)];
    if (isAsGiven) joined.push(...rows);
    else joined.push({ ...first, where: whereOf(rows), token });
    if (isAsGiven) wipe(token);
    else if (verdict === "good") report(`${whereOf(rows)}: read as one line, without row numbers`);
  }
  return joined;
}

/** A line, and those behind it that begin no token of their own. */
function rowsAt(lines: Line[], at: number): Line[] {
  const rows = lines.slice(at, at + 1);
  const fileOf = (line: Line | undefined) => line?.where.replace(/line \d+$/, "");
  for (const line of lines.slice(at + 1)) {
    if (beginsToken(line.token) || fileOf(line) !== fileOf(rows[0])) break;
    rows.push(line);
  }
  return rows;
}

/** `offline.txt: lines 1 to 3`. */
function whereOf(rows: Line[]): string {
  const [first, last] = [rows[0], rows.at(-1)].map((row) => row?.where ?? "") as [string, string];
  if (first === last) return first;
  return `${first.replace(/line (\d+)$/, "lines $1")} to ${/\d+$/.exec(last)?.[0]}`;
}

function verdictOf(token: Uint8Array): "good" | "located" | "lost" {
  try {
    const correction = correct(token);
    wipe(correction?.token);
    return correction ? "located" : "good";
  } catch (error) {
    if (error instanceof RecoveryError) return "lost";
    throw error;
  }
}

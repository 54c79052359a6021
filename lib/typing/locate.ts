/**
 * What is wrong with a line whose checksum does not match, and what it suggests instead: up to 4
 * wrong symbols; or up to 8 unreadable ones; or both, where two unreadable ones count as one that
 * is wrong. Up to 4 neighbours missing or too many, such as a group, count as one wrong symbol too
 * (and as many unreadable ones, where they are missing).
 *
 * Time and branches depend on the symbols, which can be a secret's: locating takes that, and a line
 * that verifies does not come here.
 */

import { concat, wipe } from "../core/bytes.ts";
import { checkSymbols, remainder, verifies } from "../wire/checksum.ts";
import { noSymbol, toBytes } from "../wire/symbols.ts";
import type { Hrp } from "../wire/text.ts";
import { addSymbol, findFaults, maxFound, syndromesOf } from "./bch.ts";
import { describeFaults } from "./describe-faults.ts";

export interface Repair {
  /** All symbols behind the "1", as the checksum suggests them. */
  symbols: Uint8Array;
  /** Where they differ from what was given: `group 5, symbol 1; group 11, symbol 4`. */
  places: string;
  /** The same in words: `2 symbols look wrong: …`. */
  says: string;
}

/** How many bytes of data a line can have, the version byte included. */
const dataBytes: Record<Hrp, [fewest: number, most: number]> = {
  wdshare: [29, 284],
  wdsealed: [138, 546],
  wdpub: [33, 33],
  wdkey: [33, 33],
};

/** By how many symbols a line may be too short, or too long where negative; likely ones first. */
const shifts = [0, 1, -1, 4, -4, 2, -2, 3, -3];

/** Undefined where more is wrong than can be located. `noSymbol` is an unreadable symbol. */
export function repair(hrp: Hrp, symbols: Uint8Array): Repair | undefined {
  if (offsetsOf(symbols, noSymbol).length > maxFound) return undefined;
  for (const shift of shifts) {
    if (!isLength(hrp, symbols.length + shift)) continue;
    const repaired = shiftAndRepair(hrp, symbols, shift);
    if (repaired) return repaired;
  }
  return undefined;
}

/** Tries each place at which symbols can be missing or too many, and takes what changes least. */
function shiftAndRepair(hrp: Hrp, given: Uint8Array, shift: number): Repair | undefined {
  const length = given.length + shift;
  const surplus = Math.max(0, -shift);
  const unreadable = offsetsOf(given, noSymbol);
  const symbols = given.map((symbol) => (symbol === noSymbol ? 0 : symbol));
  const start = shifted(symbols, 0, shift);
  const syndromes = syndromesOf(remainder(hrp, start));
  let best: Repair | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (let at = 0; at <= (shift === 0 ? 0 : Math.min(given.length, length)); at++) {
    const erased = shiftedOffsets(unreadable, at, shift);
    const faults = findFaults(syndromes, erased, length, shift === 0 ? maxFound : maxFound - 2);
    if (faults && faults.length < fewest) {
      const repaired = shifted(symbols, at, shift);
      for (const { offset, value } of faults) {
        repaired[offset] = (repaired[offset] as number) ^ value;
      }
      if (isComplete(hrp, repaired)) {
        wipe(best?.symbols);
        fewest = faults.length;
        best = { symbols: repaired, ...describeFaults(faults, erased, at, shift) };
      } else wipe(repaired);
    }
    // To the next place: one symbol that was behind it is before it. To begin anew there would
    // take as many steps as the line has symbols, and the whole search their square.
    addSymbol(syndromes, symbols[at + surplus] ?? 0, given.length - 1 - at - surplus);
    addSymbol(syndromes, symbols[at] ?? 0, length - 1 - at);
  }
  wipe(symbols, start);
  return best;
}

/** With zeros put in at a place, or, where `shift` is negative, symbols taken out. */
function shifted(symbols: Uint8Array, at: number, shift: number): Uint8Array {
  const added = new Uint8Array(Math.max(0, shift));
  return concat(symbols.subarray(0, at), added, symbols.subarray(at + Math.max(0, -shift)));
}

/** Where unreadable symbols then are, with those that were put in. */
function shiftedOffsets(unreadable: number[], at: number, shift: number): number[] {
  const stay = unreadable.filter((offset) => offset < at || offset >= at - shift);
  const moved = stay.map((offset) => (offset < at ? offset : offset + shift));
  return moved.concat(Array.from({ length: shift }, (_, i) => at + i));
}

function isLength(hrp: Hrp, count: number): boolean {
  const bytes = Math.floor(((count - checkSymbols) * 5) / 8);
  const [fewest, most] = dataBytes[hrp];
  return bytes >= fewest && bytes <= most && Math.ceil((bytes * 8) / 5) === count - checkSymbols;
}

function isComplete(hrp: Hrp, symbols: Uint8Array): boolean {
  const data = verifies(hrp, symbols) ? toBytes(symbols.subarray(0, -checkSymbols)) : undefined;
  wipe(data);
  return data !== undefined;
}

/** Where a symbol stands. */
export function offsetsOf(symbols: Uint8Array, wanted: number): number[] {
  const offsets: number[] = [];
  let at = symbols.indexOf(wanted);
  for (; at >= 0; at = symbols.indexOf(wanted, at + 1)) offsets.push(at);
  return offsets;
}

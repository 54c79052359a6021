/**
 * Repairs a line whose checksum does not match: up to 4 wrong symbols, or up to 8 unreadable ones,
 * or both, where two unreadable ones count as one wrong one. Up to 4 adjacent symbols missing or
 * too many, such as a group, count as one wrong symbol (and, if missing, as that many unreadable
 * ones).
 *
 * Hazard: time and branches depend on the symbols, which may be secret. Use it only on lines that
 * do not verify.
 */

import { concat, wipe } from "../core/bytes.ts";
import { checkSymbols, remainder, verifies } from "../wire/checksum.ts";
import { noSymbol, toBytes } from "../wire/symbols.ts";
import type { Hrp } from "../wire/text.ts";
import { addSymbol, findFaults, maxFound, syndromesOf } from "./bch.ts";
import { describeFaults } from "./describe-faults.ts";

export interface Repair {
  /** All symbols after the "1", as the checksum suggests them. */
  symbols: Uint8Array;
  /** Where they differ from the input: `2 symbols look wrong: …`; empty where they do not. */
  says: string;
  /** The groups in which they do. */
  groups: number[];
}

/** How many bytes of data a line can have, including the version byte. */
const dataBytes: Record<Hrp, [fewest: number, most: number]> = {
  wdshare: [29, 284],
  wdsealed: [138, 546],
  wdpub: [33, 33],
  wdkey: [33, 33],
  wdwriter: [73, 73],
  wdupdate: [1285, 1285],
};

/** How many symbols may be missing, or too many if negative; the likely ones first. */
const shifts = [0, 1, -1, 4, -4, 2, -2, 3, -3];

/** Undefined if there are more faults than can be located. `noSymbol` is an unreadable symbol. */
export function repair(hrp: Hrp, symbols: Uint8Array): Repair | undefined {
  if (offsetsOf(symbols, noSymbol).length > maxFound) return undefined;
  for (const shift of shifts) {
    if (!isLength(hrp, symbols.length + shift)) continue;
    const repaired = shiftAndRepair(hrp, symbols, shift);
    if (repaired) return repaired;
  }
  return undefined;
}

/** Tries each place where symbols may be missing or too many, and takes the smallest repair. */
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
    // On to the next place: one symbol moves from after it to before it. Computing the syndromes
    // anew would make the search quadratic.
    addSymbol(syndromes, symbols[at + surplus] ?? 0, given.length - 1 - at - surplus);
    addSymbol(syndromes, symbols[at] ?? 0, length - 1 - at);
  }
  wipe(symbols, start);
  return best;
}

/** Inserts `shift` zeros at `at`, or removes -`shift` symbols. */
function shifted(symbols: Uint8Array, at: number, shift: number): Uint8Array {
  const added = new Uint8Array(Math.max(0, shift));
  return concat(symbols.subarray(0, at), added, symbols.subarray(at + Math.max(0, -shift)));
}

/** The offsets of unreadable symbols after that, including the inserted ones. */
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

/** The offsets at which a symbol occurs. */
export function offsetsOf(symbols: Uint8Array, wanted: number): number[] {
  const offsets: number[] = [];
  let at = symbols.indexOf(wanted);
  for (; at >= 0; at = symbols.indexOf(wanted, at + 1)) offsets.push(at);
  return offsets;
}

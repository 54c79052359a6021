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
import { addSymbol, type Fault, findFaults, maxFound, syndromesOf } from "./bch.ts";
import { groupOf, placeOf } from "./groups.ts";

export interface Repair {
  /** All symbols after the "1", as the checksum suggests them. */
  symbols: Uint8Array;
  /** Where they differ from the input: `2 symbols look wrong: …`; empty where they do not. */
  says: string;
}

/** How many symbols may be missing, or too many if negative; the likely ones first. */
const shifts = [0, 1, -1, 4, -4, 2, -2, 3, -3];

/** Undefined if there are more faults than can be located. `noSymbol` is an unreadable symbol. */
export function repair(hrp: Hrp, symbols: Uint8Array): Repair | undefined {
  if (offsetsOf(symbols, noSymbol).length > maxFound) return undefined;
  for (const shift of shifts) {
    if (!isLength(symbols.length + shift)) continue;
    const repaired = shiftAndRepair(hrp, symbols, shift);
    if (repaired) return repaired;
  }
  return undefined;
}

/** Tries each place where symbols may be missing or too many, and takes the smallest repair. */
function shiftAndRepair(hrp: Hrp, given: Uint8Array, shift: number): Repair | undefined {
  const length = given.length + shift;
  const surplus = Math.max(0, -shift);
  const symbols = given.map((symbol) => (symbol === noSymbol ? 0 : symbol));
  let syndromes: number[] | undefined;
  let best: Repair | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (let at = 0; at <= (shift === 0 ? 0 : Math.min(given.length, length)); at++) {
    const repaired = shifted(given, at, shift);
    const erased = offsetsOf(repaired, noSymbol);
    for (const offset of erased) repaired[offset] = 0;
    syndromes ??= syndromesOf(remainder(hrp, repaired));
    const faults = findFaults(syndromes, erased, length, shift === 0 ? maxFound : maxFound - 2);
    for (const { offset, value } of faults ?? []) {
      repaired[offset] = (repaired[offset] as number) ^ value;
    }
    if (faults && faults.length < fewest && isComplete(hrp, repaired)) {
      wipe(best?.symbols);
      fewest = faults.length;
      best = { symbols: repaired, says: describe(faults, erased, at, shift) };
    } else wipe(repaired);
    // On to the next place: one symbol moves from after it to before it. Computing the syndromes
    // anew would make the search quadratic.
    addSymbol(syndromes, symbols[at + surplus] ?? 0, given.length - 1 - at - surplus);
    addSymbol(syndromes, symbols[at] ?? 0, length - 1 - at);
  }
  wipe(symbols);
  return best;
}

/** Inserts `shift` unreadable symbols at `at`, or removes -`shift` symbols. */
function shifted(symbols: Uint8Array, at: number, shift: number): Uint8Array {
  const added = new Uint8Array(Math.max(0, shift)).fill(noSymbol);
  return concat(symbols.subarray(0, at), added, symbols.subarray(at + Math.max(0, -shift)));
}

/** Whether bytes can have this many data and check symbols: a padding of fewer than five bits. */
function isLength(count: number): boolean {
  return count > checkSymbols && ((count - checkSymbols) * 5) % 8 < 5;
}

function isComplete(hrp: Hrp, symbols: Uint8Array): boolean {
  const data = verifies(hrp, symbols) ? toBytes(symbols.subarray(0, -checkSymbols)) : undefined;
  wipe(data);
  return data !== undefined;
}

/**
 * The faults of a line in which `shift` symbols are missing at offset `at`, or -`shift` too many:
 * their places, never the symbols. Places are those in the repaired line, which is the one on paper.
 */
function describe(faults: Fault[], erased: number[], at: number, shift: number): string {
  const isMissing = (offset: number) => offset >= at && offset < at + shift;
  const offsets = faults.map(({ offset }) => offset).filter((offset) => !isMissing(offset));
  const wrong = offsets.filter((offset) => !erased.includes(offset)).map(placeOf);
  const unreadable = offsets.filter((offset) => erased.includes(offset)).map(placeOf);
  const near = `near group ${groupOf(at)}`;
  const filled = `unreadable, and can be filled in: ${unreadable.join("; ")}`;
  const says = [
    shift > 0 && `${count(shift, "is", "are")} missing, ${near}`,
    shift < 0 && `${count(-shift, "too many", "too many")}, ${near}`,
    wrong.length > 0 && `${count(wrong.length, "looks", "look")} wrong: ${wrong.join("; ")}`,
    unreadable.length > 0 && `${count(unreadable.length, "is", "are")} ${filled}`,
  ];
  return says.filter(Boolean).join("; ");
}

/** `1 symbol looks`, `2 symbols look`. */
export function count(symbols: number, singular: string, plural: string): string {
  return symbols === 1 ? `1 symbol ${singular}` : `${symbols} symbols ${plural}`;
}

/** The offsets at which a symbol occurs. */
export function offsetsOf(symbols: Uint8Array, wanted: number): number[] {
  const offsets: number[] = [];
  let at = symbols.indexOf(wanted);
  for (; at >= 0; at = symbols.indexOf(wanted, at + 1)) offsets.push(at);
  return offsets;
}

/** Describes the faults of a line: their places, never the symbols. */

import type { Fault } from "./bch.ts";
import { groupOf, placeOf } from "./groups.ts";

/**
 * The faults of a line in which `shift` symbols are missing at offset `at`, or -`shift` too many.
 * Places are those in the repaired line, which is the one on paper.
 */
export function describeFaults(faults: Fault[], erased: number[], at: number, shift: number) {
  const isNew = (offset: number) => offset >= at && offset < at + shift;
  const offsets = faults.map(({ offset }) => offset).filter((offset) => !isNew(offset));
  const list = (some: number[]) => some.map(placeOf).join("; ");
  const wrong = offsets.filter((offset) => !erased.includes(offset));
  const unreadable = offsets.filter((offset) => erased.includes(offset));
  const near = `near group ${groupOf(at)}`;
  const says = [
    shift > 0 && `${count(shift, "is", "are")} missing, ${near}`,
    shift < 0 && `${count(-shift, "too many", "too many")}, ${near}`,
    wrong.length > 0 && `${count(wrong.length, "looks", "look")} wrong: ${list(wrong)}`,
    unreadable.length > 0 &&
      `${count(unreadable.length, "is", "are")} unreadable, and can be filled in: ${list(unreadable)}`,
  ];
  const groups = [...(shift === 0 ? [] : [at]), ...offsets].map(groupOf);
  return { says: says.filter(Boolean).join("; "), groups: [...new Set(groups)] };
}

/** `1 symbol looks`, `2 symbols look`. */
export function count(symbols: number, singular: string, plural: string): string {
  return symbols === 1 ? `1 symbol ${singular}` : `${symbols} symbols ${plural}`;
}

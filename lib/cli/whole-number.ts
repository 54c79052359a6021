import { fail } from "../core/errors.ts";

/** A whole number from `low` to `high`, in plain decimal. */
export function wholeNumber(flag: string, value: string, low: number, high: number): number {
  const number = /^[0-9]{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= low && number <= high)) {
    fail("usage", `${flag} takes a whole number from ${low} to ${high}`);
  }
  return number;
}

/**
 * What a mistyped token may have been meant as: with the letters swapped that another keyboard
 * layout swaps, and with a share's prefix in the place of one that is not known.
 */

import { ascii, concat, wipe } from "../core/bytes.ts";
import { hrpOf } from "../wire/text.ts";

export interface Reading {
  /** A new buffer, with a known prefix. */
  token: Uint8Array;
  /** What it takes to be wrong; empty if nothing. */
  says: string;
}

/** Each letter of `typed` was meant as the one below it. */
const layouts = [
  { typed: "", meant: "", says: "" },
  { typed: "yz", meant: "zy", says: "y and z look swapped, as on another keyboard layout" },
  {
    typed: "aqwz,;",
    meant: "qazwmm",
    says: "a and q, w and z look swapped, as on another keyboard layout",
  },
];
const prefix = "wdshare1";
const longestPrefix = 11; // as mistyped

/** The readings of a token, as given first. Only shares are typed by hand. */
export function readingsOf(token: Uint8Array): Reading[] {
  const isTyped = (hrpOf(token) ?? "wdshare") === "wdshare";
  return layouts.slice(0, isTyped ? undefined : 1).flatMap(({ typed, meant, says }) => {
    const letters = token.map((byte) => {
      const place = typed.indexOf(String.fromCharCode(byte).toLowerCase());
      return place < 0 ? byte : meant.charCodeAt(place);
    });
    if (hrpOf(letters)) return [{ token: letters, says }];
    const readings: Reading[] = [];
    for (let start = 0; start <= longestPrefix; start++) {
      if (((letters[start] ?? 0) | 0x20) !== 0x71) continue; // a share of version 1 begins with q
      const begins = `the line should begin with ${prefix}`;
      const read = concat(ascii(prefix), letters.subarray(start));
      readings.push({ token: read, says: says ? `${says}; ${begins}` : begins });
    }
    wipe(letters);
    return readings;
  });
}

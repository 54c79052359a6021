/**
 * Explains what is wrong with a line whose checksum does not match, and corrects it as the checksum
 * suggests. Messages give places, never symbols.
 */

import { wipe } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { checkSymbols, isLong, verifies } from "../wire/checksum.ts";
import type { Line } from "../wire/lines.ts";
import { noSymbol } from "../wire/symbols.ts";
import { type Hrp, hasHrpAt, hrpOf, hrps, withSymbols, writeToken } from "../wire/text.ts";
import { maxFound } from "./bch.ts";
import { placeOf } from "./groups.ts";
import { count, offsetsOf, repair } from "./locate.ts";
import { type Reading, readingsOf } from "./readings.ts";

export interface Correction {
  /** The canonical token that the checksum suggests. */
  token: Uint8Array;
  /** `2 symbols look wrong: …`; or that only its prefix or the layout was wrong. */
  says: string;
}

/**
 * The correction of a token; undefined if the token verifies.
 *
 * @throws malformed: it has more faults than can be located
 */
export function correct(token: Uint8Array): Correction | undefined {
  const readings = readingsOf(token);
  try {
    const exact = readings.find((reading) => isGood(reading.token));
    if (exact?.says === "") return undefined;
    if (!exact && hrpOf(token)) withSymbols(token, (hrp, symbols) => refuse(token, hrp, symbols));
    for (const reading of exact ? [exact] : readings.slice(0, 2)) {
      const correction = correctReading(reading);
      if (correction) return correction;
    }
    return withSymbols(token, (_, symbols) => failBeyondRepair(symbols));
  } finally {
    wipe(...readings.map((reading) => reading.token));
  }
}

/** Whether a token verifies, under the prefix that it seems to have. */
export function isExact(token: Uint8Array): boolean {
  const readings = readingsOf(token);
  const exact = readings.some((reading) => isGood(reading.token));
  wipe(...readings.map((reading) => reading.token));
  return exact;
}

function isGood(token: Uint8Array): boolean {
  return withSymbols(token, (hrp, symbols) => {
    return symbols.length > checkSymbols && !symbols.includes(noSymbol) && verifies(hrp, symbols);
  });
}

function correctReading({ token, says }: Reading): Correction | undefined {
  return withSymbols(token, (hrp, symbols) => {
    const repaired = repair(hrp, symbols);
    if (!repaired) return undefined;
    const corrected = writeToken(hrp, repaired.symbols);
    wipe(repaired.symbols);
    return { token: corrected, says: [says, repaired.says].filter(Boolean).join("; ") };
  });
}

/**
 * `--accept-corrections`: replaces, in the list, the tokens that do not verify, and reports each:
 * `line 2: corrected: 1 symbol looks wrong: group 5, symbol 1`.
 *
 * @throws malformed: a line has more faults than can be located
 */
export async function correctLines(
  lines: Line[],
  report: (message: string) => void,
): Promise<void> {
  for (const line of lines) {
    const correction = await at(line.where, () => correct(line.token));
    if (!correction) continue;
    line.token = correction.token;
    report(`${line.where}: corrected: ${correction.says}`);
  }
}

/**
 * Fails with what is wrong with a token, and where, as far as its checksum tells. `accepts` tells
 * whether the command would correct it.
 *
 * @throws malformed
 */
export function explain(token: Uint8Array, accepts: boolean): never {
  const correction = correct(token);
  wipe(correction?.token);
  const accept = accepts ? ", or add --accept-corrections" : "";
  const says = correction?.says ?? "the checksum does not match";
  return fail("malformed", says, `compare these places with the paper${accept}`);
}

/** Refuses what more than mistyping must have caused. */
function refuse(token: Uint8Array, hrp: Hrp, symbols: Uint8Array): void {
  refuseJoined(token, hrp);
  if (symbols.length <= checkSymbols) fail("malformed", "the line is too short");
  if (!isLong(hrp, symbols.length)) return;
  const hint = "errors in a line this long cannot be located: copy the whole line again";
  fail("malformed", "the checksum does not match", hint);
}

function failBeyondRepair(symbols: Uint8Array): never {
  const unreadable = offsetsOf(symbols, noSymbol);
  if (unreadable.length > 0) {
    const places = unreadable.slice(0, maxFound).map(placeOf);
    if (unreadable.length > maxFound) places.push("…");
    const says = `${count(unreadable.length, "is", "are")} unreadable: ${places.join("; ")}`;
    const hint = "the checksum fills in at most 8, and fewer if others are wrong or missing";
    fail("malformed", says, hint);
  }
  const hint = "more than 4 symbols are mistyped, missing or added, or the line was broken in two";
  return fail("malformed", "the checksum does not match", hint);
}

/** Two files that are joined without a newline in between leave a second HRP inside a line. */
function refuseJoined(token: Uint8Array, hrp: Hrp): void {
  const start = hrp.length + 1;
  for (let i = start; i < token.length; i++) {
    if (!hrps.some((second) => hasHrpAt(token, i, second))) continue;
    const hint = "a newline is missing between two shares or two files";
    fail("malformed", `a second line begins at character ${i - start + 1} after ${hrp}1`, hint);
  }
}

/**
 * Explains what is wrong with a line whose checksum does not match, and corrects it as the checksum
 * suggests. Messages give places, never symbols.
 */

import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { checkSymbols, isLong, verifies } from "../wire/checksum.ts";
import { noSymbol } from "../wire/symbols.ts";
import { type Hrp, hasHrpAt, hrps, withSymbols, writeToken } from "../wire/text.ts";
import { maxFound } from "./bch.ts";
import { count } from "./describe-faults.ts";
import { placeOf } from "./groups.ts";
import { offsetsOf, type Repair, repair } from "./locate.ts";

export interface Correction extends Pick<Repair, "places" | "says"> {
  /** The canonical token that the checksum suggests. */
  token: Uint8Array;
}

/**
 * The correction of a token; undefined if the token verifies.
 *
 * @throws malformed: it has more faults than can be located
 */
export function correct(token: Uint8Array): Correction | undefined {
  return withSymbols(token, (hrp, symbols) => {
    refuseJoined(token, hrp);
    if (symbols.length <= checkSymbols) fail("malformed", "the line is too short");
    if (!symbols.includes(noSymbol) && verifies(hrp, symbols)) return undefined;
    if (isLong(hrp, symbols.length)) {
      const hint = "in a line this long it does not tell where: copy the whole line again";
      fail("malformed", "the checksum does not match", hint);
    }
    const repaired = repair(hrp, symbols) ?? failBeyondRepair(symbols);
    const corrected = writeToken(hrp, repaired.symbols);
    wipe(repaired.symbols);
    return { token: corrected, places: repaired.places, says: repaired.says };
  });
}

/**
 * Fails with the places at which a token is wrong, as far as its checksum tells.
 *
 * @throws malformed
 */
export function explain(token: Uint8Array): never {
  const correction = correct(token);
  wipe(correction?.token);
  const accept = isShare(token) ? ", or add --accept-corrections" : "";
  const says = correction?.says ?? "the checksum does not match";
  return fail("malformed", says, `compare these places with the paper${accept}`);
}

function isShare(token: Uint8Array): boolean {
  return hasHrpAt(token, 0, "wdshare") || hasHrpAt(token, 0, "wdsealed");
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

/** Asks for the shares that are missing. */

import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import type { LocatedShare } from "../pipes/gather.ts";
import { askForShares } from "./entry.ts";

type Options = Parameters<typeof askForShares>[1];

/** The shares, and those that a person adds if these are too few and of one set, the wanted one. */
export async function askForRest(
  io: Pick<Io, "terminal" | "tell">,
  options: Options,
  given: LocatedShare[],
): Promise<LocatedShare[]> {
  if (given[0]) {
    const { k, setId } = given[0].share;
    const set = options.wanted ?? toHex(setId);
    const indexes = new Set(given.map(({ share }) => share.x));
    const isOneSet = given.every(({ share }) => toHex(share.setId) === set);
    if (!isOneSet || indexes.size < given.length || given.length >= k) return given;
    io.tell("hint", `${given.length} of the ${k} shares needed of set ${set} are given`);
  }
  return await askForShares(await io.terminal(), options, given);
}

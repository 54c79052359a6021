/** Asks for the shares that are missing, where some are given. */

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
  const [first] = given;
  if (first && !isUnfinished(given, options.wanted)) return given;
  if (first) {
    const { k, setId } = first.share;
    io.tell("hint", `${given.length} of the ${k} shares needed of set ${toHex(setId)} are given`);
  }
  return await askForShares(await io.terminal(), options, given);
}

function isUnfinished(given: LocatedShare[], wanted: string | undefined): boolean {
  const sets = new Set(given.map(({ share }) => toHex(share.setId)));
  const indexes = new Set(given.map(({ share }) => share.x));
  const isOne = sets.size === 1 && (wanted === undefined || sets.has(wanted));
  return isOne && indexes.size === given.length && given.length < (given[0]?.share.k ?? 0);
}

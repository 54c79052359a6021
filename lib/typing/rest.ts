/** Asks for the shares that are missing, where some are given. */

import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import type { LocatedShare } from "../pipes/gather.ts";
import { askForShares } from "./entry.ts";

type Options = Parameters<typeof askForShares>[1];

/** The shares, and those that a person adds if these are too few and of one set, the wanted one. */
export async function askForRest(
  io: Pick<Io, "terminal">,
  options: Options,
  given: LocatedShare[],
): Promise<LocatedShare[]> {
  if (given.length > 0 && !isUnfinished(given, options.wanted)) return given;
  return await askForShares(await io.terminal(), options, given);
}

function isUnfinished(given: LocatedShare[], wanted: string | undefined): boolean {
  const sets = new Set(given.map(({ share }) => toHex(share.setId)));
  const indexes = new Set(given.map(({ share }) => share.x));
  const isOne = sets.size === 1 && (wanted === undefined || sets.has(wanted));
  return isOne && indexes.size === given.length && given.length < (given[0]?.share.k ?? 0);
}

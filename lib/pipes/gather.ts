/** Sorts shares by set, and finds the one set to combine. */

import { equal, toHex } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import type { Share } from "../core/sharing.ts";

/** A share and the place it was read from, as messages name it. */
export interface LocatedShare {
  where: string;
  share: Share;
}

export interface Gathered {
  setId: string;
  shares: LocatedShare[];
  /** Lines that repeat a share, each with the line it repeats. */
  repeated: { where: string; first: string }[];
}

/**
 * The one complete set among the shares: k or more with distinct indexes. With `wanted` (16 hex
 * digits), all other sets are ignored.
 *
 * @throws too-few: no set is complete
 * @throws mismatch: two lines of a set contradict each other
 * @throws refused: several sets, at least one of them complete
 */
export function gather(located: LocatedShare[], wanted?: string): Gathered {
  const sets = new Map<string, Gathered>();
  for (const line of located) {
    const setId = toHex(line.share.setId);
    if (wanted !== undefined && setId !== wanted) continue;
    const set = sets.get(setId) ?? { setId, shares: [], repeated: [] };
    sets.set(setId, set);
    add(set, line);
  }
  const complete = [...sets.values()].filter(isComplete);
  if (complete.length === 0) return tooFew([...sets.values()], wanted);
  if (sets.size > 1) return severalSets([...sets.values()]);
  return complete[0] as Gathered;
}

function add(set: Gathered, line: LocatedShare): void {
  const first = set.shares[0];
  if (first) checkSameSet(first, line);
  const same = set.shares.find(({ share }) => share.x === line.share.x);
  if (!same) {
    set.shares.push(line);
  } else if (equal(same.share.y, line.share.y)) {
    set.repeated.push({ where: line.where, first: same.where });
  } else {
    const index = `share ${line.share.x} of set ${set.setId}`;
    fail("mismatch", `${line.where}: ${index} contradicts ${same.where}`);
  }
}

function checkSameSet(first: LocatedShare, line: LocatedShare): void {
  const [a, b] = [first.share, line.share];
  const differs = (what: string, has: unknown, had: unknown) =>
    fail(
      "mismatch",
      `${line.where}: ${what} ${has}, but ${first.where} of the same set has ${had}`,
    );
  if (a.k !== b.k) differs("threshold", b.k, a.k);
  if (a.n !== b.n) differs("share count", b.n, a.n);
  if (a.y.length !== b.y.length) differs("length", b.y.length, a.y.length);
}

function isComplete({ shares }: Gathered): boolean {
  return shares.length >= (shares[0] as LocatedShare).share.k;
}

/** `set … has 1 of the 2 shares needed`. */
function tally({ setId, shares }: Gathered): string {
  return `set ${setId} has ${shares.length} of the ${shares[0]?.share.k} shares needed`;
}

function tooFew(sets: Gathered[], wanted: string | undefined): never {
  if (sets.length > 0) return fail("too-few", `too few shares: ${sets.map(tally).join("; ")}`);
  return fail("too-few", wanted === undefined ? "no shares" : `no share of set ${wanted}`);
}

function severalSets(sets: Gathered[]): never {
  const choices = sets.filter(isComplete).map(({ setId }) => `--set ${setId}`);
  return fail(
    "refused",
    `shares of ${sets.length} sets: choose one with ${choices.join(" or ")}`,
    sets.map(tally).join("; "),
  );
}

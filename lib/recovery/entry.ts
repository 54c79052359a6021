/** Asking a person for one share after another, each checked as it is entered. */

import { equal, toHex } from "../bytes.ts";
import { fail, RecoveryError } from "../errors.ts";
import { readLines } from "../format/lines.ts";
import { gather, type LocatedShare, locateShares } from "./gather.ts";
import type { Screen } from "./offline.ts";

/**
 * Shares of one set until they are enough. `wanted` (16 hex digits) refuses those of any other set.
 *
 * @throws too-few: the person ended the input before; mismatch: two shares contradict each other
 */
export async function askForShares(
  screen: Pick<Screen, "show" | "ask">,
  { wanted, echo }: { wanted: string | undefined; echo: boolean },
): Promise<LocatedShare[]> {
  const taken: LocatedShare[] = [];
  screen.show("One share a line; spaces, hyphens and case do not matter. Ctrl-D ends.\n");
  for (let number = 1; ; number++) {
    const typed = await screen.ask(`share ${number}: `, { echo });
    if (!typed) return endOfInput(taken, wanted);
    const share = await tryShare(screen, typed, `share ${number}`);
    const refusal = share && refuse(share, taken, wanted);
    if (refusal) screen.show(`  ${refusal}\n`);
    if (!share || refusal) {
      number--;
      continue;
    }
    taken.push(share);
    const { setId, k, x } = share.share;
    const missing = k - taken.length;
    const needed = missing > 0 ? `${missing} more needed` : "that is enough";
    screen.show(`  share ${x} of set ${toHex(setId)}: good; ${needed}\n`);
    if (missing <= 0) return taken;
  }
}

/** The share in what was typed; undefined, once it is said why, where there is none. */
async function tryShare(
  screen: Pick<Screen, "show">,
  typed: Uint8Array,
  where: string,
): Promise<LocatedShare | undefined> {
  try {
    const lines = readLines(typed).map(({ token }) => ({ where, token }));
    const { located, sealed } = await locateShares(lines);
    if (sealed.length > 0) screen.show("  this is a sealed share: unseal it on its node first\n");
    return located[0];
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    screen.show(`  ${error.message}${hint}; try again\n`);
    return undefined;
  }
}

/** Why a good share is not taken. */
function refuse(
  { share }: LocatedShare,
  taken: LocatedShare[],
  wanted: string | undefined,
): string | undefined {
  const set = toHex(share.setId);
  const first = taken[0] && toHex(taken[0].share.setId);
  if (wanted !== undefined && set !== wanted) return `of set ${set}, and wanted is ${wanted}`;
  if (first !== undefined && set !== first) return `of set ${set}, and the first was of ${first}`;
  const same = taken.find((one) => one.share.x === share.x);
  if (same && equal(same.share.y, share.y)) return `share ${share.x} is already there`;
  return undefined;
}

function endOfInput(taken: LocatedShare[], wanted: string | undefined): LocatedShare[] {
  if (taken.length === 0) fail("too-few", "no shares were entered");
  return gather(taken, wanted).shares; // which says how many are missing
}

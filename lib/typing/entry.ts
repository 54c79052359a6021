/** Asks a person for one share at a time, and checks each as it is entered. */

import type { Terminal } from "../cli/io.ts";
import { equal, toHex, toText, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import { gather, type LocatedShare } from "../pipes/gather.ts";
import { decodeLine, type Line, readLines } from "../wire/lines.ts";
import { decodeAnyShare, isSealed } from "../wire/sealed-share.ts";
import { correct } from "./explain.ts";
import { numberedRows } from "./groups.ts";

type Asking = Pick<Terminal, "show" | "ask">;

/**
 * Asks until there are enough shares of one set: of the set `wanted` (16 hex digits), if given.
 *
 * @throws too-few: the input ended early; mismatch: two shares contradict each other
 */
export async function askForShares(
  screen: Asking,
  { wanted, echo, accept }: { wanted: string | undefined; echo: boolean; accept: boolean },
  taken: LocatedShare[] = [],
): Promise<LocatedShare[]> {
  screen.show("One share per line. Spaces, hyphens and case do not matter. Ctrl-D ends input.\n");
  for (let number = taken.length + 1; ; number++) {
    const typed = await screen.ask(`share ${number}: `, { echo });
    if (!typed) return endOfInput(taken, wanted);
    const share = await tryShare(screen, typed, { echo, accept, where: `share ${number}` });
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

/** The share that was typed, or undefined after saying why there is none. Wipes its input. */
async function tryShare(
  screen: Asking,
  typed: Uint8Array,
  options: { echo: boolean; accept: boolean; where: string },
): Promise<LocatedShare | undefined> {
  const { where } = options;
  const lines: Line[] = [];
  try {
    const tokens = readLines(typed).map(({ token }) => token);
    for (const token of tokens) lines.push({ where, token: await offer(screen, token, options) });
    const [first] = lines;
    const share = first && (await decodeLine(first, decodeAnyShare));
    if (!share) return undefined;
    if (!isSealed(share)) return { where, share };
    screen.show("  this is a sealed share: unseal it on its node first\n");
    return undefined;
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    screen.show(`  ${error.message}${hint}; try again\n`);
    return undefined;
  } finally {
    wipe(typed, ...lines.map(({ token }) => token));
  }
}

/** The token, or its correction if the person accepts it. */
async function offer(
  screen: Asking,
  token: Uint8Array,
  { echo, accept }: { echo: boolean; accept: boolean },
): Promise<Uint8Array> {
  const correction = correct(token);
  if (!correction) return token;
  screen.show(`  ${correction.says}\n`);
  if (echo)
    screen.show(
      numberedRows(correction.token)
        .map((row) => `  ${row}\n`)
        .join(""),
    );
  if (accept) return correction.token;
  const prompt = "  accept the correction that the checksum suggests? (yes or no) ";
  const answer = await screen.ask(prompt, { echo }); // a share may be pasted here
  if (answer && /^\s*y(es)?\s*$/i.test(toText(answer))) return correction.token;
  wipe(correction.token);
  return token;
}

/** Why a valid share is refused, if it is. */
function refuse(
  { share }: LocatedShare,
  taken: LocatedShare[],
  wanted: string | undefined,
): string | undefined {
  const set = toHex(share.setId);
  const first = taken[0] && toHex(taken[0].share.setId);
  if (wanted !== undefined && set !== wanted)
    return `this share is of set ${set}, expected set ${wanted}`;
  if (first !== undefined && set !== first) {
    return `this share is of set ${set}, but the first one is of set ${first}`;
  }
  const same = taken.find((one) => one.share.x === share.x);
  if (same && equal(same.share.y, share.y)) return `share ${share.x} was already entered`;
  return undefined;
}

function endOfInput(taken: LocatedShare[], wanted: string | undefined): LocatedShare[] {
  if (taken.length === 0) fail("too-few", "no shares were entered");
  return gather(taken, wanted).shares; // fails, and says how many are missing
}

/** Asks a person for one share at a time, and checks each as it is entered. */

import type { Terminal } from "../cli/io.ts";
import { concat, equal, toHex, toText, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import type { Share } from "../core/sharing.ts";
import { gather, type LocatedShare } from "../pipes/gather.ts";
import { readLines } from "../wire/lines.ts";
import { decodeAnyShare, isSealed } from "../wire/sealed-share.ts";
import { type Correction, correct } from "./explain.ts";
import { groupOf, numberedRows, splitGroups } from "./groups.ts";
import { addRow, isUnfinished, keySymbols, splitRows, symbolsIn } from "./rows.ts";

type Asking = Pick<Terminal, "show" | "ask">;

interface Options {
  echo: boolean;
  /** Take what the checksum suggests without asking. */
  accept: boolean;
}

/**
 * Asks until there are enough shares of one set: of the set `wanted` (16 hex digits), if given.
 * Those that are `taken` already count.
 *
 * @throws too-few: the input ended early; mismatch: two shares contradict each other
 */
export async function askForShares(
  screen: Asking,
  { wanted, ...options }: Options & { wanted: string | undefined },
  taken: LocatedShare[] = [],
): Promise<LocatedShare[]> {
  screen.show(`Type each share on one line, or row by row as on its card; ? is for what you
cannot read. Spaces, hyphens and case do not matter. Ctrl-D ends input.\n`);
  if (!options.echo) screen.show("Nothing is shown while you type; --echo shows it.\n");
  while (true) {
    const where = `share ${taken.length + 1}`;
    const share = await askForShare(screen, where, options);
    if (!share) return endOfInput(taken, wanted);
    const refusal = refuse({ where, share }, taken, wanted);
    if (refusal) screen.show(`  ${refusal}\n`);
    if (refusal) continue;
    const missing = share.k - taken.push({ where, share });
    const needed = missing > 0 ? `${missing} more needed` : "that is enough";
    screen.show(`  share ${share.x} of set ${toHex(share.setId)}: good; ${needed}\n`);
    if (missing <= 0) return taken;
  }
}

/** One share, typed whole or in rows; undefined if the input ended. */
async function askForShare(
  screen: Asking,
  where: string,
  options: Options,
): Promise<Share | undefined> {
  const rows: Uint8Array[] = [];
  let isWhole = true; // no row is missing, but they do not verify
  try {
    while (true) {
      const prompt = isWhole ? `${where}: ` : `  from group ${groupOf(symbolsIn(rows))}: `;
      const typed = await screen.ask(prompt, options);
      if (!typed) return undefined;
      try {
        const [line] = readLines(typed);
        if (!line && isWhole) continue;
        if (line) addRow(rows, line.token, isWhole);
        isWhole = !line || (isWhole && rows.length > 1) || !isUnfinished(rows);
        if (isWhole) return await shareOf(screen, rows, options);
      } catch (error) {
        if (!(error instanceof RecoveryError)) throw error;
        const hint = error.hint === undefined ? "" : ` (${error.hint})`;
        screen.show(`  ${error.message}${hint}; try again\n`);
        if (!isWhole || !splitRows(rows)) continue;
        const symbols = symbolsIn(rows);
        const count = symbols === keySymbols ? "" : `; a key's share has ${keySymbols}`;
        screen.show(`  ${symbols} symbols${count}; type all, or only a row, after its number\n`);
      } finally {
        wipe(typed);
      }
    }
  } finally {
    wipe(...rows);
  }
}

/** @throws malformed: it is no share, or the person does not want the correction */
async function shareOf(screen: Asking, rows: Uint8Array[], options: Options): Promise<Share> {
  let token: Uint8Array = concat(...rows);
  try {
    for (let correction = correct(token); correction; correction = correct(token)) {
      wipe(token);
      token = await offer(screen, correction, options);
    }
    const share = decodeAnyShare(token);
    if (!isSealed(share)) return share;
    return fail("malformed", "this is a sealed share: unseal it on its node first");
  } finally {
    wipe(token);
  }
}

/** The corrected token if the person accepts it, or with the groups in it that they type again. */
async function offer(
  screen: Asking,
  { token, says, groups }: Correction,
  { echo, accept }: Options,
): Promise<Uint8Array> {
  screen.show(`  ${says}\n`);
  if (echo) screen.show(`  ${numberedRows(token).join("\n  ")}\n`);
  if (accept || groups.length === 0) return token; // or all symbols were right
  const prompt = "  accept the correction that the checksum suggests? (yes or no) ";
  const answer = await screen.ask(prompt, { echo }); // a share may be pasted here
  if (answer && /^\s*y(es)?\s*$/i.test(toText(answer))) return token;
  wipe(answer);
  for (const group of groups) {
    const typed = await screen.ask(`  group ${group} again, or Enter to leave it: `, { echo });
    const [line] = typed ? readLines(typed) : [];
    const place = splitGroups(token).groups[group - 1];
    const fits = place !== undefined && line?.token.length === place.length;
    if (fits) place.set(line.token);
    wipe(typed);
    if (!fits) break;
    if (group === groups.at(-1)) return token;
  }
  wipe(token);
  return fail("malformed", "it was not corrected");
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

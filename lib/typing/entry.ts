/** Asks a person for one share at a time, and checks each as it is entered. */

import type { Terminal } from "../cli/io.ts";
import { concat, equal, toHex, toText, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import type { Share } from "../core/sharing.ts";
import { gather, type LocatedShare } from "../pipes/gather.ts";
import { readLines } from "../wire/lines.ts";
import { decodeAnyShare, isSealed } from "../wire/sealed-share.ts";
import { type Correction, correct, isExact } from "./explain.ts";
import { groupOf, numberedRows } from "./groups.ts";
import { addRow, isUnfinished, keySymbols, replaceRow, splitRows, symbolsIn } from "./rows.ts";

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
  screen.show(`Type each share on one line, or row by row as on its card, with ? for what you
cannot read. Spaces, hyphens and case do not matter. Ctrl-D ends input.\n`);
  if (!options.echo) screen.show("Nothing is shown while you type; --echo shows it.\n");
  while (true) {
    const where = `share ${taken.length + 1}`;
    const share = await askForShare(screen, where, options);
    if (!share) return gather(taken, wanted).shares; // fails, and says how many are missing
    const refusal = refuse(share, taken, wanted);
    if (refusal) {
      screen.show(`  ${refusal}\n`);
      continue;
    }
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
  let isWhole = true; // nothing was typed, or no row is missing, but they do not verify
  try {
    while (true) {
      const prompt = isWhole ? `${where}: ` : `  from group ${groupOf(symbolsIn(rows))}: `;
      const typed = await screen.ask(prompt, options);
      if (!typed) return undefined;
      try {
        const [line] = readLines(typed);
        if (!line && isWhole) continue;
        const isReplaced: boolean = !!line && isWhole && replaceRow(rows, line.token);
        if (line && !isReplaced) addRow(rows, line.token, isWhole);
        isWhole = !line || isReplaced || !isUnfinished(rows);
        if (isWhole) return await shareOf(screen, rows, options);
      } catch (error) {
        if (!(error instanceof RecoveryError)) throw error;
        const hint = error.hint === undefined ? "" : ` (${error.hint})`;
        screen.show(`  ${error.message}${hint}; try again\n`);
        if (!isWhole || !splitRows(rows)) continue;
        const symbols = symbolsIn(rows);
        const count = `  It has ${symbols} symbols; a key's share has ${keySymbols}.\n`;
        if (symbols !== keySymbols) screen.show(count);
        screen.show("  Type the whole share, or one row with its number.\n");
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
    const correction = correct(token);
    if (correction) {
      const accept = options.accept || isExact(token); // if so, all symbols were right
      wipe(token);
      token = correction.token;
      await offer(screen, correction, { ...options, accept });
    }
    const share = decodeAnyShare(token);
    if (!isSealed(share)) return share;
    return fail("malformed", "this is a sealed share: unseal it on its node first");
  } finally {
    wipe(token);
  }
}

/** @throws malformed: the person does not want the correction */
async function offer(
  screen: Asking,
  { token, says }: Correction,
  { echo, accept }: Options,
): Promise<void> {
  screen.show(`  ${says}\n`);
  if (echo) screen.show(`  ${numberedRows(token).join("\n  ")}\n`);
  if (accept) return;
  const prompt = "  accept the correction that the checksum suggests? (yes or no) ";
  const answer = await screen.ask(prompt, { echo }); // a share may be pasted here
  const isAccepted = answer && /^\s*y(es)?\s*$/i.test(toText(answer));
  wipe(answer);
  if (!isAccepted) fail("malformed", "it was not corrected");
}

/** Why a valid share is refused, if it is. */
function refuse(share: Share, taken: LocatedShare[], wanted: string | undefined) {
  const [set, first] = [toHex(share.setId), taken[0]?.share.setId];
  const expected = wanted ?? (first && toHex(first)) ?? set;
  if (set !== expected) return `this share is of set ${set}, expected set ${expected}`;
  const same = taken.find((one) => one.share.x === share.x);
  if (same && equal(same.share.y, share.y)) return `share ${share.x} was already entered`;
  return undefined;
}

/** Where commands that recover get their shares: files, stdin, or a person at the terminal. */

import { wipe } from "../../lib/bytes.ts";
import { failEmpty, readSources } from "../../lib/cli/input.ts";
import { tell } from "../../lib/cli/messages.ts";
import { isTerminal } from "../../lib/cli/terminal.ts";
import { openTerminal } from "../../lib/cli/tty.ts";
import { readLines } from "../../lib/format/lines.ts";
import { askForShares } from "../../lib/recovery/entry.ts";
import { type LocatedShare, locateShares } from "../../lib/recovery/gather.ts";

/** The flag of every command that may ask a person for shares. */
export const echoFlag = {
  type: "boolean",
  description: "when asking on a terminal, show what is typed",
} as const;

/** `wanted` is the id of the only set that a person may enter, in hex. */
export async function readShares(
  files: string[],
  options: { wanted: string | undefined; echo: boolean },
): Promise<LocatedShare[]> {
  if (files.length === 0 && (await isTerminal(0))) {
    const terminal = await openTerminal();
    const shares = await askForShares(terminal, options);
    terminal.close();
    return shares;
  }
  const sources = await readSources(files);
  const lines = sources.flatMap(({ bytes, file }) => readLines(bytes, file));
  if (lines.length === 0) failEmpty(sources, "too-few", "shares");
  const { located, sealed } = await locateShares(lines);
  for (const where of sealed) tell("warning", `${where} is sealed and skipped: unseal it first`);
  wipe(...sources.map(({ bytes }) => bytes));
  return located;
}

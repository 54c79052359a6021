/** Where commands that recover get their shares: files, stdin, or a person at the terminal. */

import { correctionsFlag } from "../../lib/cli/command.ts";
import { failEmpty, readSources } from "../../lib/cli/input.ts";
import { tell } from "../../lib/cli/messages.ts";
import { isTerminal } from "../../lib/cli/terminal.ts";
import { openTerminal } from "../../lib/cli/tty.ts";
import { wipe } from "../../lib/core/bytes.ts";
import { correctLines } from "../../lib/typing/corrections.ts";
import { askForShares } from "../../lib/typing/entry.ts";
import { type LocatedShare, locateShares } from "../../lib/wire/gather.ts";
import { readLines } from "../../lib/wire/lines.ts";

/** The flags of every command that takes shares which people may have typed, or may be asked for. */
export const shareFlags = {
  "accept-corrections": correctionsFlag,
  echo: { type: "boolean", description: "when asking on a terminal, show what is typed" },
} as const;

interface Options {
  /** The id of the only set that a person may enter, in hex. */
  wanted: string | undefined;
  echo: boolean;
  "accept-corrections": boolean;
}

export async function readShares(files: string[], options: Options): Promise<LocatedShare[]> {
  const { wanted, echo, "accept-corrections": accept } = options;
  if (files.length === 0 && (await isTerminal(0))) {
    const terminal = await openTerminal();
    try {
      return await askForShares(terminal, { wanted, echo, accept });
    } finally {
      terminal.close();
    }
  }
  const sources = await readSources(files);
  const lines = sources.flatMap(({ bytes, file }) => readLines(bytes, file));
  if (lines.length === 0) failEmpty(sources, "too-few", "shares");
  if (accept) await correctLines(lines, (said) => tell("warning", said));
  const { located, sealed } = await locateShares(lines);
  for (const where of sealed) tell("warning", `${where} is sealed and skipped: unseal it first`);
  wipe(...lines.map(({ token }) => token), ...sources.map(({ bytes }) => bytes));
  return located;
}

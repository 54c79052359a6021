/** Shares for commands that recover: from files, stdin, or a person at the terminal. */

import { correctionsFlag } from "../cli/command.ts";
import type { Io } from "../cli/io.ts";
import type { Share } from "../core/sharing.ts";
import { isSealed } from "../wire/sealed-share.ts";
import type { LocatedShare } from "./gather.ts";
import { linesOf } from "./lines.ts";
import { decodeShares } from "./unseal.ts";

/** The flags of every command that recovers. */
export const shareFlags = {
  "accept-corrections": correctionsFlag,
  echo: { type: "boolean", description: "show what is typed at a prompt" },
} as const;

interface Options {
  /** The id of the only set that a person may enter, in hex. */
  wanted: string | undefined;
  echo: boolean;
  "accept-corrections": boolean;
}

/** From the files or stdin; a person is asked for what is missing. @throws malformed, io, too-few: none at all */
export async function readShares(
  io: Io,
  files: string[],
  { wanted, echo, "accept-corrections": accept }: Options,
): Promise<LocatedShare[]> {
  let shares: LocatedShare[] = [];
  const atTerminal = await io.isTerminal("stdin");
  const named = atTerminal ? files.filter((file) => file !== "-") : files;
  const none = atTerminal && named.length === 0;
  if (!none) {
    const lines = await linesOf(io, named, { wanted: "shares", code: "too-few", accept });
    for (const { where, share } of await decodeShares(lines)) {
      if (!isSealed(share)) shares.push({ where, share: share as Share });
      else io.tell("warning", `${where} is sealed, and was skipped: unseal it first`);
    }
  }
  if (none || (shares.length > 0 && (await io.isTerminal("stderr")))) {
    const { askForRest } = await import("../typing/rest.ts");
    shares = await askForRest(io, { wanted, echo, accept }, shares);
  }
  for (const { share } of shares) io.secret(share.y);
  return shares;
}

/** Where results go: stdout, or a new file with `-o`; and which of them a terminal must not show. */

import { fstatSync, fsyncSync } from "node:fs";
import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { createFile, refuseExisting, writeAll } from "./exclusive-file.ts";
import { tell } from "./messages.ts";
import { attempt } from "./system.ts";
import { isTerminal } from "./terminal.ts";

/** `raw` secrets are not for terminals, `text` secrets are (shares, keys), `public` is for all. */
export type Secrecy = "raw" | "text" | "public";

export interface Destination {
  /** The file to create; undefined for stdout. */
  file: string | undefined;
}

/**
 * Decides and checks where the result goes, before any input is read or anything is created.
 *
 * @throws refused: the file exists, or a raw secret would go to a terminal
 * @throws io: the file's folder is not there
 */
export async function destination(
  file: string | undefined,
  secrecy: Secrecy,
  options: { force?: boolean | undefined } = {},
): Promise<Destination> {
  if (file === "-")
    fail("usage", "-o needs the name of a new file", "stdout is where it goes without -o");
  if (file !== undefined) {
    await refuseExisting(file);
  } else if (secrecy === "raw" && !options.force && (await isTerminal(1))) {
    fail("refused", "stdout is a terminal, and this is secret", "use a pipe, -o FILE, or --force");
  } else if (secrecy !== "public") {
    warnIfReadable();
  }
  return { file };
}

function warnIfReadable(): void {
  const stats = fstatSync(1);
  if (stats.isFile() && (stats.mode & 0o044) !== 0) {
    tell("warning", "stdout is a file that others can read: use -o FILE, or umask 077 before");
  }
}

/**
 * Sends the result where `destination` said: into a new file whole or not at all, or to stdout.
 * What has been sent is wiped. A new file stays only if `deliver`, which then runs, does not fail.
 *
 * @throws io, refused, and whatever the chunks' generator throws
 */
export async function send(
  to: Destination,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  deliver?: () => Promise<void>,
): Promise<void> {
  if (to.file !== undefined) return createFile(to.file, chunks, deliver);
  for await (const chunk of chunks) {
    await attempt("cannot write to stdout", () => writeAll(1, chunk));
    wipe(chunk);
  }
}

/** Makes what was written to stdout durable, where that is a file. */
export async function syncStdout(): Promise<void> {
  if (fstatSync(1).isFile()) await attempt("cannot write to stdout", () => fsyncSync(1));
}

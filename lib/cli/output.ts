/** Where results go: stdout, or a new file with `-o`; and which of them a terminal must not show. */

import { fstatSync, fsyncSync, writeSync } from "node:fs";
import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { attempt, type Chunks, writeAll } from "../system/errno.ts";
import { tell } from "../system/messages.ts";
import { isNull, isTerminal } from "../system/terminal.ts";

/** `secret` is shown on a terminal only with --force; `shown` is secret too, but made to be shown. */
export type Secrecy = "secret" | "shown" | "public";

export interface Output {
  /** `nowhere` is /dev/null, or a stdout that was closed. */
  kind: "file" | "stdout" | "nowhere";
  /**
   * Sends the chunks, which are wiped: into a new file, whole or not at all, or to stdout. A file
   * stays only if `deliver`, which then runs, does not fail.
   */
  send(chunks: Chunks, deliver?: () => Promise<void>): Promise<void>;
  /** Makes what was sent durable; false where that cannot be known, as with a pipe. */
  sync(): Promise<boolean>;
}

/**
 * Decides and checks where the result goes, before any input is read or anything is created.
 *
 * @throws refused: the file exists, or a secret would go to a terminal
 * @throws io: the file's folder is not there, or stdout is closed
 */
export async function openOutput(
  file: string | undefined,
  secrecy: Secrecy,
  { force = false }: { force?: boolean } = {},
): Promise<Output> {
  if (file === "-")
    fail("usage", "-o needs the name of a new file", "without -o it goes to stdout");
  if (file !== undefined) {
    const { createFile, refuseExisting } = await import("../system/exclusive-file.ts");
    await refuseExisting(file);
    const send: Output["send"] = (chunks, deliver) => createFile(file, chunks, deliver);
    return { kind: "file", send, sync: async () => true };
  }
  // writes nothing, but fails if stdout was closed or is open only for reading
  await attempt("cannot write to stdout", () => writeSync(1, new Uint8Array(0)));
  if (secrecy === "secret" && !force && (await isTerminal(1))) {
    fail("refused", "stdout is a terminal, and this is secret", "use a pipe, -o FILE, or --force");
  } else if (secrecy !== "public") {
    warnIfReadable();
  }
  return { kind: isNull(1) ? "nowhere" : "stdout", send: sendToStdout, sync: syncStdout };
}

function warnIfReadable(): void {
  const stats = fstatSync(1);
  if (stats.isFile() && (stats.mode & 0o044) !== 0) {
    tell("warning", "stdout is a file that others can read: use -o FILE, or run umask 077 first");
  }
}

async function sendToStdout(chunks: Chunks): Promise<void> {
  for await (const chunk of chunks) {
    await attempt("cannot write to stdout", () => writeAll(1, chunk));
    wipe(chunk);
  }
}

async function syncStdout(): Promise<boolean> {
  if (!fstatSync(1).isFile()) return false;
  await attempt("cannot write to stdout", () => fsyncSync(1));
  return true;
}

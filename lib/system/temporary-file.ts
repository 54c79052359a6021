/** Files that are being written: without a name if the file system can, else with a temporary one. */

import * as fs from "node:fs";
import { wipe } from "../core/bytes.ts";
import { RecoveryError } from "../core/errors.ts";
import { attempt, type Chunks, errnoOf, writeAll } from "./errno.ts";
import { tell } from "./messages.ts";
import { fileIn, folderOf } from "./paths.ts";

export interface Temporary {
  path: string;
  descriptor: number;
}

/** A new file without a name, in the folder of `file`; undefined if that is impossible. */
export function openNameless(file: string): Temporary | undefined {
  const { O_RDWR, O_DIRECTORY } = fs.constants;
  const tmpfile = 0o20000000 | O_DIRECTORY; // O_TMPFILE, on every Linux
  try {
    const descriptor = fs.openSync(folderOf(file), tmpfile | O_RDWR, 0o600);
    makePrivate(descriptor);
    return { path: `/proc/self/fd/${descriptor}`, descriptor };
  } catch {
    return undefined; // for whatever reason: with a name it works, or says why not
  }
}

/** A new file beside `file`, under a name of our own, which is added to `ours`. */
export function openTemporary(file: string, ours: string[]): Temporary {
  for (let attempt = 0; ; attempt++) {
    const path = fileIn(folderOf(file), `.worstday-${process.pid}-${attempt}.tmp`);
    try {
      const descriptor = fs.openSync(path, "wx", 0o600);
      ours.unshift(path);
      makePrivate(descriptor);
      return { path, descriptor };
    } catch (error) {
      if (errnoOf(error) !== "EEXIST" || attempt === 100) throw error;
    }
  }
}

/** Mode 0600, whatever the umask; if the file does not keep it, `writeDurably` warns. */
export function makePrivate(descriptor: number): void {
  try {
    fs.fchmodSync(descriptor, 0o600);
  } catch {
    // as on a stick that root has mounted for all: EPERM
  }
}

/** Writes and wipes the chunks, and syncs; then `name` names the file, and it is closed. */
export async function writeDurably(
  descriptor: number,
  chunks: Chunks,
  file: string,
  name: () => void | Promise<void> = () => {},
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      writeAll(descriptor, chunk);
      wipe(chunk);
    }
    fs.fsyncSync(descriptor);
    warnIfReadable(file, descriptor);
    await name();
  } finally {
    fs.closeSync(descriptor);
  }
}

function warnIfReadable(file: string, descriptor: number): void {
  if ((fs.fstatSync(descriptor).mode & 0o077) === 0) return;
  tell(
    "warning",
    `other users may be able to read ${file}: its file system does not keep mode 0600`,
  );
}

/** Warns of temporary files that killed runs have left: nothing else would ever mention them. */
export function tellLeftovers(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = /^\.worstday-([1-9]\d*)-\d+\.tmp$/.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    tell(
      "warning",
      `${fileIn(folder, name)} was left by a killed run and may hold plaintext: delete it`,
    );
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return []; // it may be written and not read
  }
}

/** Whether another process has this id. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && pid !== process.pid;
  } catch (error) {
    return errnoOf(error) !== "ESRCH";
  }
}

/** Cleans up after an error. If that fails too, it only warns: the first error is the one to report. */
export async function tidyUp(what: string, call: () => void): Promise<void> {
  try {
    await attempt(what, call);
  } catch (error) {
    tell("warning", error instanceof RecoveryError ? error.message : what);
  }
}

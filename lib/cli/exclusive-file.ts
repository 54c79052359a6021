/**
 * A new file that appears whole or not at all, mode 0600, and never over an existing one:
 * a temporary file beside it, fsync, link to the name, unlink, fsync of the directory.
 */

import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { tell } from "./messages.ts";
import { onFatalSignal } from "./signals.ts";
import { attempt, errnoOf, failSystem, retry } from "./system.ts";

/** What link(2) says on a file system without hard links, such as vfat and exFAT. */
const noHardLinks = new Set(["EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EMLINK", "EACCES"]);

/** Looks, before any input is read, whether the name is free. */
export async function refuseExisting(file: string): Promise<void> {
  try {
    fs.lstatSync(file);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && fs.existsSync(dirname(file))) return;
    await failSystem(`cannot create ${file}`, error);
  }
  exists(file);
}

/**
 * Writes all chunks to the new file, wiping them, or leaves nothing. `deliver` runs when the file is
 * durable; if it fails, or a signal ends the program before it is through, the file goes again.
 * A signal during the last calls may come too late to stop them: the file is then whole.
 */
export async function createFile(
  file: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  deliver: () => Promise<void> = async () => {},
): Promise<void> {
  const ours: string[] = []; // the newest first, and so the file itself before the temporary one
  const remove = () => {
    for (const path of ours) fs.rmSync(path, { force: true });
  };
  const stopListening = onFatalSignal(remove);
  try {
    const temporary = await attempt(`cannot create ${file}`, () => openTemporary(file));
    ours.unshift(temporary.path);
    await attempt(`cannot write ${file}`, () => writeDurably(temporary.descriptor, chunks, file));
    await attempt(`cannot write ${file}`, () => give(temporary.path, file));
    ours.unshift(file);
    await attempt(`cannot write ${file}`, () => fs.rmSync(temporary.path, { force: true }));
    await syncDirectory(file);
    await deliver();
    ours.length = 0;
  } finally {
    stopListening();
    await attempt(`cannot remove ${ours.join(" and ")}`, remove);
  }
}

/** Writes and wipes the chunks, syncs and closes. */
export async function writeDurably(
  descriptor: number,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  file: string,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      writeAll(descriptor, chunk);
      wipe(chunk);
    }
    fs.fsyncSync(descriptor);
    warnIfReadable(file, descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) {
    start += retry(() => fs.writeSync(descriptor, bytes, start));
  }
}

/** A new file beside `file`, of which nobody else knows the name. */
export function openTemporary(file: string): { path: string; descriptor: number } {
  for (let attempt = 0; ; attempt++) {
    const path = join(dirname(file), `.worstday-${process.pid}-${attempt}.tmp`);
    try {
      const descriptor = fs.openSync(path, "wx", 0o600);
      fs.fchmodSync(descriptor, 0o600); // whatever the umask took away
      return { path, descriptor };
    } catch (error) {
      if (errnoOf(error) !== "EEXIST" || attempt === 100) throw error;
    }
  }
}

function give(temporary: string, file: string): void {
  try {
    fs.linkSync(temporary, file);
  } catch (error) {
    const code = errnoOf(error) ?? "";
    if (code === "EEXIST") exists(file);
    if (!noHardLinks.has(code)) throw error;
    reserveAndRename(temporary, file);
  }
}

/** Without hard links, the name is reserved first; the rename replaces our own empty file only. */
function reserveAndRename(temporary: string, file: string): void {
  try {
    fs.closeSync(fs.openSync(file, "wx", 0o600));
  } catch (error) {
    if (errnoOf(error) === "EEXIST") exists(file);
    throw error;
  }
  try {
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  }
}

function exists(file: string): never {
  return fail("refused", `${file} exists already`, "nothing is ever overwritten: give a new name");
}

function warnIfReadable(file: string, descriptor: number): void {
  if ((fs.fstatSync(descriptor).mode & 0o077) === 0) return;
  tell("warning", `others may read ${file}: its file system does not keep mode 0600`);
}

/** Makes the name itself durable; some file systems cannot sync a directory, and need not. */
export async function syncDirectory(file: string): Promise<void> {
  try {
    const directory = fs.openSync(dirname(file), "r");
    fs.fsyncSync(directory);
    fs.closeSync(directory);
  } catch (error) {
    if (errnoOf(error) === "EIO") await failSystem(`cannot write ${file}`, error);
  }
}

/**
 * A new file that appears whole or not at all, mode 0600, and never over an existing one:
 * a temporary file beside it, fsync, link to the name, unlink, fsync of the directory.
 */

import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { wipe } from "../bytes.ts";
import { fail } from "../errors.ts";
import { tell } from "./messages.ts";
import { attempt, errnoOf, failSystem, retry } from "./system.ts";

/** What link(2) says on a file system without hard links, such as vfat and exFAT. */
const noHardLinks = new Set(["EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EMLINK", "EACCES"]);

const fatalSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

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

/** Writes all chunks to the new file, wiping them, or leaves nothing. */
export async function createFile(
  file: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const what = `cannot write ${file}`;
  const { temporary, descriptor } = await attempt(`cannot create ${file}`, () => open(file));
  const remove = () => fs.rmSync(temporary, { force: true });
  const stopListening = onFatalSignal(remove);
  try {
    for await (const chunk of chunks) {
      await attempt(what, () => writeAll(descriptor, chunk));
      wipe(chunk);
    }
    await attempt(what, () => fs.fsyncSync(descriptor));
    warnIfReadable(file, descriptor);
    await attempt(what, () => give(temporary, file));
  } finally {
    fs.closeSync(descriptor);
    await attempt(`cannot remove ${temporary}`, remove);
    stopListening();
  }
  await syncDirectory(file).catch((error: unknown) => {
    fs.rmSync(file, { force: true }); // not durable, so not there
    throw error;
  });
}

/** Takes back a file that createFile made. */
export async function discardFile(file: string): Promise<void> {
  await attempt(`cannot remove ${file}`, () => fs.rmSync(file, { force: true }));
  await syncDirectory(file);
}

export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) {
    start += retry(() => fs.writeSync(descriptor, bytes, start));
  }
}

function open(file: string): { temporary: string; descriptor: number } {
  for (let attempt = 0; ; attempt++) {
    const temporary = join(dirname(file), `.worstday-${process.pid}-${attempt}.tmp`);
    try {
      const descriptor = fs.openSync(temporary, "wx", 0o600);
      fs.fchmodSync(descriptor, 0o600); // whatever the umask took away
      return { temporary, descriptor };
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
async function syncDirectory(file: string): Promise<void> {
  try {
    const directory = fs.openSync(dirname(file), "r");
    fs.fsyncSync(directory);
    fs.closeSync(directory);
  } catch (error) {
    if (errnoOf(error) === "EIO") await failSystem(`cannot write ${file}`, error);
  }
}

/** Cleans up and then dies of the signal after all, so that the caller sees it. */
function onFatalSignal(cleanUp: () => void): () => void {
  const handlers = fatalSignals.map((signal) => {
    const handler = () => {
      cleanUp();
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers) process.removeListener(signal, handler);
  };
}

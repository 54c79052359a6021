/**
 * A new file that appears whole or not at all, mode 0600, and never over an existing one. It has no
 * name before it is complete and synced, so that nothing of it stays even after SIGKILL; where the
 * file system has no such files, it is a temporary one beside the name, linked to it and unlinked.
 */

import * as fs from "node:fs";
import { fail } from "../core/errors.ts";
import { attempt, type Chunks, errnoOf, failSystem } from "./errno.ts";
import { folderOf } from "./paths.ts";
import { onFatalSignal } from "./signals.ts";
import {
  openNameless,
  openTemporary,
  type Temporary,
  tellLeftovers,
  tidyUp,
  writeDurably,
} from "./temporary-file.ts";

/**
 * What link(2) says on a file system without hard links, such as vfat and exFAT; and, for a file
 * without a name, where there is no /proc, or a runtime that links the link in it (Bun's own).
 */
const noHardLinks = new Set(
  "EPERM EOPNOTSUPP ENOTSUP ENOSYS EMLINK EACCES EXDEV ENOENT".split(" "),
);

/** Checks, before any input is read, that the name is free. */
export async function refuseExisting(file: string): Promise<void> {
  try {
    fs.lstatSync(file);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && fs.existsSync(folderOf(file))) return;
    await failSystem(`cannot create ${file}`, error);
  }
  exists(file);
}

/**
 * Writes all chunks to the new file, wiping them, or leaves nothing. `deliver` runs when the file is
 * durable; if it fails, or a signal ends the program before it is done, the file is removed.
 * A signal during the last calls may come too late to stop them: the file is then whole.
 */
export async function createFile(
  file: string,
  chunks: Chunks,
  deliver: () => Promise<void> = async () => {},
): Promise<void> {
  const ours: string[] = []; // the newest first, and so the file itself before the temporary one
  const remove = () => {
    for (const path of ours) fs.rmSync(path, { force: true });
  };
  const stopListening = onFatalSignal(remove);
  try {
    tellLeftovers(folderOf(file));
    const temporary = await attempt(
      `cannot create ${file}`,
      () => openNameless(file) ?? openTemporary(file, ours),
    );
    await attempt(`cannot write ${file}`, async () => {
      await complete(temporary, chunks, file, ours);
      for (const path of ours.slice(1)) fs.rmSync(path, { force: true });
    });
    await syncDirectory(file);
    await deliver();
  } catch (error) {
    await tidyUp(`cannot remove ${ours.join(" and ")}`, remove);
    throw error;
  } finally {
    stopListening();
  }
}

/** Writes the temporary file, and gives it its name. */
async function complete(
  { path, descriptor }: Temporary,
  chunks: Chunks,
  file: string,
  ours: string[],
): Promise<void> {
  await writeDurably(descriptor, chunks, file, async () => {
    try {
      fs.linkSync(path, file);
    } catch (error) {
      const code = errnoOf(error) ?? "";
      if (code === "EEXIST") exists(file);
      if (!noHardLinks.has(code)) throw error;
      if (ours.length > 0) reserveAndRename(path, file);
      else return complete(openTemporary(file, ours), contentsOf(descriptor), file, ours);
    }
    ours.unshift(file);
  });
}

async function* contentsOf(descriptor: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const chunk = new Uint8Array(1_048_576);
    const length = fs.readSync(descriptor, chunk, 0, chunk.length, position);
    if (length === 0) return;
    yield chunk.subarray(0, length);
    position += length;
  }
}

/** Without hard links, the name is reserved first; the rename replaces only our own empty file. */
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
  return fail(
    "refused",
    `${file} already exists`,
    "files are never overwritten: choose another name",
  );
}

/** Makes the name itself durable; some file systems cannot sync a directory, and need not. */
export async function syncDirectory(file: string): Promise<void> {
  try {
    const directory = fs.openSync(folderOf(file), "r");
    fs.fsyncSync(directory);
    fs.closeSync(directory);
  } catch (error) {
    if (errnoOf(error) === "EIO") await failSystem(`cannot write ${file}`, error);
  }
}

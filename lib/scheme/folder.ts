/**
 * A folder that is changed as a whole: first new files, then the one file that puts them into effect.
 * If the change ends before that, the new files are removed again; a power cut or SIGKILL leaves
 * files that nothing refers to, and the lock.
 */

import * as fs from "node:fs";
import { type Input, openPieces } from "../cli/input.ts";
import { attempt, type Chunks, errnoOf, failSystem } from "../system/errno.ts";
import { createFile, syncDirectory } from "../system/exclusive-file.ts";
import { fileIn, folderOf } from "../system/paths.ts";
import { onFatalSignal } from "../system/signals.ts";
import { makePrivate, openTemporary, tidyUp, writeDurably } from "../system/temporary-file.ts";
import { type Lock, takeLock } from "./lock.ts";

export interface Folder {
  names(): Promise<string[]>;
  open(file: string): Promise<Input>;
  /** A new file, in a new folder if need be; durable from `commit` on. */
  create(file: string, chunks: Chunks): Promise<void>;
  /** Puts the file in place, over an older one or not; from then on nothing is undone. */
  commit(file: string, bytes: Uint8Array, options: { replace: boolean }): Promise<void>;
  /** Does this if the change is undone. */
  ifUndone(action: () => void): void;
}

export const lockFile = "lock";

/**
 * Runs `change` on the folder, while no other change is under way in it; `make` makes it if it is
 * not there.
 *
 * @throws refused: another one is, or was killed; io; whatever `change` throws
 */
export async function changeFolder<T>(
  path: string,
  { make }: { make: boolean },
  change: (folder: Folder) => Promise<T>,
): Promise<T> {
  const undos: (() => void)[] = [];
  const held: (() => void)[] = [];
  const cleanUp = () => {
    const errors: unknown[] = [];
    for (const undo of [...held.splice(0), ...undos.splice(0)].reverse()) {
      try {
        undo();
      } catch (error) {
        errors.push(error); // the others are done all the same
      }
    }
    if (errors.length > 0) throw errors[0];
  };
  const stopListening = onFatalSignal(cleanUp);
  try {
    if (make && (await makeFolder(path))) held.push(() => removeIfEmpty(path));
    const lock = await takeLock(fileIn(path, lockFile));
    held.push(lock.release);
    return await change(folderAt(path, lock, undos));
  } catch (error) {
    await tidyUp(`cannot clean up ${path}`, cleanUp);
    throw error;
  } finally {
    stopListening();
    await attempt(`cannot clean up ${path}`, cleanUp);
  }
}

function folderAt(path: string, lock: Lock, undos: (() => void)[]): Folder {
  const unsynced = new Map<string, string>(); // folders, each with a new file in it
  /** Without the lock, a file of that name may be another change's. */
  const undo = (remove: () => void) =>
    undos.push(() => {
      if (lock.isOurs()) remove();
    });
  return {
    names: () => namesIn(path),
    open: (file) => openPieces(fileIn(path, file), { regular: true }),
    async create(file, chunks) {
      const full = fileIn(path, file);
      const folder = folderOf(full);
      if (folder !== path && (await makeFolder(folder))) undo(() => removeIfEmpty(folder));
      await attempt(`cannot create ${full}`, () => {
        const descriptor = fs.openSync(full, "wx", 0o600);
        undo(() => fs.rmSync(full, { force: true }));
        makePrivate(descriptor);
        return writeDurably(descriptor, chunks, full);
      });
      unsynced.set(folder, full);
    },
    async commit(file, bytes, { replace }) {
      for (const name of unsynced.values()) await syncDirectory(name);
      lock.refuseLost();
      if (replace) return replaceFile(fileIn(path, file), bytes, undos);
      await createFile(fileIn(path, file), [bytes]);
      undos.length = 0;
    },
    ifUndone: (action) => void undos.push(action),
  };
}

export function namesIn(path: string): Promise<string[]> {
  return attempt(`cannot read ${path}`, () => fs.readdirSync(path));
}

/** Whole and durable, or the old file stays as it was. */
async function replaceFile(file: string, bytes: Uint8Array, undos: (() => void)[]): Promise<void> {
  await attempt(`cannot write ${file}`, async () => {
    const temporary: string[] = [];
    undos.push(() => {
      for (const path of temporary) fs.rmSync(path, { force: true });
    });
    const { path, descriptor } = openTemporary(file, temporary);
    await writeDurably(descriptor, [bytes], file, () => fs.renameSync(path, file));
    undos.length = 0; // it is in effect now, even if the folder cannot be synced
  });
  await syncDirectory(file);
}

/** Makes a folder; false if it existed. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    fs.mkdirSync(path, 0o700);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    await failSystem(`cannot create ${path}`, error);
  }
  await syncDirectory(path);
  return true;
}

function removeIfEmpty(path: string): void {
  try {
    fs.rmdirSync(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOTEMPTY" && errnoOf(error) !== "ENOENT") throw error;
  }
}

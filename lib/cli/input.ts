/** Input from stdin and named files: read whole, within bounds, or in pieces. */

import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from "node:fs";
import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { attempt, errnoOf, failSystem, retry } from "../system/errno.ts";
import { escapeControls, tell } from "../system/messages.ts";
import { pathOf } from "../system/paths.ts";
import { isTerminal } from "../system/terminal.ts";

/** More text than this is no list of shares. */
export const maxTextBytes = 16 * 1_048_576;

/** An open input that is read piece by piece. */
export interface Input {
  name: string;
  stats: Stats;
  /** Fills the buffer and returns its length; less only at the end of the input. */
  read(buffer: Uint8Array): Promise<number>;
  /** Begins again; only for a named regular file. */
  rewind(): void;
  /** May be called again. */
  close(): void;
}

export interface Source {
  /** The file's name; undefined for stdin. */
  file: string | undefined;
  /** Whether its mode lets other users read it. */
  othersRead: boolean;
  bytes: Uint8Array;
}

export interface ReadOptions {
  /** At most so many bytes; 16 MiB if not given. */
  limit?: number;
  /** Nothing but a regular file: a pipe would be waited for. */
  regular?: boolean;
}

/** Opens a named file for reading; `undefined` and `-` are stdin. */
async function openInput(file: string | undefined, { regular }: ReadOptions): Promise<number> {
  if (file === undefined || (file === "-" && !regular)) {
    if (await isTerminal(0)) tell("hint", "reading from the terminal; Ctrl-D ends it");
    return 0;
  }
  const flags = constants.O_RDONLY | (regular ? constants.O_NONBLOCK : 0);
  const descriptor = await attempt(`cannot read ${file}`, () => openSync(pathOf(file), flags));
  if (!regular || fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  return fail("malformed", `${file} is not a regular file`);
}

/**
 * Reads a file, or stdin, whole.
 *
 * @throws io, malformed: longer than `limit`
 */
export async function readWhole(
  file: string | undefined,
  options: ReadOptions = {},
): Promise<Source> {
  const { limit = maxTextBytes } = options;
  const input = await openInput(file, options);
  const named = input === 0 ? undefined : file;
  let buffer = new Uint8Array(Math.min(limit + 1, 65_536));
  let length = 0;
  try {
    const othersRead = (fstatSync(input).mode & 0o044) !== 0;
    while (true) {
      const count = retry(() => readSync(input, buffer, length, buffer.length - length, null));
      if (count === 0) return { file: named, othersRead, bytes: buffer.subarray(0, length) };
      length += count;
      if (length > limit) fail("malformed", `${named ?? "stdin"} has more than ${limit} bytes`);
      if (length === buffer.length) buffer = grow(buffer, limit + 1);
    }
  } catch (error) {
    wipe(buffer);
    return await failSystem(`cannot read ${named ?? "stdin"}`, error);
  } finally {
    if (input !== 0) closeSync(input);
  }
}

function grow(buffer: Uint8Array<ArrayBuffer>, limit: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(2 * buffer.length, limit));
  larger.set(buffer);
  wipe(buffer);
  return larger;
}

/** Opens a file, or stdin, for reading in pieces. */
export async function openPieces(
  file: string | undefined,
  options: ReadOptions = {},
): Promise<Input> {
  const descriptor = await openInput(file, options);
  const name = descriptor === 0 ? "stdin" : (file as string);
  const stats = fstatSync(descriptor);
  let position: number | null = stats.isFile() && descriptor !== 0 ? 0 : null;
  const progress = (await isTerminal(2)) ? await import("./progress.ts") : undefined;
  const report = progress?.showProgress(escapeControls(name), stats);
  let bytesRead = 0;
  let isOpen = true;
  return {
    name,
    stats,
    async read(buffer) {
      let length = 0;
      while (length < buffer.length) {
        const room = buffer.subarray(length);
        const count = await attempt(`cannot read ${name}`, () =>
          stats.isFile()
            ? readSync(descriptor, room, 0, room.length, position)
            : readAside(descriptor, room),
        );
        if (count === 0) break;
        length += count;
        if (position !== null) position += count;
      }
      bytesRead += length;
      report?.(bytesRead, length < buffer.length);
      return length;
    },
    rewind() {
      position = 0;
      bytesRead = 0;
    },
    close() {
      if (isOpen && descriptor !== 0) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** One read off the main thread, so that a signal can be answered while a writer is slow. */
export async function readAside(descriptor: number, buffer: Uint8Array): Promise<number> {
  while (true) {
    const { error, count } = await new Promise<{ error: Error | null; count: number }>(
      (resolve) => {
        read(descriptor, buffer, 0, buffer.length, null, (error, count) =>
          resolve({ error, count }),
        );
      },
    );
    if (!error) return count;
    if (errnoOf(error) !== "EAGAIN") throw error;
    await Bun.sleep(2);
  }
}

/** Input from stdin and named files: read whole, within bounds, or in pieces. */

import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from "node:fs";
import { concat, secretBytes, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { attempt, errnoOf } from "../system/errno.ts";
import { tell } from "../system/messages.ts";
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
  /** Only a regular file: a pipe might never end. */
  regular?: boolean;
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
  const input = await openPieces(file, options);
  const pieces: Uint8Array[] = [];
  try {
    for (let length = 0; ; ) {
      const piece = secretBytes(65_536);
      pieces.push(piece);
      const count = await input.read(piece);
      length += count;
      if (length > limit) {
        fail("malformed", `${input.name} has more than ${limit} bytes, the limit`);
      }
      if (count === piece.length) continue;
      const bytes = concat(...pieces.slice(0, -1), piece.subarray(0, count));
      const othersRead = (input.stats.mode & 0o044) !== 0;
      return { file: input.name === "stdin" ? undefined : file, othersRead, bytes };
    }
  } finally {
    wipe(...pieces);
    input.close();
  }
}

/** Opens a file to read in pieces; stdin for `undefined` and `-`. @throws io, malformed */
export async function openPieces(
  file: string | undefined,
  { regular }: ReadOptions = {},
): Promise<Input> {
  if (file === undefined || (file === "-" && !regular)) {
    if (await isTerminal(0)) tell("hint", "reading from the terminal: end with Ctrl-D");
    return piecesOf(0, "stdin", fstatSync(0));
  }
  const flags = constants.O_RDONLY | (regular ? constants.O_NONBLOCK : 0);
  const descriptor = await attempt(`cannot read ${file}`, () => openSync(file, flags));
  const stats = fstatSync(descriptor);
  if (stats.isFile() || (!regular && !stats.isDirectory())) {
    return piecesOf(descriptor, file, stats);
  }
  closeSync(descriptor);
  if (regular) return fail("malformed", `${file} is not a regular file`);
  return fail("io", `cannot read ${file}: it is a folder`, "name a file in it");
}

function piecesOf(descriptor: number, name: string, stats: Stats): Input {
  let position: number | null = stats.isFile() && descriptor !== 0 ? 0 : null;
  let isOpen = descriptor !== 0;
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
      return length;
    },
    rewind() {
      position = 0;
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** One read off the main thread, so that signals are handled while a writer is slow. */
export async function readAside(descriptor: number, buffer: Uint8Array): Promise<number> {
  while (true) {
    const result = await new Promise<number | Error>((resolve) => {
      read(descriptor, buffer, 0, buffer.length, null, (error, count) => resolve(error ?? count));
    });
    if (typeof result === "number") return result;
    if (errnoOf(result) !== "EAGAIN") throw result;
    await Bun.sleep(2);
  }
}

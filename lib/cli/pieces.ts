/** Input that is read piece by piece: vaults and their plaintext, of whatever length. */

import { closeSync, fstatSync, read, readSync, type Stats } from "node:fs";
import { openInput } from "./input.ts";
import { escapeControls } from "./messages.ts";
import { clearProgress, showProgress } from "./progress.ts";
import { attempt, errnoOf } from "./system.ts";

/** An open input that is read piece by piece. */
export interface Input {
  name: string;
  stats: Stats;
  /** Fills the buffer and returns its length; less only at the end of the input. */
  read(buffer: Uint8Array): Promise<number>;
  /** Begins again; only for a named regular file. */
  rewind(): void;
  close(): void;
}

/** Opens a file, or stdin, for reading in pieces. */
export async function openPieces(file: string | undefined): Promise<Input> {
  const descriptor = await openInput(file);
  const name = descriptor === 0 ? "stdin" : (file as string);
  const stats = fstatSync(descriptor);
  let position: number | null = stats.isFile() && descriptor !== 0 ? 0 : null;
  const progress = await showProgress(
    escapeControls(name),
    stats.isFile() ? stats.size : undefined,
  );
  let bytesRead = 0;
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
      if (length < buffer.length) clearProgress();
      else progress(bytesRead);
      return length;
    },
    rewind() {
      position = 0;
      bytesRead = 0;
    },
    close() {
      if (descriptor !== 0) closeSync(descriptor);
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

/** Input that is read whole, from stdin and named files: bounded, and told when it is empty. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { tell } from "./messages.ts";
import { attempt, failSystem, retry } from "./system.ts";
import { isTerminal } from "./terminal.ts";

/** More text than this is no list of shares. */
export const maxTextBytes = 16 * 1_048_576;
export interface Source {
  /** The file's name; undefined for stdin. */
  file: string | undefined;
  /** Whether its mode lets other users read it. */
  othersRead: boolean;
  bytes: Uint8Array;
}

/** Opens a named file for reading; `undefined` and `-` are stdin. */
export async function openInput(file: string | undefined): Promise<number> {
  if (file === undefined || file === "-") {
    if (await isTerminal(0)) tell("hint", "reading from the terminal; Ctrl-D ends it");
    return 0;
  }
  return attempt(`cannot read ${file}`, () => openSync(file, "r"));
}

/**
 * Reads a file, or stdin, whole, up to `limit` bytes.
 *
 * @throws io, malformed: longer than `limit`
 */
export async function readWhole(
  file: string | undefined,
  limit: number = maxTextBytes,
): Promise<Source> {
  const input = await openInput(file);
  const named = input === 0 ? undefined : file;
  const othersRead = (fstatSync(input).mode & 0o044) !== 0;
  let buffer = new Uint8Array(Math.min(limit + 1, 65_536));
  let length = 0;
  try {
    while (true) {
      const count = retry(() => readSync(input, buffer, length, buffer.length - length, null));
      if (count === 0) return { file: named, othersRead, bytes: buffer.subarray(0, length) };
      length += count;
      if (length > limit) fail("malformed", `${named ?? "stdin"} has more than ${limit} bytes`);
      if (length === buffer.length) buffer = grow(buffer, limit + 1);
    }
  } catch (error) {
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

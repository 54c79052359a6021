/** Input that is read whole, from stdin and named files: bounded, and told when it is empty. */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { wipe } from "../core/bytes.ts";
import { type ErrorCode, fail } from "../core/errors.ts";
import { tell } from "./messages.ts";
import { pathOf } from "./paths.ts";
import { attempt, failSystem, retry } from "./system.ts";
import { isTerminal } from "./terminal.ts";

/** More text than this is no list of shares. */
export const maxTextBytes = 16 * 1_048_576;
/** More than this is no file of one key. */
export const maxKeyFileBytes = 65_536;

export const emptyHint = "stdin was empty: did the command before it in the pipe fail?";

export interface Source {
  /** The file's name; undefined for stdin. */
  file: string | undefined;
  bytes: Uint8Array;
  /** Whether others than the owner may read the file. */
  isOpenToOthers: boolean;
}

/** Opens a named file for reading; `undefined` and `-` are stdin. */
export async function openInput(file: string | undefined): Promise<number> {
  if (file === undefined || file === "-") {
    if (await isTerminal(0)) tell("hint", "reading from the terminal; Ctrl-D ends it");
    return 0;
  }
  return attempt(`cannot read ${file}`, () => openSync(pathOf(file), "r"));
}

/**
 * Opens a named file that nothing but a regular file may stand for: a pipe would be waited for.
 *
 * @throws io, malformed
 */
export async function openRegular(file: string): Promise<number> {
  const { O_RDONLY, O_NONBLOCK } = constants;
  const open = () => openSync(pathOf(file), O_RDONLY | O_NONBLOCK);
  const descriptor = await attempt(`cannot read ${file}`, open);
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  return fail("malformed", `${file} is not a regular file`);
}

/**
 * Reads a file, or stdin, whole, up to `limit` bytes.
 *
 * @throws io, malformed: longer than `limit`
 */
export async function readWhole<Name extends string | undefined>(
  file: Name,
  limit: number,
  open: (file: Name) => Promise<number> = openInput,
): Promise<Source> {
  const input = await open(file);
  const named = input === 0 ? undefined : file;
  let buffer = new Uint8Array(Math.min(limit + 1, 65_536));
  let length = 0;
  try {
    const isOpenToOthers = (fstatSync(input).mode & 0o044) !== 0;
    while (true) {
      const count = retry(() => readSync(input, buffer, length, buffer.length - length, null));
      if (count === 0) return { file: named, bytes: buffer.subarray(0, length), isOpenToOthers };
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

/**
 * Reads the named files in order, or stdin where none is named; `-` among them is stdin.
 *
 * @throws io, malformed, usage
 */
export async function readSources(files: string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const file of files.length > 0 ? files : [undefined]) {
    sources.push(await readWhole(file, maxTextBytes));
  }
  return sources;
}

/**
 * Refuses input without any content, so that a pipe whose first command failed fails to the end.
 *
 * @throws the given code
 */
export function failEmpty(sources: Pick<Source, "file">[], code: ErrorCode, wanted: string): never {
  const files = sources.map(({ file }) => file ?? "stdin").join(", ");
  const stdin = sources.some(({ file }) => file === undefined);
  return fail(code, `no ${wanted} in ${files}`, stdin ? emptyHint : undefined);
}

/**
 * Reads a raw key of exactly that many bytes from a file, or from stdin.
 *
 * @throws io, malformed
 */
export async function readKey(file: string | undefined, keyBytes: number): Promise<Uint8Array> {
  const source = await readWhole(file, maxTextBytes);
  const length = source.bytes.length;
  if (length === 0) failEmpty([source], "malformed", "key");
  if (length === keyBytes) return source.bytes;
  const hint = length === keyBytes + 1 ? "a newline may have been added" : undefined;
  const name = source.file ?? "stdin";
  return fail("malformed", `${name} has ${length} bytes, expected a key of ${keyBytes}`, hint);
}

/** A private key that others can read is no longer private. */
export function warnIfOthersRead({ file, isOpenToOthers }: Source): void {
  if (file === undefined || !isOpenToOthers) return;
  tell("warning", `others can read the private key ${file}: chmod 600 it`);
}

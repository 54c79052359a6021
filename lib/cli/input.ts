/** Input from stdin and named files: bounded, and never mistaken for empty when it failed. */

import { closeSync, fstatSync, openSync, read, readSync, type Stats, statSync } from "node:fs";
import { concat, wipe } from "../bytes.ts";
import { type ErrorCode, fail } from "../errors.ts";
import { tell } from "./messages.ts";
import { attempt, errnoOf, failSystem, retry } from "./system.ts";
import { isTerminal } from "./terminal.ts";

/** More text than this is no share, key or recipient list. */
export const maxTextBytes = 16 * 1_048_576;

const emptyHint = "stdin was empty: did the command before it in the pipe fail?";

export interface Source {
  /** The file's name; undefined for stdin. */
  file: string | undefined;
  bytes: Uint8Array;
}

/** Opens a named file for reading; `undefined` and `-` are stdin. */
export async function openInput(file: string | undefined): Promise<number> {
  if (file === undefined || file === "-") return 0;
  return attempt(`cannot read ${file}`, () => openSync(file, "r"));
}

/**
 * Reads a file, or stdin, whole, up to `limit` bytes.
 *
 * @throws io, malformed: longer than `limit`
 */
export async function readWhole(file: string | undefined, limit: number): Promise<Source> {
  const input = await openInput(file);
  const named = input === 0 ? undefined : file;
  if (input === 0 && (await isTerminal(0)))
    tell("hint", "reading from the terminal; Ctrl-D ends it");
  let buffer = new Uint8Array(Math.min(limit + 1, 65_536));
  let length = 0;
  try {
    while (true) {
      const count = retry(() => readSync(input, buffer, length, buffer.length - length, null));
      if (count === 0) return { file: named, bytes: buffer.subarray(0, length) };
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

/**
 * Reads the named files in order, or stdin where none is named; `-` among them is stdin.
 *
 * @throws io, malformed, usage
 */
export async function readSources(files: string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const file of files.length > 0 ? files : [undefined]) {
    refuseSecretOperand(file);
    sources.push(await readWhole(file, maxTextBytes));
  }
  return sources;
}

/** A share typed as an argument is in the shell's history and in `ps`; it is not repeated here. */
export function refuseSecretOperand(file: string | undefined): void {
  if (/^wd(share|key|sealed)1/i.test(file ?? "")) {
    fail("usage", "a share or key was given as an argument", "give it on stdin or in a file");
  }
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
export function warnIfOthersRead(file: string): void {
  if ((statSync(file).mode & 0o044) === 0) return;
  tell("warning", `others can read the private key ${file}: chmod 600 it`);
}

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
      if (descriptor !== 0) closeSync(descriptor);
    },
  };
}

/** All of an input whose first bytes have been read; `maxTextBytes` at most. */
export async function readRest(input: Input, start: Uint8Array): Promise<Uint8Array> {
  const parts = [start];
  let length = start.length;
  while (length <= maxTextBytes) {
    const part = new Uint8Array(65_536);
    const partBytes = await input.read(part);
    parts.push(part.subarray(0, partBytes));
    length += partBytes;
    if (partBytes < part.length) return concat(...parts);
  }
  return fail("malformed", `${input.name} has more than ${maxTextBytes} bytes`);
}

/** The length of an input of which `start` bytes have been read, read through if need be. */
export async function measure(input: Input, start: number): Promise<number> {
  if (input.stats.isFile()) return input.stats.size;
  const buffer = new Uint8Array(1_048_576);
  let length = start;
  while (true) {
    const count = await input.read(buffer);
    length += count;
    if (count < buffer.length) return length;
  }
}

/** The input's `read`, which fails where there is nothing at all. */
export function refuseEmpty({ name, read }: Input, wanted: string, unless: string): Input["read"] {
  let first = true;
  return async (buffer) => {
    const length = await read(buffer);
    if (first && length === 0) {
      const failed = name === "stdin" ? `${emptyHint} ` : "";
      fail("malformed", `no ${wanted} in ${name}`, `${failed}${unless} if that is meant`);
    }
    first = false;
    return length;
  };
}

/** One read off the main thread, so that a signal can be answered while a writer is slow. */
async function readAside(descriptor: number, buffer: Uint8Array): Promise<number> {
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

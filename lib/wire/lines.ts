/** Text input to tokens: one per line, without comments and separators (SPEC, "Text"). */

import { at, fail } from "../core/errors.ts";
import { isUnverified } from "./text.ts";

/** A token and its place, as messages name it: `line 2` or `offline.txt: line 2`. */
export interface Line {
  where: string;
  token: Uint8Array;
  /** Whether the command takes --accept-corrections, for hints. */
  corrects?: boolean;
}

/** The longest token has 2,639 characters. */
export const maxLineBytes = 4096;
const byteOrderMark = [0xef, 0xbb, 0xbf];
const [tab, newline, carriageReturn, space, hash, hyphen] = [0x09, 0x0a, 0x0d, 0x20, 0x23, 0x2d];

/**
 * The tokens of a file or of stdin, in order; none if there are only blanks and comments.
 * Overwrites its input: the tokens are parts of it.
 *
 * @throws malformed: a byte that is not printable ASCII outside a comment, an over-long line
 */
export function readLines(bytes: Uint8Array, file?: string): Line[] {
  const lines: Line[] = [];
  let number = 0;
  let start = hasMark(bytes) ? byteOrderMark.length : 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(newline, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    const where = `${file === undefined ? "" : `${file}: `}line ${++number}`;
    const token = stripLine(line, where);
    if (token.length > 0) lines.push({ where, token });
    start += line.length + 1;
  }
  return lines;
}

/**
 * The token of input that must hold exactly one, such as a key file.
 *
 * @throws malformed
 */
export function readOnlyLine(bytes: Uint8Array, wanted: string, file?: string): Line {
  const [line, second] = readLines(bytes, file);
  if (!line) return fail("malformed", `${file ?? "stdin"}: no ${wanted}`);
  if (second) fail("malformed", `${second.where}: expected only one ${wanted}`);
  return line;
}

/**
 * Decodes a line's token; errors name the line. If the token does not verify, lib/typing is
 * loaded to locate the faults.
 */
export function decodeLine<T>(
  line: Line,
  decode: (token: Uint8Array) => T | Promise<T>,
): Promise<T> {
  return at(line.where, async () => {
    try {
      return await decode(line.token);
    } catch (error) {
      if (!isUnverified(error)) throw error;
      const { explain } = await import("../typing/explain.ts");
      return explain(line.token, line.corrects === true);
    }
  });
}

/** Drops separators and comments in place, so that wiping the input wipes the token too. */
function stripLine(line: Uint8Array, where: string): Uint8Array {
  const body = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
  let length = 0;
  let blank = true;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] as number;
    if (byte === hash && blank) break;
    if (i >= maxLineBytes) fail("malformed", `${where}: longer than ${maxLineBytes} bytes`);
    if (byte === space || byte === tab) continue;
    blank = false;
    if (byte < space || byte > 0x7e) {
      fail("malformed", `${where}: byte ${i + 1} is not plain ASCII text`, hintAt(body));
    }
    if (byte !== hyphen) body[length++] = byte;
  }
  return body.subarray(0, length);
}

function hasMark(bytes: Uint8Array): boolean {
  return byteOrderMark.every((byte, i) => bytes[i] === byte);
}

/** Explains what some editors and shells write. */
function hintAt(body: Uint8Array): string {
  if (hasMark(body)) return "a byte order mark: name the files as arguments instead of using cat";
  const isWide = body[0] === 0xff || body[0] === 0xfe || body[0] === 0 || body[1] === 0;
  if (isWide) return "it looks like UTF-16: save it as plain text";
  return "a share or key has letters, digits, spaces and hyphens only";
}

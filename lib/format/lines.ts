/** Text input to tokens: one a line, comments and separators dropped (SPEC, "Text"). */

import { fail } from "../errors.ts";

/** A token and where it stood, as messages name it: `line 2` or `offline.txt: line 2`. */
export interface Line {
  where: string;
  token: Uint8Array;
}

/** Longer lines are none of ours: the longest token has 898 characters. */
const maxLineBytes = 4096;
const byteOrderMark = [0xef, 0xbb, 0xbf];
const [tab, newline, carriageReturn, space, hash, hyphen] = [0x09, 0x0a, 0x0d, 0x20, 0x23, 0x2d];

/**
 * The tokens of a file or of stdin, in order; none where there are only blanks and comments.
 *
 * @throws malformed: a byte that is not printable ASCII outside a comment, an over-long line
 */
export function readLines(bytes: Uint8Array, file?: string): Line[] {
  const lines: Line[] = [];
  let number = 0;
  let start = byteOrderMark.every((byte, i) => bytes[i] === byte) ? 3 : 0;
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
  if (second) fail("malformed", `${second.where}: expected nothing behind the one ${wanted}`);
  return line;
}

function stripLine(line: Uint8Array, where: string): Uint8Array {
  const body = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
  const token = new Uint8Array(Math.min(body.length, maxLineBytes));
  let length = 0;
  let blank = true;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] as number;
    if (i >= maxLineBytes) fail("malformed", `${where}: longer than ${maxLineBytes} bytes`);
    if (byte === space || byte === tab) continue;
    if (byte === hash && blank) break;
    blank = false;
    if (byte < space || byte > 0x7e) {
      const hint = isWide(body) ? "it looks like UTF-16: save it as plain text" : undefined;
      fail("malformed", `${where}: byte ${i + 1} is not plain ASCII text`, hint);
    }
    if (byte !== hyphen) token[length++] = byte;
  }
  return token.subarray(0, length);
}

/** Some editors and shells write two bytes a character. */
function isWide(body: Uint8Array): boolean {
  return body[0] === 0xff || body[0] === 0xfe || body[0] === 0 || body[1] === 0;
}

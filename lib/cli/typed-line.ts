/** A line that is typed at the terminal, in raw mode or not. */

import { wipe } from "../core/bytes.ts";
import { errnoOf, failSystem } from "../system/errno.ts";
import { die } from "../system/signals.ts";
import { readAside } from "./input.ts";

export interface Typed {
  /** Without its end; undefined if the input ended. */
  line: Uint8Array | undefined;
  /** Whether keys were pressed that do nothing here, such as arrows. */
  keys: boolean;
}

const [ctrlC, ctrlD, backspace, newline, carriageReturn, ctrlU, esc, space, del] = [
  0x03, 0x04, 0x08, 0x0a, 0x0d, 0x15, 0x1b, 0x20, 0x7f,
];
const maxLineBytes = 4096;
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: keys and pasting send them
const partOfSequence = /^\x1b(\[[0-?]*[ -/]*|O?)$/;
const wholeSequence = /^\x1b(\[[0-?]*[ -/]*|O)[@-~]$/;
const pasting = /^\x1b\[20[01]~$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: keys and pasting send them

/**
 * Does with a line, and with Ctrl-C, what a terminal does when it is not in raw mode, as far as is
 * needed. `typed` has what was read ahead.
 */
export async function readLine(descriptor: number, typed: number[]): Promise<Typed> {
  const line = new Uint8Array(maxLineBytes);
  let length = 0;
  let sequence = "";
  let keys = false;
  while (true) {
    if (typed.length === 0) {
      const some = await readSome(descriptor);
      typed.push(...some);
      wipe(some);
    }
    const byte = typed.shift();
    if (byte === undefined || (byte === ctrlD && length === 0)) return { line: undefined, keys };
    const before = sequence;
    sequence = before || byte === esc ? before + String.fromCharCode(byte) : "";
    if (partOfSequence.test(sequence)) continue;
    const isKey = wholeSequence.test(sequence);
    keys ||= isKey && !pasting.test(sequence);
    sequence = "";
    if (isKey) continue;
    if (byte === newline || byte === carriageReturn) {
      return { line: line.subarray(0, length), keys };
    }
    if (byte === ctrlC) die("SIGINT");
    else if (byte === backspace || byte === del) length = Math.max(0, length - 1);
    else if (byte === ctrlU) length = 0;
    else if (byte >= space && length < maxLineBytes) line[length++] = byte;
  }
}

/** What can be read now; nothing if the terminal is gone. */
async function readSome(descriptor: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(1024);
  try {
    return buffer.subarray(0, await readAside(descriptor, buffer));
  } catch (error) {
    if (errnoOf(error) === "EIO") return buffer.subarray(0, 0);
    return await failSystem("cannot read the terminal", error);
  }
}

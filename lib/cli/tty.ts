/**
 * Talking to the person at the terminal, past stdin and stdout, which stay free for pipes. Without
 * echo, the terminal is in raw mode, and is put back whatever ends that.
 */

import { closeSync, openSync } from "node:fs";
import type { ReadStream } from "node:tty";
import { wipe } from "../core/bytes.ts";
import { errnoOf, failSystem, writeAll } from "../system/errno.ts";
import { die, onFatalSignal } from "../system/signals.ts";
import { isTerminal } from "../system/terminal.ts";
import { readAside } from "./input.ts";
import type { Terminal } from "./io.ts";

/** Opens /dev/tty or, where there is none as on a bare console, the terminal that is stdin. */
export async function openTerminal(): Promise<Terminal> {
  const descriptor = await openDevice();
  const typed: number[] = []; // read, and not yet asked for
  const show = (text: string) => showOn(descriptor, text);
  let device: ReadStream | undefined;
  let restore: (() => void) | undefined; // while typing is hidden
  const showTyping = () => {
    restore?.();
    restore = undefined;
  };
  return {
    show,
    clear: () => show(process.env["TERM"] === "dumb" ? "\n" : "\x1b[H\x1b[2J\x1b[3J"),
    async ask(prompt, { echo }) {
      // Before the prompt, and until something else is asked: what is typed ahead is not shown either.
      if (!echo) device ??= await openStream(descriptor);
      if (device && !echo) restore ??= hideTyping(device);
      else showTyping();
      show(prompt);
      const line = await readLine(descriptor, typed);
      if (!echo) show("\n");
      return line;
    },
    close() {
      showTyping();
      if (descriptor !== 0) closeSync(descriptor);
    },
  };
}

async function openDevice(): Promise<number> {
  try {
    return openSync("/dev/tty", "r+");
  } catch (error) {
    if (await isTerminal(0)) return 0;
    return await failSystem("cannot open /dev/tty", error);
  }
}

async function openStream(descriptor: number): Promise<ReadStream> {
  const { ReadStream } = await import("node:tty"); // slow to load
  return new ReadStream(descriptor);
}

/** Where the terminal is gone nothing is shown: whoever reads from it will find that out. */
function showOn(descriptor: number, text: string): void {
  try {
    writeAll(descriptor, new TextEncoder().encode(text));
  } catch (error) {
    if (errnoOf(error) !== "EIO") throw error;
  }
}

/** Returns what ends that. */
function hideTyping(device: ReadStream): () => void {
  const restore = () => {
    try {
      device.setRawMode(false);
    } catch {
      // the terminal is gone, and its mode with it
    }
  };
  const stopListening = onFatalSignal(restore);
  device.setRawMode(true);
  return () => {
    restore();
    stopListening();
  };
}

const [ctrlC, ctrlD, backspace, newline, carriageReturn, ctrlU, space, del] = [
  0x03, 0x04, 0x08, 0x0a, 0x0d, 0x15, 0x20, 0x7f,
];
const maxLineBytes = 4096;

/** What a terminal does with a line, and with Ctrl-C, by itself when it is not in raw mode, as far as one needs it. */
async function readLine(descriptor: number, typed: number[]): Promise<Uint8Array | undefined> {
  const line = new Uint8Array(maxLineBytes);
  let length = 0;
  while (true) {
    if (typed.length === 0) {
      const some = await readSome(descriptor);
      typed.push(...some);
      wipe(some);
    }
    const byte = typed.shift();
    if (byte === undefined || (byte === ctrlD && length === 0)) return undefined;
    if (byte === newline || byte === carriageReturn) return line.subarray(0, length);
    if (byte === ctrlC) die("SIGINT");
    else if (byte === backspace || byte === del) length = Math.max(0, length - 1);
    else if (byte === ctrlU) length = 0;
    else if (byte >= space && length < maxLineBytes) line[length++] = byte;
  }
}

/** What there is to be read; nothing where the terminal is gone. */
async function readSome(descriptor: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(1024);
  try {
    return buffer.subarray(0, await readAside(descriptor, buffer));
  } catch (error) {
    if (errnoOf(error) === "EIO") return buffer.subarray(0, 0);
    return await failSystem("cannot read the terminal", error);
  }
}

/**
 * Talks to the person at the terminal, bypassing stdin and stdout, which stay free for pipes. Without
 * echo, the terminal is in raw mode, and is restored however that ends.
 */

import { closeSync, openSync } from "node:fs";
import type { ReadStream } from "node:tty";
import { errnoOf, failSystem, writeAll } from "../system/errno.ts";
import { onFatalSignal } from "../system/signals.ts";
import { isTerminal } from "../system/terminal.ts";
import type { Terminal } from "./io.ts";
import { readLine } from "./typed-line.ts";

/** Opens /dev/tty or, where there is none as on a bare console, the terminal that is stdin. */
export async function openTerminal(): Promise<Terminal> {
  const descriptor = await openDevice();
  const typed: number[] = []; // read ahead
  const show = (text: string) => showOn(descriptor, text);
  let device: ReadStream | undefined;
  let restore: (() => void) | undefined; // while typing is hidden
  const showTyping = () => {
    restore?.();
    restore = undefined;
  };
  const isDumb = process.env["TERM"] === "dumb";
  return {
    show,
    keeps: isDumb,
    turn() {
      if (isDumb) return () => {};
      const turnBack = () => show(`${wipeScreen}\x1b[?1049l`);
      const stopListening = onFatalSignal(turnBack);
      show(`\x1b[?1049h${wipeScreen}`);
      return () => {
        turnBack();
        stopListening();
      };
    },
    clear: () => show(isDumb ? "\n" : wipeScreen),
    async ask(prompt, { echo }) {
      // Before the prompt, and until something else is asked: what is typed ahead is not shown either.
      if (!echo) device ??= await openStream(descriptor);
      if (device && !echo) restore ??= hideTyping(device);
      else showTyping();
      show(prompt);
      const { line, keys } = await readLine(descriptor, typed);
      if (!echo) show("\n");
      if (keys) show("  only Backspace and Ctrl-U change what is typed: other keys were ignored\n");
      return line;
    },
    close() {
      showTyping();
      if (descriptor !== 0) closeSync(descriptor);
    },
  };
}

/** Erases each row, since some terminals keep the rows of a screen that is cleared as a whole. */
const eraseRows = Array.from({ length: 60 }, (_, i) => `\x1b[${60 - i}H\x1b[2K`).join("");
const wipeScreen = `${eraseRows}\x1b[2J\x1b[3J`;

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

/** If the terminal is gone, nothing is shown: the next read will notice. */
function showOn(descriptor: number, text: string): void {
  try {
    writeAll(descriptor, new TextEncoder().encode(text));
  } catch (error) {
    if (errnoOf(error) !== "EIO") throw error;
  }
}

/** Returns a function that shows it again. */
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

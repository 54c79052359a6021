/** How far long work is: one line on stderr that is written over, where stderr is a terminal. */

import { writeSync } from "node:fs";
import { isTerminal } from "./terminal.ts";

/** Is told how many bytes have been read so far. */
export type Progress = (bytes: number) => void;

const firstAfterMs = 700;
const everyMs = 200;
const mebibyte = 1_048_576;

let isShown = false;

/** `name` is printed as it is. Work that is soon done shows nothing. */
export async function showProgress(name: string, total: number | undefined): Promise<Progress> {
  if (!(await isTerminal(2))) return () => {};
  let nextAt = performance.now() + firstAfterMs;
  return (bytes) => {
    if (performance.now() < nextAt) return;
    nextAt = performance.now() + everyMs;
    const of = total === undefined ? "" : ` of ${Math.ceil(total / mebibyte)}`;
    show(`\r\x1b[K${name}: ${Math.floor(bytes / mebibyte)}${of} MiB`);
    isShown = true;
  };
}

/** Takes the line away, before something else is written to stderr or the work is done. */
export function clearProgress(): void {
  if (!isShown) return;
  isShown = false;
  show("\r\x1b[K");
}

function show(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // it is only for the eyes
  }
}

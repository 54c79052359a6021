/** The progress of long work: one line on stderr, overwritten, if stderr is a terminal. */

import { writeSync } from "node:fs";
import { isTerminal } from "./terminal.ts";

/** Called with the number of bytes read so far. */
export type Progress = (bytes: number) => void;

const firstAfterMs = 700;
const everyMs = 200;
const mebibyte = 1_048_576;

let isShown = false;

/** `name` is printed as it is. Short work shows nothing. */
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

/** Removes the line, before anything else is written to stderr or when the work is done. */
export function clearProgress(): void {
  if (!isShown) return;
  isShown = false;
  show("\r\x1b[K");
}

function show(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // progress is not essential
  }
}

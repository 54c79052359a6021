/** The progress of long work: one line on stderr, overwritten, if stderr is a terminal. */

import { type Stats, writeSync } from "node:fs";
import { beforeTelling } from "../system/messages.ts";

const firstAfterMs = 700;
const everyMs = 200;
const mebibyte = 1_048_576;

let isShown = false;

/**
 * Returns a function to call with the number of bytes read so far, and whether that is all. `name` is
 * printed as it is. Short work shows nothing.
 */
export function showProgress(name: string, stats: Stats) {
  const of = stats.isFile() ? ` of ${Math.ceil(stats.size / mebibyte)}` : "";
  let nextAt = performance.now() + firstAfterMs;
  beforeTelling(clearProgress);
  return (bytes: number, isEnd: boolean): void => {
    if (isEnd) clearProgress();
    if (isEnd || performance.now() < nextAt) return;
    nextAt = performance.now() + everyMs;
    show(`\r\x1b[K${name}: ${Math.floor(bytes / mebibyte)}${of} MiB`);
    isShown = true;
  };
}

/** Removes the line, before anything else is written to stderr or when the work is done. */
function clearProgress(): void {
  if (isShown) show("\r\x1b[K");
  isShown = false;
}

function show(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // it is only for the eyes
  }
}

/** How far long work is: one line on stderr, a terminal, that is written over. */

import { type Stats, writeSync } from "node:fs";
import { beforeTelling } from "../system/messages.ts";

const firstAfterMs = 700;
const everyMs = 200;
const mebibyte = 1_048_576;

let isShown = false;

/**
 * What is to be told how many bytes have been read so far, and whether that is all. `name` is printed
 * as it is. Work that is soon done shows nothing.
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

/** Takes the line away, before something else is written to stderr or the work is done. */
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

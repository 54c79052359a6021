/** What a descriptor refers to. */

import { fstatSync } from "node:fs";

/** Linux's /dev/null, which also replaces a stdin or stdout that was closed at the start. */
const nullDevice = 0x103;

export async function isTerminal(descriptor: 0 | 1 | 2): Promise<boolean> {
  if (!fstatSync(descriptor).isCharacterDevice() || isNull(descriptor)) return false;
  const { isatty } = await import("node:tty"); // slow to load, and rarely needed
  return isatty(descriptor);
}

export function isNull(descriptor: 0 | 1 | 2): boolean {
  const stats = fstatSync(descriptor);
  return stats.isCharacterDevice() && stats.rdev === nullDevice;
}

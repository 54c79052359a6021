/** What is at the other end of a descriptor. */

import { fstatSync } from "node:fs";

/** Linux's /dev/null, as stdin and stdout also are when they were closed before we began. */
const nullDevice = 0x103;

export async function isTerminal(descriptor: 0 | 1 | 2): Promise<boolean> {
  if (!fstatSync(descriptor).isCharacterDevice() || isNull(descriptor)) return false;
  const { isatty } = await import("node:tty"); // slow to load, and seldom needed
  return isatty(descriptor);
}

export function isNull(descriptor: 0 | 1 | 2): boolean {
  const stats = fstatSync(descriptor);
  return stats.isCharacterDevice() && stats.rdev === nullDevice;
}

/** The exit status of each error, and what they mean in every command. */

import type { ErrorCode } from "../core/errors.ts";

export const exitCodes: Record<ErrorCode, number> = {
  io: 1,
  usage: 2,
  malformed: 3,
  "too-few": 4,
  mismatch: 5,
  refused: 6,
};
export const internalExitCode = 70;

/** For the manuals. */
export const exitMeanings: Record<number, string> = {
  0: "done",
  1: "input or output failed: file missing, disk full, pipe closed",
  2: "the command line is wrong",
  3: "the input is malformed: a bad line, a bad checksum, not a vault",
  4: "too few shares",
  5: "it does not verify: wrong key, tampered, damaged",
  6: "refused: it would overwrite, reveal or repeat something, or choose for you",
  70: "a bug in worstday",
};

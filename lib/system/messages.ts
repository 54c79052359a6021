/** What a person reads on stderr: one line each, `NAME: error|warning|hint: …`. */

import { writeSync } from "node:fs";

let programName = "worstday";
let prepare = () => {};

/** Sets the NAME of every message from here on. */
export function nameProgram(name: string): void {
  programName = name;
}

/** Does this before each message. */
export function beforeTelling(action: () => void): void {
  prepare = action;
}

export function tell(kind: "error" | "warning" | "hint", message: string): void {
  prepare();
  try {
    writeSync(2, `${programName}: ${kind}: ${escapeControls(message)}\n`);
  } catch {
    // stderr is closed or full: the exit status still says it
  }
}

/**
 * Control and invisible formatting characters as \u{…}: names and paths come from others, and
 * must not move the cursor or forge a second message. Bytes of names that are not UTF-8 (paths.ts)
 * as \xNN.
 */
export function escapeControls(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return `\\u{${code.toString(16)}}`;
  });
}

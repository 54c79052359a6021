/** What a person reads on stderr: one line each, `NAME: error|warning|hint: …`. */

import { writeSync } from "node:fs";

let programName = "worstday";

/** Sets the NAME of every message from here on. */
export function nameProgram(name: string): void {
  programName = name;
}

export function tell(kind: "error" | "warning" | "hint", message: string): void {
  try {
    writeSync(2, `${programName}: ${kind}: ${escapeControls(message)}\n`);
  } catch {
    // stderr is closed or full: the exit status still says it
  }
}

/**
 * Control and invisible formatting characters as \u{…}: names and paths come from others, and
 * must not move the cursor or forge a second message.
 */
export function escapeControls(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}

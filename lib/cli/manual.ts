/** The texts of a command's definition, and of exit statuses. */

import type { Flag, Manual } from "./command.ts";

/** The paragraphs of a text, without the indentation of the source. */
export function paragraphs(text: string): string[] {
  return text.replace(/^ {4}/gm, "").trim().split("\n\n");
}

/** The examples: what each is about, and its pipeline. */
export function examplesOf({ examples }: Manual): { about: string; line: string }[] {
  const blocks = paragraphs(examples);
  return blocks.flatMap((block, i) => {
    const next = blocks[i + 1]?.replace(/^ {2}/gm, "");
    return i % 2 === 0 && next !== undefined ? [{ about: block, line: next }] : [];
  });
}

/** The first example's pipeline, as --help shows it. */
export function pipelineOf(manual: Manual): string {
  return (examplesOf(manual)[0]?.line ?? "").replace(/^/gm, "  ");
}

export function isOperand(flag: Flag): boolean {
  return flag.type === "positional";
}

/** An operand as manuals spell it: `FILE`, and `FILE...` for `files` that repeat. */
export function operandName(name: string, flag: Flag): string {
  return "multiple" in flag ? `${name.toUpperCase().replace(/S$/, "")}...` : name.toUpperCase();
}

/** What exit statuses mean in every command. */
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

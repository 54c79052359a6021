/**
 * A command's definition: citty's, with repeatable flags and the text of a manual. --help
 * (help.ts) and the manual pages (scripts/dev/manual.ts) are made from it.
 */

import type { BooleanArgDef, PositionalArgDef, StringArgDef } from "citty";
import type { Io } from "./io.ts";

type Repeatable = { multiple?: true };
export type Flag = BooleanArgDef | ((StringArgDef | PositionalArgDef) & Repeatable);
export type Flags = Record<string, Flag>;

/** The value of each flag or operand, as `run` gets it. */
export type Values<F extends Flags> = {
  [Name in keyof F]: F[Name] extends { type: "boolean" }
    ? boolean
    : F[Name] extends { multiple: true }
      ? string[]
      : F[Name] extends { required: true }
        ? string
        : string | undefined;
};

/** The manual of a command. All texts are plain ASCII. */
export interface Manual<F extends Flags = Flags> {
  /** The description is one line: lower case, no full stop. */
  meta: { name: string; description: string };
  /** Paragraphs, indented by four, at most 80 columns without that; --help has the first. */
  description: string;
  args: F;
  /** What exit statuses mean here, in addition to their common meaning (manual.ts). */
  exit?: Record<number, string>;
  /**
   * Sentences, each followed by its pipeline, indented by two more, as typed in the folder of the
   * executables. --help has the first pipeline.
   */
  examples: string;
}

/** The arguments of `run`, for a manual's flags and operands. */
export type Args<M extends Manual> = Values<M["args"]>;

/** A command with any flags; its file exports both. */
export interface Command {
  manual: Manual;
  run(args: never, io: Io): Promise<void>;
}

/** Ties the types of `args` to those of their values. */
export function defineManual<const F extends Flags>(manual: Manual<F>): Manual<F> {
  return manual;
}

/** The flag of every command that writes a result. */
export const outFlag = {
  type: "string",
  alias: "o",
  valueHint: "FILE",
  description: "write to this new file, mode 0600, instead of stdout",
} as const;

/** The flag of every command that writes a secret. */
export const forceFlag = {
  type: "boolean",
  description: "write the result even to a terminal",
} as const;

/** The flag of every command that reads lines that people may have typed. */
export const correctionsFlag = {
  type: "boolean",
  description: "correct mistyped lines as their checksums suggest",
} as const;

/** The operands of every command that reads named files instead of stdin. */
export const filesArgument = {
  type: "positional",
  multiple: true,
  required: false,
  description: "read these files instead of stdin",
} as const;

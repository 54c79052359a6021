/**
 * A command's definition: citty's, with flags that repeat and what a manual needs. --help
 * (help.ts), the manual pages and the completions (scripts/dev/) are all made of it.
 */

import type { BooleanArgDef, PositionalArgDef, StringArgDef } from "citty";
import type { Io } from "./io.ts";

type Repeatable = { multiple?: true };
export type Flag = BooleanArgDef | ((StringArgDef | PositionalArgDef) & Repeatable);
export type Flags = Record<string, Flag>;

/** What `run` is given for each flag or operand. */
export type Values<F extends Flags> = {
  [Name in keyof F]: F[Name] extends { type: "boolean" }
    ? boolean
    : F[Name] extends { multiple: true }
      ? string[]
      : F[Name] extends { required: true }
        ? string
        : string | undefined;
};

/** What a reader is told of a command. All texts are plain ASCII. */
export interface Manual<F extends Flags = Flags> {
  /** The description is one line: lower case, no full stop. */
  meta: { name: string; description: string };
  /** Paragraphs, at most 80 columns when four are taken away; --help has the first. */
  description: string;
  args: F;
  /** What exit statuses mean here in particular: added to the common meaning (exit-status.ts). */
  exit?: Record<number, string>;
  /**
   * Sentences, and below each its pipeline, two columns further in: as it is typed in the folder of
   * the executables. --help has the first pipeline.
   */
  examples: string;
}

/** What `run` is given for a manual's flags and operands. */
export type Args<M extends Manual> = Values<M["args"]>;

/** A command, of whatever flags; its file exports both. */
export interface Command {
  manual: Manual;
  run(args: never, io: Io): Promise<void>;
}

/** Ties the types of `args` to their values. */
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

/** The flag of every command that reads lines which people may have typed. */
export const correctionsFlag = {
  type: "boolean",
  description: "correct mistyped lines as their checksums suggest",
} as const;

/** The operands of every command that reads named files instead of stdin. */
export const filesArgument = {
  type: "positional",
  multiple: true,
  required: false,
  description: "instead of stdin",
} as const;

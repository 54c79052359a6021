/** A command's definition: citty's, with a flag that repeats and an example. */

import type { BooleanArgDef, PositionalArgDef, StringArgDef } from "citty";

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

export interface Command<F extends Flags = Flags> {
  meta: { name: string; description: string };
  args: F;
  /** A pipeline for --help, as one would type it. */
  example: string;
  run(args: Values<F>): Promise<void>;
}

/** Ties the types of `run` to those of `args`. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command<F> {
  return command;
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

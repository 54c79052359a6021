/**
 * Completions for bash, zsh and fish, from the definitions in scripts/
 *
 * They complete `worstday NAME …` and `./NAME …`, and leave a plain `split` or `combine` alone,
 * which are other programs. A value called FILE is completed to a file, DIR to a folder.
 */

import type { Flag, Manual } from "../../lib/cli/command.ts";
import { isOperand, operandName } from "../../lib/cli/manual.ts";
import { bash } from "./completions/bash.ts";
import { fish } from "./completions/fish.ts";
import { zsh } from "./completions/zsh.ts";

/** What a shell is to offer in a place. */
export type Offer = "file" | "folder" | "other" | "nothing";

export interface Entry {
  /** As typed, the short spelling first; none of an operand. */
  spellings: string[];
  about: string;
  hint: string;
  /** For its value; `nothing` where it takes none, `other` where nothing can be guessed. */
  offer: Offer;
  repeats: boolean;
}

export interface Completed {
  name: string;
  about: string;
  flags: Entry[];
  operands: Entry[];
}

/** The files by their names, which are those that the shells look for. */
export function completions(manuals: Manual[]): Map<string, string> {
  const commands = manuals.filter(({ meta }) => meta.name !== "worstday").map(completed);
  const title = "worstday NAME and ./NAME; made by scripts/dev/completions.ts";
  return new Map([
    ["worstday.bash", bash(title, commands)],
    ["_worstday", zsh(title, commands)],
    ["worstday.fish", fish(title, commands)],
  ]);
}

function completed({ meta, args }: Manual): Completed {
  const all: [string, Flag][] = [
    ...Object.entries(args),
    ["help", { type: "boolean", description: "print a summary and exit" }],
    ["version", { type: "boolean", description: "print the version and exit" }],
  ];
  const flags = all.filter(([, flag]) => !isOperand(flag)).map(entry);
  const operands = all.filter(([, flag]) => isOperand(flag)).map(entry);
  return { name: meta.name, about: meta.description, flags, operands };
}

function entry([name, flag]: [string, Flag]): Entry {
  const about = flag.description ?? "";
  const repeats = "multiple" in flag;
  if (isOperand(flag)) {
    return { spellings: [], about, hint: operandName(name, flag), offer: "file", repeats };
  }
  const spellings = "alias" in flag ? [`-${flag.alias}`, `--${name}`] : [`--${name}`];
  const hint = flag.valueHint ?? "VALUE";
  const offers: Record<string, Offer> = { FILE: "file", DIR: "folder" };
  const offer = flag.type === "boolean" ? "nothing" : (offers[hint] ?? "other");
  return { spellings, about, hint, offer, repeats };
}

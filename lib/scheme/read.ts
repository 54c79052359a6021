/** The scheme in a folder, and what a person is told of it. */

import { lstatSync } from "node:fs";
import { join } from "node:path";
import { setId } from "../cli/arguments.ts";
import type { Io } from "../cli/io.ts";
import { attempt } from "../cli/system.ts";
import { at, fail } from "../core/errors.ts";
import { offline, type Scheme, schemeFile, sealedFile } from "./fields.ts";
import { decodeScheme, type TaggedScheme } from "./scheme.ts";

export const dirFlag = {
  type: "string",
  required: true,
  valueHint: "DIR",
  description: "the scheme's folder, where scheme.json is",
} as const;

export const expectSetFlag = {
  type: "string",
  valueHint: "ID",
  description: "refuse any other set than this (16 hex digits)",
} as const;

/** @throws io, malformed; mismatch: not the set that is expected; usage: no set id */
export async function readScheme(io: Io, dir: string, expectSet?: string): Promise<TaggedScheme> {
  const expected = setId("--expect-set", expectSet);
  const { bytes } = await io.read(join(dir, schemeFile));
  const scheme = await at(dir, () => decodeScheme(bytes));
  if (expected !== undefined && scheme.set !== expected) {
    const hint = "this folder may be an older copy, or another scheme's";
    fail("mismatch", `${summary(scheme)}; expected is set ${expected}`, hint);
  }
  return scheme;
}

/** `set 7f3a…, generation 2, of 2026-11-22T…: any 2 of 3 recover`. */
export function summary({ set, generation, created, k, n }: Scheme): string {
  return `set ${set}, generation ${generation}, of ${created}: any ${k} of ${n} recover`;
}

/** @throws refused */
export async function refuseScheme(dir: string): Promise<void> {
  const file = join(dir, schemeFile);
  const look = () => lstatSync(file, { throwIfNoEntry: false });
  if (!(await attempt(`cannot read ${file}`, look))) return;
  fail("refused", `${dir} has a scheme already`, "recovery-rotate changes it");
}

/** @throws refused: it is no longer the scheme that was read */
export async function refuseChanged(io: Io, dir: string, { tag }: TaggedScheme): Promise<void> {
  if ((await readScheme(io, dir)).tag !== tag) fail("refused", `${dir} was changed meanwhile`);
}

/** What goes where, now that this generation is in force. */
export function tellPlaces(io: Io, dir: string, scheme: Scheme): void {
  io.tell("hint", `in force: ${summary(scheme)}`);
  for (const { name, recipient } of scheme.holders) {
    if (recipient === offline) continue;
    const own = sealedFile(scheme.generation, name);
    io.tell("hint", `to ${name}, from ${dir}: ${schemeFile}, ${scheme.vault} and ${own}`);
  }
}

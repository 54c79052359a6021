/** Reads what is in a scheme's folder: scheme.json, and files with one token. */

import { existsSync, lstatSync } from "node:fs";
import { setId } from "../cli/arguments.ts";
import type { Io } from "../cli/io.ts";
import { at, fail, RecoveryError } from "../core/errors.ts";
import { attempt } from "../system/errno.ts";
import { fileIn } from "../system/paths.ts";
import { readOnlyLine } from "../wire/lines.ts";
import { isOffline, type Scheme } from "./fields.ts";
import { schemeFile, sealedFile } from "./files.ts";
import { decodeScheme, type TaggedScheme } from "./scheme.ts";

export const dirFlag = {
  type: "string",
  required: true,
  valueHint: "DIR",
  description: "the scheme's folder, with scheme.json",
} as const;

export const expectSetFlag = {
  type: "string",
  valueHint: "ID",
  description: "refuse any set but this one (16 hex digits)",
} as const;

/** @throws io, malformed; mismatch: not the expected set; usage: not a set id */
export async function readScheme(io: Io, dir: string, expectSet?: string): Promise<TaggedScheme> {
  const expected = setId("--expect-set", expectSet);
  const hasScheme = (folder: string) => existsSync(fileIn(folder, schemeFile));
  if (!hasScheme(dir)) {
    const near = [fileIn(dir, ".."), fileIn(dir, "scheme")].find(hasScheme);
    if (near)
      fail("io", `no ${schemeFile} in ${dir}`, `there is one in ${near}: use --dir ${near}`);
  }
  const { bytes } = await io.read(fileIn(dir, schemeFile), { regular: true });
  const scheme = await at(dir, () => decodeScheme(bytes));
  if (expected !== undefined && scheme.set !== expected) {
    const hint = "this folder may be an older copy, or belong to another scheme";
    fail("mismatch", `${summary(scheme)}; expected set ${expected}`, hint);
  }
  return scheme;
}

/** `set 7f3a…, generation 2, created 2026-11-22T…: any 2 of 3 recover`. */
export function summary({ set, generation, created, k, n }: Scheme): string {
  return `set ${set}, generation ${generation}, created ${created}: any ${k} of ${n} recover`;
}

/** @throws refused */
export async function refuseScheme(dir: string): Promise<void> {
  const file = fileIn(dir, schemeFile);
  const look = () => lstatSync(file, { throwIfNoEntry: false });
  if (!(await attempt(`cannot read ${file}`, look))) return;
  fail("refused", `${dir} already has a scheme`, "use recovery-rotate to change it");
}

/** @throws refused: it is no longer the scheme that was read */
export async function refuseChanged(io: Io, dir: string, { tag }: TaggedScheme): Promise<void> {
  if ((await readScheme(io, dir)).tag !== tag)
    fail("refused", `${dir} was changed while this command ran`, "run it again");
}

/** The only token in a file, decoded; undefined where it is anything else. */
export async function readToken<T>(
  io: Io,
  file: string,
  decode: (token: Uint8Array) => T,
): Promise<T | undefined> {
  try {
    const { bytes } = await io.read(file, { regular: true });
    return decode(readOnlyLine(bytes, "token", file).token);
  } catch (error) {
    if (error instanceof RecoveryError) return undefined;
    throw error;
  }
}

/** Says which files to copy to whom, now that this generation is in effect. */
export function tellPlaces(io: Io, dir: string, scheme: Scheme): void {
  io.tell("hint", `in effect: ${summary(scheme)}`);
  for (const holder of scheme.holders) {
    const { name, index } = holder;
    if (isOffline(holder)) {
      io.tell("hint", `share ${index} is offline: give it to ${name}`);
      continue;
    }
    const own = sealedFile(scheme.generation, name);
    io.tell("hint", `copy to ${name} from ${dir}: ${schemeFile}, ${scheme.vault} and ${own}`);
  }
}

/** The contents of a scheme: its newest update, or the vault that it began with. */

import type { Input, Io } from "../cli/io.ts";
import { wholeNumber } from "../cli/whole-number.ts";
import { at, fail } from "../core/errors.ts";
import { instant } from "../scheme/fields.ts";
import type { TaggedScheme } from "../scheme/scheme.ts";
import { openDescribed } from "../scheme/vault-check.ts";
import { fileIn } from "../system/paths.ts";
import { readUpdate, updateFile, updatesIn, updateVault } from "./files.ts";
import { keyOf, vaultOf } from "./open.ts";
import { maxUpdate } from "./token.ts";

export const updateFlags = {
  update: {
    type: "string",
    valueHint: "U",
    description: "take update U, not the newest; 0 is the first vault",
  },
  "expect-update": {
    type: "string",
    valueHint: "U",
    description: "refuse a copy without update U or a newer one",
  },
} as const;

export interface Wanted {
  update: string | undefined;
  "expect-update": string | undefined;
}

export interface Contents {
  vault: Input;
  /** @throws mismatch, malformed */
  decrypt(): AsyncGenerator<Uint8Array>;
}

/**
 * The update to take, and the one before it; 0 is the first vault.
 *
 * @throws mismatch: the newest is older than expected; usage
 */
export async function chooseUpdate(dir: string, scheme: TaggedScheme, wanted: Wanted) {
  const { update, "expect-update": expected = "0" } = wanted;
  const { tokens } = await updatesIn(dir, scheme);
  const newest = tokens[0] ?? 0;
  if (newest < wholeNumber("--expect-update", expected, 0, maxUpdate)) {
    const found = newest === 0 ? "there is no update" : `the newest update is ${newest}`;
    fail("mismatch", `${found}, expected ${expected}`, "this folder may be an older copy");
  }
  const number = update === undefined ? newest : wholeNumber("--update", update, 0, maxUpdate);
  if (number > 0 && !tokens.includes(number)) {
    fail("io", `there is no ${updateFile(scheme.generation, number)} in ${dir}`);
  }
  return { number, earlier: tokens.find((one) => one < number) ?? 0 };
}

/** Opens the contents, and says which they are. @throws io, mismatch, malformed, usage */
export async function openContents(
  io: Io,
  dir: string,
  scheme: TaggedScheme,
  master: Uint8Array,
  wanted: Wanted,
): Promise<Contents> {
  const { number, earlier } = await chooseUpdate(dir, scheme, wanted);
  if (number === 0) {
    const vault = await io.open(fileIn(dir, scheme.vault), { regular: true });
    io.tell("hint", `contents: the first vault, ${dated(new Date(scheme.created))}`);
    return { vault, decrypt: () => openDescribed(scheme, vault.read, master) };
  }
  const [file, vaultFile] = [updateFile, updateVault].map((nameOf) =>
    fileIn(dir, nameOf(scheme.generation, number)),
  ) as [string, string];
  const update = await readUpdate(io, dir, scheme, number);
  const other = `--update ${earlier} takes ${earlier === 0 ? "the first vault" : "the one before"}`;
  io.tell("hint", `contents: update ${number}, ${dated(update.time)}; ${other}`);
  const key = io.secret(await at(file, () => keyOf(update, master)));
  const vault = await io.open(vaultFile, { regular: true });
  return { vault, decrypt: () => openDescribed(vaultOf(update, file), vault.read, key) };
}

/** Negative if it is in the future. */
export function daysSince(time: Date): number {
  return (Date.now() - time.getTime()) / 86_400_000;
}

/** `of 2026-11-26T05:53:10Z, 3 days old`. */
export function dated(time: Date): string {
  const days = Math.floor(daysSince(time));
  const age = days < 0 ? "in the future" : `${days} day${days === 1 ? "" : "s"} old`;
  return `of ${instant(time)}, ${age}`;
}

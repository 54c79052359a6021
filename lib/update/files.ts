/** The files of updates in a scheme's folder: the token `update-G.U` and the vault `vault-G.U.wd`. */

import { lstatSync, rmSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import type { Scheme } from "../scheme/fields.ts";
import { namesIn } from "../scheme/folder.ts";
import { readToken } from "../scheme/read.ts";
import { attempt } from "../system/errno.ts";
import { syncDirectory } from "../system/exclusive-file.ts";
import { fileIn } from "../system/paths.ts";
import { decodeLine, readOnlyLine } from "../wire/lines.ts";
import { decodeUpdate, maxUpdate, type Update } from "./token.ts";

export const updateFile = (generation: number, number: number) => `update-${generation}.${number}`;
export const updateVault = (generation: number, number: number) =>
  `vault-${generation}.${number}.wd`;

/** The numbers of a generation's tokens, and of its updates' vaults, the highest first. */
export async function updatesIn(dir: string, { generation }: Scheme) {
  const names = await namesIn(dir);
  const numbered = (nameOf: typeof updateFile) =>
    names
      .map((name) => Number(/\.([1-9]\d{0,5})(?:\.wd)?$/.exec(name)?.[1] ?? 0))
      .filter((number, i) => names[i] === nameOf(generation, number))
      .sort((a, b) => b - a);
  return { tokens: numbered(updateFile), vaults: numbered(updateVault) };
}

/** The number of the next update, above those of interrupted ones too. @throws refused */
export async function nextUpdate(dir: string, scheme: Scheme): Promise<number> {
  const { tokens, vaults } = await updatesIn(dir, scheme);
  const last = Math.max(tokens[0] ?? 0, vaults[0] ?? 0);
  if (last < maxUpdate) return last + 1;
  const hint = "move it away if it is not this scheme's, or run recovery-rotate";
  return fail("refused", `there are files of update ${last}, the last possible one`, hint);
}

/** A token of the scheme, consistent, not authenticated. @throws io, malformed, mismatch */
export async function readUpdate(
  io: Io,
  dir: string,
  { generation, set }: Scheme,
  number: number,
): Promise<Update> {
  const file = fileIn(dir, updateFile(generation, number));
  const { bytes } = await io.read(file, { regular: true });
  const update = await decodeLine(readOnlyLine(bytes, "update", file), decodeUpdate);
  return at(file, () => {
    const found = toHex(update.setId);
    const hint = "--update takes an earlier one, --update 0 the first vault";
    if (found !== set) fail("mismatch", `it is of set ${found}, expected set ${set}`, hint);
    if (update.number !== number) fail("mismatch", `it is update ${update.number}, renamed`, hint);
    return update;
  });
}

/** Removes all of the set's updates but the newest `keep`, and older vaults that are no update's. */
export async function dropOlder(io: Io, dir: string, scheme: Scheme, keep: number): Promise<void> {
  const { tokens, vaults } = await updatesIn(dir, scheme);
  const [own, all] = [new Set<number>(), new Set(tokens)];
  for (const number of tokens) {
    const file = fileIn(dir, updateFile(scheme.generation, number));
    const token = await readToken(io, file, decodeUpdate);
    if (token && toHex(token.setId) === scheme.set) own.add(number);
  }
  const ours = vaults.filter((one) => own.has(one) || !all.has(one));
  const first = [...own][keep - 1] ?? 0;
  const remove = async (numbers: number[], nameOf: typeof updateFile) => {
    for (const number of numbers.filter((one) => one < first)) {
      const file = fileIn(dir, nameOf(scheme.generation, number));
      await attempt(`the update is in place, but cannot remove ${file}`, () => {
        if (!lstatSync(file).isDirectory()) rmSync(file); // a folder is no update's
      });
    }
  };
  await remove([...own], updateFile);
  await syncDirectory(fileIn(dir, updateFile(scheme.generation, first))); // no token outlives its vault
  await remove(ours, updateVault);
}

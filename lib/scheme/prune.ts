/** Removing the generations before the one in force. */

import { lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { attempt, errnoOf } from "../system/errno.ts";
import { fileIn } from "../system/paths.ts";
import { decodeUpdate } from "../update/token.ts";
import { readDrill } from "./drill.ts";
import type { Scheme } from "./fields.ts";
import { findAll, refuseFindings } from "./findings.ts";
import { changeFolder } from "./folder.ts";
import { generationOf } from "./plan.ts";
import { readScheme } from "./read.ts";
import { readSealed, readToken } from "./remains.ts";

/**
 * Removes nothing but what generations are made of, and if something else is among it, nothing. With a
 * node's private key, the sealed shares of other nodes may be absent.
 *
 * @throws refused: no drill of the generation in force, files that are not ours; mismatch, io: its files are not all good
 */
export async function prune(io: Io, dir: string, privateKey?: Uint8Array): Promise<void> {
  await readScheme(io, dir); // before anything is created beside it
  await changeFolder(dir, { make: false }, async (folder) => {
    const scheme = await readScheme(io, dir);
    await refuseUndrilled(io, dir, scheme);
    const findings = await findAll(io, dir, scheme, { privateKey });
    refuseFindings(findings);
    if (findings[0]?.verdict !== "good") fail("io", `missing: ${fileIn(dir, scheme.vault)}`);
    const old = (await folder.names()).filter((name) => {
      return (generationOf(name) ?? scheme.generation) < scheme.generation;
    });
    const files: string[] = [];
    for (const name of old) {
      files.push(
        ...(await attempt(`cannot read ${fileIn(dir, name)}`, () =>
          filesOf(io, dir, name, scheme),
        )),
      );
    }
    const folders = old.filter(isSealedFolder).map((name) => fileIn(dir, name));
    const remove = (path: string, how: (path: string) => void) =>
      attempt(`cannot remove ${path}`, () => how(path));
    for (const path of folders) await remove(path, removeEmpty); // one that is mounted ends it here
    for (const path of files) await remove(path, (file) => rmSync(file));
    for (const path of folders) await remove(path, removeEmpty);
    io.tell("hint", old.length > 0 ? `removed ${old.join(", ")}` : "there is nothing to remove");
  });
}

/** The files of an older generation of that name. @throws refused: something there is none of them */
async function filesOf(io: Io, dir: string, name: string, scheme: Scheme): Promise<string[]> {
  const path = fileIn(dir, name);
  const stats = lstatSync(path);
  if (name.startsWith("update-") && stats.isFile()) {
    const update = await readToken(io, path, decodeUpdate);
    return update && toHex(update.setId) !== scheme.set ? [path] : refuseForeign(path);
  }
  if (!isSealedFolder(name)) return stats.isFile() ? [path] : refuseForeign(path);
  if (!stats.isDirectory()) refuseForeign(path);
  const files = readdirSync(path).map((holder) => fileIn(path, holder));
  const known = scheme.holders.map((holder) => fileIn(path, holder.name));
  const sets = await Promise.all(files.map((file) => setOf(io, file)));
  const set = sets.find((set) => set !== undefined && set !== scheme.set);
  const foreign = files.filter((file, i) => {
    return (
      !lstatSync(file, { throwIfNoEntry: false })?.isFile() ||
      !(known.includes(file) || (set && sets[i] === set))
    );
  });
  return foreign.length > 0 ? refuseForeign(...foreign) : files;
}

async function setOf(io: Io, file: string): Promise<string | undefined> {
  const sealed = await readSealed(io, file);
  return sealed && toHex(sealed.setId);
}

function refuseForeign(...files: string[]): never {
  return fail(
    "refused",
    `not part of the scheme: ${files.join(", ")}`,
    "nothing was removed: move it away, and run again",
  );
}

const isSealedFolder = (name: string) => name.startsWith("sealed-");

/** A folder with something in it stays; where something is mounted on it, that is told. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(errnoOf(error) ?? "")) throw error;
  }
}

async function refuseUndrilled(io: Io, dir: string, scheme: Scheme): Promise<void> {
  if (await readDrill(io, dir, scheme)) return;
  const hint = `first run recovery-verify --dir ${dir} --drill with shares of this generation`;
  fail("refused", `generation ${scheme.generation} has not passed a drill`, hint);
}

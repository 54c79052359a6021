/** Removes the generations before the one in force. */

import { lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { attempt, errnoOf } from "../system/errno.ts";
import { fileIn } from "../system/paths.ts";
import { decodeUpdate } from "../update/token.ts";
import { decodeSealedShare } from "../wire/sealed-share.ts";
import { readDrill } from "./drill.ts";
import type { Scheme } from "./fields.ts";
import { generationOf } from "./files.ts";
import { findAll, refuseFindings } from "./findings.ts";
import { changeFolder } from "./folder.ts";
import { readScheme, readToken } from "./read.ts";

/**
 * Removes only what generations consist of; if anything else is there, it removes nothing. With a
 * node's private key, the sealed shares of other nodes may be absent.
 *
 * @throws refused: no drill of the generation in force, files that are not ours; mismatch, io: its files are not all good
 */
export async function prune(io: Io, dir: string, privateKey?: Uint8Array): Promise<void> {
  await readScheme(io, dir); // before anything is created beside it
  await changeFolder(dir, { make: false }, async (folder) => {
    const scheme = await readScheme(io, dir);
    if (!(await readDrill(io, dir, scheme))) {
      const hint = `first run recovery-verify --dir ${dir} --drill with shares of this generation`;
      fail("refused", `generation ${scheme.generation} has not passed a drill`, hint);
    }
    const findings = await findAll(io, dir, scheme, { privateKey });
    refuseFindings(findings);
    if (findings[0]?.verdict !== "good") fail("io", `missing: ${fileIn(dir, scheme.vault)}`);
    const old = (await folder.names()).filter((name) => {
      return (generationOf(name) ?? scheme.generation) < scheme.generation;
    });
    const files: string[] = [];
    for (const name of old) {
      const read = () => filesOf(io, dir, name, scheme);
      for (const file of await attempt(`cannot read ${fileIn(dir, name)}`, read)) files.push(file);
    }
    const folders = old.filter(isSealedFolder);
    const remove = async (names: string[], how: (path: string) => void) => {
      for (const path of names.map((name) => fileIn(dir, name))) {
        await attempt(`cannot remove ${path}`, () => how(path));
      }
    };
    await remove(folders, removeEmpty); // one that is mounted ends it here
    await remove(files, (path) => rmSync(path));
    await remove(folders, removeEmpty);
    io.tell("hint", old.length > 0 ? `removed ${old.join(", ")}` : "there is nothing to remove");
  });
}

/** An older generation's file of that name, or the files in its folder. @throws refused */
async function filesOf(io: Io, dir: string, name: string, scheme: Scheme): Promise<string[]> {
  const path = fileIn(dir, name);
  const isFolder = isSealedFolder(name) && lstatSync(path).isDirectory();
  const files = isFolder ? readdirSync(path).map((holder) => fileIn(name, holder)) : [name];
  const foreign: string[] = [];
  for (const file of files) {
    if (!(await isOld(io, dir, file, scheme))) foreign.push(fileIn(dir, file));
  }
  if (foreign.length === 0) return files;
  const hint = "nothing was removed: move it away, and run again";
  return fail("refused", `not part of the scheme: ${foreign.join(", ")}`, hint);
}

/** A token is old if it is of another set; a damaged one, if it has the name of a holder. */
async function isOld(io: Io, dir: string, name: string, scheme: Scheme): Promise<boolean> {
  const path = fileIn(dir, name);
  if (!lstatSync(path).isFile()) return false;
  if (name.startsWith("vault-") || name.startsWith("drilled-")) return true;
  const decode = name.startsWith("update-") ? decodeUpdate : decodeSealedShare;
  const token = await readToken<{ setId: Uint8Array }>(io, path, decode);
  if (token) return toHex(token.setId) !== scheme.set;
  return scheme.holders.some((holder) => name.endsWith(`/${holder.name}`));
}

const isSealedFolder = (name: string) => name.startsWith("sealed-");

/** A folder that is not empty stays; one on which something is mounted is an error. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(errnoOf(error) ?? "")) throw error;
  }
}

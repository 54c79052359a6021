/** Finds a node's own sealed share in a scheme's folder. */

import type { Io } from "../cli/io.ts";
import { at } from "../core/errors.ts";
import { fileIn } from "../system/paths.ts";
import { sealedFile } from "./fields.ts";
import { readScheme } from "./read.ts";
import { checkSealed, holderOf } from "./verify.ts";

/**
 * The files of the generation in force that are sealed to these private keys. Each is opened once, and
 * has the share that was dealt.
 *
 * @throws io, malformed, mismatch: no holder has the key, or it is another share
 */
export async function ownFiles(io: Io, dir: string, keys: Uint8Array[]): Promise<string[]> {
  const scheme = await readScheme(io, dir);
  const files: string[] = [];
  for (const key of keys) {
    const holder = await holderOf(scheme, key);
    const file = fileIn(dir, sealedFile(scheme.generation, holder.name));
    const { bytes } = await io.read(file, { regular: true });
    await at(file, () => checkSealed(scheme, holder, bytes, key));
    files.push(file);
  }
  return files;
}

/** What a folder has of each generation: sealed shares tell in the clear of which set they are. */

import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import { RecoveryError } from "../core/errors.ts";
import { fileIn } from "../system/paths.ts";
import { readOnlyLine } from "../wire/lines.ts";
import { decodeSealedShare, type SealedShare } from "../wire/sealed-share.ts";
import { sealedFolder, vaultFile } from "./fields.ts";
import { namesIn } from "./folder.ts";
import { generationOf } from "./plan.ts";

export interface Remains {
  generation: number;
  /** Whether there is a vault of that number. */
  vault: boolean;
  /** The set of the sealed shares, and how many of how many recover; without any, undefined. */
  set?: { id: string; k: number; n: number };
  /** Whose sealed shares of the set are there. */
  names: string[];
}

/** One for each set of each generation, in ascending order. Files that are damaged are left out. */
export async function remainsIn(io: Io, dir: string): Promise<Remains[]> {
  const files = await namesIn(dir);
  const numbers = new Set(files.map(generationOf).filter((number) => number !== undefined));
  const all: Remains[] = [];
  for (const generation of [...numbers].sort((a, b) => a - b)) {
    const vault = files.includes(vaultFile(generation));
    const folder = sealedFolder(generation);
    const names = files.includes(folder) ? await namesIn(fileIn(dir, folder)) : [];
    const ofThis: Remains[] = [];
    for (const name of names.sort()) {
      const sealed = await readSealed(io, fileIn(dir, `${folder}/${name}`));
      if (!sealed) continue;
      const id = toHex(sealed.setId);
      const known = ofThis.find(({ set }) => set?.id === id);
      if (known) known.names.push(name);
      else ofThis.push({ generation, vault, set: { id, k: sealed.k, n: sealed.n }, names: [name] });
    }
    all.push(...(ofThis.length > 0 ? ofThis : [{ generation, vault, names: [] }]));
  }
  return all;
}

/** The sealed share in a file; undefined where it is anything else. */
export function readSealed(io: Io, file: string): Promise<SealedShare | undefined> {
  return readToken(io, file, decodeSealedShare);
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

/** Removing the generations before the one in force. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Io } from "../cli/io.ts";
import { attempt } from "../cli/system.ts";
import { equal } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { drillNote, type Scheme } from "./fields.ts";
import { findAll, refuseFindings } from "./findings.ts";
import { changeFolder } from "./folder.ts";
import { generationOf } from "./plan.ts";
import { readScheme } from "./read.ts";

/** @throws refused: no drill of the generation in force; mismatch, io: its files are not all good */
export async function prune(io: Io, dir: string): Promise<void> {
  await readScheme(io, dir); // before anything is created beside it
  await changeFolder(dir, { make: false }, async (folder) => {
    const scheme = await readScheme(io, dir);
    await refuseUndrilled(io, dir, scheme);
    refuseFindings(await findAll(io, dir, scheme, {}));
    const old = (await folder.names()).filter((name) => {
      return (generationOf(name) ?? scheme.generation) < scheme.generation;
    });
    for (const name of old) {
      const path = join(dir, name);
      await attempt(`cannot remove ${path}`, () => rmSync(path, { recursive: true }));
    }
    io.tell("hint", old.length > 0 ? `removed ${old.join(", ")}` : "there is nothing to remove");
  });
}

async function refuseUndrilled(io: Io, dir: string, scheme: Scheme): Promise<void> {
  const { file, content } = drillNote(scheme);
  const path = join(dir, file);
  if (existsSync(path) && equal((await io.read(path)).bytes, content)) return;
  const hint = `recovery-verify --dir ${dir} --drill, with shares of this generation, first`;
  fail("refused", `generation ${scheme.generation} has not passed a drill`, hint);
}

/** From a script to one static executable: compiled by Bun, then linked once more. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { temporaryFolder } from "./project.ts";
import type { Arch } from "./static/elf.ts";
import { linkStatic } from "./static/link.ts";
import { muslBun } from "./static/packages.ts";

/** `harden` is false only for tests: the executable then obeys BUN_BE_BUN and the rest. */
export async function makeImage(
  script: string,
  output: string,
  { arch, harden }: { arch: Arch; harden: boolean },
): Promise<void> {
  const work = temporaryFolder();
  try {
    // The compiled file's name gets into the executable, so it is always the same.
    const input = join(work, "worstday");
    await compile(script, input, muslBun(arch));
    await linkStatic({ input, output, arch, harden });
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** From a script to one static executable: compiled by Bun, then linked once more. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { muslBun } from "./musl-bun.ts";
import { cache, temporaryFolder } from "./project.ts";
import { type Arch, type Inputs, linkStatic } from "./static/link.ts";

/** What decides the bits of an image, beside the sources. */
export interface ImageInputs extends Inputs {
  /** in a release, what it was made from */
  source?: { tag: string; commit: string };
  bun: { version: string; integrity: string };
}

interface ImageOptions {
  arch: Arch;
  /** false only for tests: the executable then obeys BUN_BE_BUN and the rest */
  harden: boolean;
  /** in place of the machine's own: see static/link.ts */
  libraries?: string;
}

export async function makeImage(
  script: string,
  output: string,
  options: ImageOptions,
): Promise<ImageInputs> {
  const work = temporaryFolder();
  const { path, ...bun } = await muslBun(options.arch);
  try {
    // The compiled file's name gets into the executable, so it is always the same.
    const input = join(work, "worstday");
    await compile(script, input, path);
    return { bun, ...(await linkStatic({ input, output, cache, ...options })) };
  } finally {
    rmSync(work, { recursive: true });
  }
}

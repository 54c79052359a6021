/**
 * npm run build [-- --arch x86_64|aarch64|all]: dist/ARCH/NAME for every command, and worstday
 *
 * All are one executable, hard-linked: it chooses by the name it is called by, so the whole
 * folder costs the disk and the memory of one. It is compiled by Bun and then linked statically:
 * it needs no library, no /proc and no other file.
 */

import { linkSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compile } from "./compile.ts";
import { archs, commandNames, ownArch, root, temporaryFolder } from "./project.ts";
import type { Arch } from "./static/elf.ts";
import { linkStatic } from "./static/link.ts";
import { muslBun } from "./static/packages.ts";

const { arch = ownArch } = parseArgs({ options: { arch: { type: "string" } } }).values;
const chosen = archs.filter((one) => arch === "all" || arch === one);
if (chosen.length === 0) throw new Error(`--arch takes ${archs.join(", ")} or all`);
for (const one of chosen) await build(one);

async function build(arch: Arch): Promise<void> {
  const folder = join(root, "dist", arch);
  const image = join(folder, "worstday");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await makeImage(arch, image);
  for (const name of commandNames()) linkSync(image, join(folder, name));
  const megabytes = (statSync(image).size / 1e6).toFixed(1);
  console.log(`dist/${arch}: worstday ${commandNames().join(" ")} (one file, ${megabytes} MB)`);
}

async function makeImage(arch: Arch, image: string): Promise<void> {
  const work = temporaryFolder();
  try {
    // The file's name gets into the executable, so it is always the same.
    const compiled = join(work, "worstday");
    await compile(join(root, "scripts/worstday.ts"), compiled, muslBun(arch));
    await linkStatic({ input: compiled, output: image, arch, harden: true });
  } finally {
    rmSync(work, { recursive: true });
  }
}

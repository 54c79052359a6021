/**
 * npm run build [-- --arch x86_64|aarch64|all]: dist/ARCH/NAME for every command, and worstday;
 * dist/ARCH/inputs.json, which says what decided their bits; dist/man
 *
 * All executables are one file, hard-linked: it chooses by the name it is called by, so the whole
 * folder costs the disk and the memory of one. It is compiled by Bun and then linked statically:
 * it needs no library, no /proc and no other file.
 */

import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeImage } from "./image.ts";
import { manualPages, readManuals } from "./manual.ts";
import { archs, commandNames, ownArch, root } from "./project.ts";
import type { Arch } from "./static/link.ts";

const { arch = ownArch } = parseArgs({ options: { arch: { type: "string" } } }).values;
const chosen = archs.filter((one) => arch === "all" || arch === one);
if (chosen.length === 0) throw new Error(`--arch takes ${archs.join(", ")} or all`);
for (const one of chosen) await build(one);
const pages = emptyFolder("man");
for (const [file, text] of manualPages(await readManuals())) writeFileSync(join(pages, file), text);

async function build(arch: Arch): Promise<void> {
  const folder = emptyFolder(arch);
  const image = join(folder, "worstday");
  const inputs = await makeImage(join(root, "scripts/worstday.ts"), image, { arch, harden: true });
  for (const name of commandNames()) linkSync(image, join(folder, name));
  writeFileSync(join(folder, "inputs.json"), `${JSON.stringify(inputs, null, 2)}\n`);
  const megabytes = (statSync(image).size / 1e6).toFixed(1);
  console.log(`dist/${arch}: worstday ${commandNames().join(" ")} (one file, ${megabytes} MB)`);
}

function emptyFolder(name: string): string {
  const folder = join(root, "dist", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

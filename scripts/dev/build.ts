/**
 * npm run build: dist/ARCH/NAME for every command, and worstday
 *
 * All are one executable, hard-linked: it chooses by the name it is called by, so the whole
 * folder costs the disk and the memory of one.
 */

import { linkSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { arch, bin, commandNames, root } from "./project.ts";

const image = join(bin, "worstday");
rmSync(bin, { recursive: true, force: true });
mkdirSync(bin, { recursive: true });
await compile(join(root, "scripts/worstday.ts"), image);
for (const name of commandNames()) linkSync(image, join(bin, name));

const megabytes = (statSync(image).size / 1e6).toFixed(1);
console.log(`dist/${arch}: worstday ${commandNames().join(" ")} (one file, ${megabytes} MB)`);

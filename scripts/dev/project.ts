/** Where things are in the project, and which commands it has. */

import { mkdtempSync, readdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Arch } from "./static/link.ts";

export const root = realpathSync(join(import.meta.dir, "../.."));

/** For what is fetched: it may be deleted at any time. */
export const cache = join(root, ".cache");

export const archs: Arch[] = ["x86_64", "aarch64"];

/** This machine's. */
export const ownArch: Arch = process.arch === "arm64" ? "aarch64" : "x86_64";

/** The executables of this machine's architecture. */
export const bin = join(root, "dist", ownArch);

/** The commands: what is in scripts/, except worstday, which is all of them. */
export function commandNames(): string[] {
  const files = readdirSync(join(root, "scripts")).filter((file) => file.endsWith(".ts"));
  return files
    .map((file) => basename(file, ".ts"))
    .filter((name) => name !== "worstday")
    .sort();
}

/** A new folder outside the project; who makes it removes it. */
export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "worstday-")));
}

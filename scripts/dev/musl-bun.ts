/** Bun's musl build of the version that package-lock.json pins, from npm, checked by its hash there. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { cache, root } from "./project.ts";
import type { Arch } from "./static/link.ts";

const npmArch: Record<Arch, string> = { x86_64: "x64", aarch64: "aarch64" };

interface Lock {
  packages: Record<string, { version?: string; integrity?: string } | undefined>;
}

export interface MuslBun {
  path: string;
  version: string;
  integrity: string;
}

/** Fetched into the cache if it is not there. */
export async function muslBun(
  arch: Arch,
  folder: string = cache,
  lockFile: string = join(root, "package-lock.json"),
): Promise<MuslBun> {
  const name = `@oven/bun-linux-${npmArch[arch]}-musl`;
  const lock = JSON.parse(readFileSync(lockFile, "utf8")) as Lock;
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (!version || !integrity) throw new Error(`${lockFile}: no version and hash of ${name}`);
  const target = join(folder, `bun-${version}-${npmArch[arch]}-musl`);
  const path = join(target, "package/bin/bun");
  if (existsSync(path)) return { path, version, integrity };
  const work = `${target}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    await $`npm pack --silent --pack-destination ${work} ${name}@${version}`.quiet();
    const [archive] = [...new Bun.Glob("*.tgz").scanSync({ cwd: work })];
    if (!archive) throw new Error(`npm pack ${name}@${version} left no archive`);
    checkIntegrity(join(work, archive), integrity);
    await $`tar -xzf ${archive} package/bin/bun && rm ${archive}`.cwd(work);
    rmSync(target, { recursive: true, force: true });
    renameSync(work, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { path, version, integrity };
}

/** `integrity` is "sha512-" and base64, as in package-lock.json (Subresource Integrity). */
export function checkIntegrity(file: string, integrity: string): void {
  const [algorithm, wanted] = integrity.split(/-(.*)/s);
  if (algorithm !== "sha512") throw new Error(`${file}: ${algorithm} is not sha512`);
  const found = createHash("sha512").update(readFileSync(file)).digest("base64");
  if (found !== wanted) throw new Error(`${file}: SHA-512 is ${found}, not ${wanted}`);
}

/**
 * Fetches packages into a cache folder without installing them: Debian's through apt, with a state
 * of its own so that the machine's is left alone, and Bun's musl builds through npm.
 *
 * apt checks each package against the signed lists of the machine's own sources; for npm's the
 * hash in package-lock.json is checked here.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Arch } from "./elf.ts";
import { run } from "./run.ts";

const projectRoot = resolve(import.meta.dirname, "../../..");
export const defaultCache = join(projectRoot, ".cache");

export const debianArch: Record<Arch, string> = { x86_64: "amd64", aarch64: "arm64" };
const npmArch: Record<Arch, string> = { x86_64: "x64", aarch64: "aarch64" };

/** The folder in which the packages' files are unpacked, /usr and all. */
export function debianPackages(names: string[], arch: Arch, cache: string): string {
  const target = join(cache, `debian-${debianArch[arch]}`, names.join("+"));
  if (existsSync(target)) return target;
  const work = `${target}.${process.pid}`;
  const downloads = join(work, "downloads");
  mkdirSync(downloads, { recursive: true });
  try {
    apt(arch, cache)("apt-get", ["download", ...names], downloads);
    for (const file of new Bun.Glob("*.deb").scanSync({ cwd: downloads })) {
      run("dpkg-deb", ["-x", join(downloads, file), work]);
    }
    rmSync(downloads, { recursive: true });
    renameSync(work, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

/** Fetches fresh lists for one architecture; the function that it gives runs apt's programs. */
export function apt(
  arch: Arch,
  cache: string,
): (program: "apt-get" | "apt-cache", args: string[], cwd?: string) => string {
  const state = resolve(cache, `apt-${debianArch[arch]}`);
  for (const folder of ["lists/partial", "archives/partial"]) {
    mkdirSync(join(state, folder), { recursive: true });
  }
  writeFileSync(join(state, "status"), "");
  const options = {
    "Dir::State": state,
    "Dir::State::status": join(state, "status"),
    "Dir::Cache": state,
    "APT::Architecture": debianArch[arch],
    "APT::Architectures": debianArch[arch],
    "APT::Sandbox::User": "", // its own user could not write here
    "Acquire::Languages": "none",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  run("apt-get", ["-qq", ...flags, "update"]);
  return (program, args, cwd) => run(program, ["-qq", ...flags, ...args], cwd);
}

interface Lock {
  packages: Record<string, { version?: string; integrity?: string } | undefined>;
}

/** The musl build of the Bun version that package-lock.json pins: the executable's path. */
export function muslBun(
  arch: Arch,
  cache: string = defaultCache,
  lockFile: string = join(projectRoot, "package-lock.json"),
): string {
  const name = `@oven/bun-linux-${npmArch[arch]}-musl`;
  const lock = JSON.parse(readFileSync(lockFile, "utf8")) as Lock;
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (!version || !integrity) throw new Error(`${lockFile}: no version and hash of ${name}`);
  const target = join(cache, `bun-${version}-${npmArch[arch]}-musl`);
  const bun = join(target, "package/bin/bun");
  if (existsSync(bun)) return bun;
  const work = `${target}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    run("npm", ["pack", "--silent", "--pack-destination", work, `${name}@${version}`]);
    const [archive] = [...new Bun.Glob("*.tgz").scanSync({ cwd: work })];
    if (!archive) throw new Error(`npm pack ${name}@${version} left no archive`);
    checkIntegrity(join(work, archive), integrity);
    run("tar", ["-xzf", archive, "package/bin/bun"], work);
    rmSync(join(work, archive));
    rmSync(target, { recursive: true, force: true });
    renameSync(work, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return bun;
}

/** `integrity` is "sha512-" and base64, as in package-lock.json (Subresource Integrity). */
export function checkIntegrity(file: string, integrity: string): void {
  const [algorithm, wanted] = integrity.split(/-(.*)/s);
  if (algorithm !== "sha512") throw new Error(`${file}: ${algorithm} is not sha512`);
  const found = createHash("sha512").update(readFileSync(file)).digest("base64");
  if (found !== wanted) throw new Error(`${file}: SHA-512 is ${found}, not ${wanted}`);
}

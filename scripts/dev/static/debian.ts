/**
 * Fetches packages of Debian into a cache folder without installing them, for any architecture
 * and any release, through apt with a state of its own: the machine's is left alone. apt checks
 * each package against signed lists: those of the machine's own sources, or, for a release that
 * they do not have, Debian's as its archive keyring knows them.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Arch } from "./elf.ts";
import { run } from "./run.ts";

export const debianArch: Record<Arch, string> = { x86_64: "amd64", aarch64: "arm64" };

/** Of Debian's package debian-archive-keyring. */
export const archiveKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The folder that has for each package a folder NAME_VERSION_ARCH with its files, /usr and all. */
export function debianPackages(
  names: string[],
  arch: Arch,
  cache: string,
  release?: string,
): string {
  const target = join(packageFolder(arch, cache, release), names.join("+"));
  if (existsSync(target)) return target;
  const work = resolve(`${target}.${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    apt(arch, cache, release)("apt-get", ["download", ...names], work);
    for (const file of [...new Bun.Glob("*.deb").scanSync({ cwd: work })]) {
      run("dpkg-deb", ["-x", file, file.slice(0, -".deb".length)], work);
      rmSync(join(work, file));
    }
    renameSync(work, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

function packageFolder(arch: Arch, cache: string, release = "own"): string {
  return resolve(cache, `debian-${release}-${debianArch[arch]}`);
}

/**
 * musl's and GCC's libraries: those for one version of GCC, or, without it, for the one that is
 * the release's own.
 */
export function debianLibraries(
  arch: Arch,
  cache: string,
  { release, gcc }: { release?: string; gcc?: string },
): string {
  const names = (version: string) => [
    ...["musl-dev", `libstdc++-${version}-dev`, `libgcc-${version}-dev`],
  ];
  const folder = packageFolder(arch, cache, release);
  const there = existsSync(folder) ? new Bun.Glob(names(gcc ?? "*").join("+")) : undefined;
  const [found] = there?.scanSync({ cwd: folder, absolute: true, onlyFiles: false }) ?? [];
  if (found) return found;
  return debianPackages(names(gcc ?? defaultGcc(arch, cache, release)), arch, cache, release);
}

function defaultGcc(arch: Arch, cache: string, release?: string): string {
  const shown = apt(arch, cache, release)("apt-cache", ["show", "g++"]);
  const version = /^Depends:.*?\bg\+\+-(\d+)/m.exec(shown)?.[1];
  if (!version) throw new Error(`the package g++ of ${release ?? "this machine"} names no g++-N`);
  return version;
}

/** What has fresh lists already. */
const fresh = new Set<string>();

/** Fetches fresh lists; the function that it gives runs apt's programs. */
export function apt(
  arch: Arch,
  cache: string,
  release?: string,
  keyring: string = archiveKeyring,
): (program: "apt-get" | "apt-cache", args: string[], cwd?: string) => string {
  const state = `${packageFolder(arch, cache, release)}/apt`;
  for (const folder of ["lists/partial", "archives/partial"]) {
    mkdirSync(join(state, folder), { recursive: true });
  }
  writeFileSync(join(state, "status"), "");
  const sources = join(state, "sources.list");
  const options = {
    "Dir::State": state,
    "Dir::State::status": join(state, "status"),
    "Dir::Cache": state,
    "APT::Architecture": debianArch[arch],
    "APT::Architectures": debianArch[arch],
    "APT::Sandbox::User": "", // its own user could not write here
    "Acquire::Languages": "none",
    "Acquire::AllowInsecureRepositories": "false",
    "APT::Get::AllowUnauthenticated": "false",
    ...(release && { "Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null" }),
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  if (release) {
    const line = `deb [signed-by=${keyring}] ${debianMirror()} ${release} main\n`;
    writeFileSync(sources, line);
  }
  if (!fresh.has(state)) run("apt-get", ["-qq", "--error-on=any", ...flags, "update"]);
  fresh.add(state);
  return (program, args, cwd) => run(program, ["-qq", ...flags, ...args], cwd);
}

/** The releases that share one mirror: Debian's names for them, and the stages they pass through. */
const releases = "sid|unstable|testing|stable|oldstable|forky|trixie|bookworm";

/** Where this machine's own sources have Debian from. */
export function debianMirror(): string {
  const uris = run("apt-get", ["--print-uris", "update"]);
  const found = new RegExp(`^'(\\S+)/dists/(?:${releases})/InRelease'`, "m").exec(uris)?.[1];
  if (!found) throw new Error("no source of apt on this machine is a mirror of Debian");
  return found;
}

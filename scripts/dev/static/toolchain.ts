/**
 * Finds what the static link needs: GNU as, ld and strip, a C compiler, and the static libraries.
 * On Debian the C library is musl beside the system's glibc; on Alpine musl is the system's. For
 * the other architecture the tools must be installed, the libraries are fetched into the cache.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Arch } from "./elf.ts";
import { debianArch, debianPackages } from "./packages.ts";
import { run } from "./run.ts";

export interface Toolchain {
  as: string;
  ld: string;
  strip: string;
  cc: string;
  /** where the C compiler finds musl's headers and no others */
  ccFlags: string[];
  /** libstdc++.a, libgcc_eh.a, libgcc.a, libc.a */
  archives: string[];
}

const hostArch: Arch | undefined = ({ x64: "x86_64", arm64: "aarch64" } as const)[
  process.arch as string
];

export function findToolchain(arch: Arch, cache: string): Toolchain {
  const native = arch === hostArch;
  const prefix = native ? "" : `${arch}-linux-gnu-`;
  const suffix = prefix.slice(0, -1).replace("_", "-"); // as Debian's package names end
  const install = native
    ? "on Debian: apt-get install musl-tools g++; on Alpine: apk add build-base"
    : `on Debian: apt-get install binutils-${suffix} gcc-${suffix}; Alpine has no such packages: ` +
      "build there for its own architecture only";
  const tool = (name: string): string => {
    if (Bun.which(prefix + name)) return prefix + name;
    throw new Error(`no ${prefix}${name} to link statically for ${arch}; ${install}`);
  };
  const tools = { as: tool("as"), ld: tool("ld"), strip: tool("strip"), cc: tool("gcc") };
  const root = native ? "/" : fetchLibraries(arch, tools.cc, resolve(cache));
  const libraries = findLibraries(arch, tools.cc, root);
  for (const path of libraries.archives) {
    if (!existsSync(path)) throw new Error(`no ${path} to link statically for ${arch}; ${install}`);
  }
  return { ...tools, ...libraries };
}

/** The other architecture's libraries, of the version that the cross compiler has. */
function fetchLibraries(arch: Arch, cc: string, cache: string): string {
  if (!Bun.which("apt-get") || !Bun.which("dpkg-deb")) {
    throw new Error(`no apt-get and dpkg-deb to fetch the libraries of ${debianArch[arch]}`);
  }
  const version = major(cc);
  const names = ["musl-dev", `libstdc++-${version}-dev`, `libgcc-${version}-dev`];
  return debianPackages(names, arch, cache);
}

function major(cc: string): string {
  return run(cc, ["-dumpversion"]).trim().split(".")[0] ?? "";
}

function findLibraries(
  arch: Arch,
  cc: string,
  root: string,
): Pick<Toolchain, "ccFlags" | "archives"> {
  const gccNames = ["libstdc++.a", "libgcc_eh.a", "libgcc.a"];
  const own = (name: string): string => run(cc, [`-print-file-name=${name}`]).trim();
  if (run(cc, ["-dumpmachine"]).trim().endsWith("-musl")) {
    return { ccFlags: [], archives: [...gccNames, "libc.a"].map(own) };
  }
  const gccFolder = join(root, `usr/lib/gcc/${arch}-linux-gnu`, major(cc));
  const musl = join(root, `usr/include/${arch}-linux-musl`);
  return {
    ccFlags: ["-nostdinc", "-isystem", musl, "-isystem", own("include")],
    archives: [
      ...gccNames.map((name) => join(gccFolder, name)),
      join(root, `usr/lib/${arch}-linux-musl/libc.a`),
    ],
  };
}

/**
 * Finds what the static link needs: GNU as, ld and strip, a C compiler, and the static libraries.
 * On Debian the C library is musl beside the system's glibc; on Alpine musl is the system's. For
 * the other architecture the tools must be installed, the libraries are fetched into the cache.
 */
import { existsSync } from "node:fs";
import { debianLibraries } from "./debian.ts";
import type { Arch } from "./elf.ts";
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

/** `libraries` is a folder of unpacked packages as debian.ts makes it; else it is the machine's. */
export function findToolchain(arch: Arch, cache: string, libraries?: string): Toolchain {
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
  const gcc = run(tools.cc, ["-dumpversion"]).trim().split(".")[0] ?? "";
  const unpacked = libraries ?? (native ? undefined : fetchLibraries(arch, cache, gcc));
  const found = unpacked
    ? unpackedLibraries(arch, tools.cc, unpacked)
    : ownLibraries(arch, tools.cc, gcc);
  for (const path of found.archives) {
    if (!existsSync(path)) throw new Error(`no ${path} to link statically for ${arch}; ${install}`);
  }
  return { ...tools, ...found };
}

/** The other architecture's libraries, of the version that the cross compiler has. */
function fetchLibraries(arch: Arch, cache: string, gcc: string): string {
  if (!Bun.which("apt-get") || !Bun.which("dpkg-deb")) {
    throw new Error(`no apt-get and dpkg-deb to fetch the libraries of ${arch}`);
  }
  return debianLibraries(arch, cache, { gcc });
}

type Libraries = Pick<Toolchain, "ccFlags" | "archives">;

export const gccArchives = ["libstdc++.a", "libgcc_eh.a", "libgcc.a"];

function ownLibraries(arch: Arch, cc: string, gcc: string): Libraries {
  if (run(cc, ["-dumpmachine"]).trim().endsWith("-musl")) {
    return { ccFlags: [], archives: [...gccArchives, "libc.a"].map((name) => ownFile(cc, name)) };
  }
  const archives = gccArchives.map((name) => `/usr/lib/gcc/${arch}-linux-gnu/${gcc}/${name}`);
  return {
    ccFlags: onlyHeaders(cc, `/usr/include/${arch}-linux-musl`),
    archives: [...archives, `/usr/lib/${arch}-linux-musl/libc.a`],
  };
}

function unpackedLibraries(arch: Arch, cc: string, root: string): Libraries {
  const find = (pattern: string): string => {
    const options = { cwd: root, absolute: true, onlyFiles: false };
    const [found] = new Bun.Glob(`*/usr/${pattern}`).scanSync(options);
    return found ?? `${root}/*/usr/${pattern}`;
  };
  const archives = gccArchives.map((name) => find(`lib/gcc/${arch}-linux-gnu/*/${name}`));
  return {
    ccFlags: onlyHeaders(cc, find(`include/${arch}-linux-musl`)),
    archives: [...archives, find(`lib/${arch}-linux-musl/libc.a`)],
  };
}

function onlyHeaders(cc: string, musl: string): string[] {
  return ["-nostdinc", "-isystem", musl, "-isystem", ownFile(cc, "include")];
}

function ownFile(cc: string, name: string): string {
  return run(cc, [`-print-file-name=${name}`]).trim();
}

/**
 * Links a compiled Bun executable once more, statically: musl's libc and GCC's libstdc++ take the
 * place of the shared libraries that it asks for. The result needs no file and no other program. What
 * looks C functions up at run time (bun:ffi, Bun.Terminal) does not work in it.
 */

import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { assemblerFile } from "./assemble.ts";
import { checkLinked, checkSymbols } from "./check.ts";
import { type Arch, type Elf, hex, readElf } from "./elf.ts";
import { readDynamic } from "./elf-dynamic.ts";
import { type Inputs, linkInputs } from "./origin.ts";
import { makePlan, type Plan } from "./plan.ts";
import { run } from "./run.ts";
import { linkerScript } from "./script.ts";
import { findToolchain, type Toolchain } from "./toolchain.ts";

export {
  archiveKeyring,
  debianArch,
  debianLibraries,
  debianMirror,
  debianPackages,
} from "./debian.ts";
export { type Arch, machines } from "./elf.ts";
export type { Inputs } from "./origin.ts";

export interface LinkOptions {
  /** made by `bun build --compile` with the musl Bun of the same architecture */
  input: string;
  output: string;
  arch: Arch;
  /** false only for tests: an executable that obeys BUN_BE_BUN and the rest */
  harden: boolean;
  /** a folder for what is fetched */
  cache: string;
  /** what debianLibraries made, in place of the machine's own libraries */
  libraries?: string;
}

/** Writes `output` and says what it was made of, or throws and leaves no such file. */
export async function linkStatic(options: LinkOptions): Promise<Inputs> {
  const { input, output, arch, harden, cache, libraries } = options;
  rmSync(output, { force: true });
  const tools = findToolchain(arch, cache, libraries);
  const original = readElf(input);
  const plan = makePlan(original, arch);
  const work = mkdtempSync(join(tmpdir(), "link-"));
  const temporary = `${output}.${process.pid}`;
  try {
    const linked = linkIn(work, resolve(input), plan, tools, harden);
    const result = readElf(linked, output);
    checkLinked(result, original, plan);
    checkSymbols(result, exportedNames(original, plan), plan.copies);
    run(tools.strip, ["-o", resolve(temporary), linked]);
    checkLinked(readElf(temporary, output), original, plan);
    chmodSync(temporary, 0o755);
    renameSync(temporary, output);
    return linkInputs(tools);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(temporary, { force: true });
  }
}

/** Assembles, compiles and links in the folder `work`; no path of this machine gets in. */
function linkIn(
  work: string,
  input: string,
  plan: Plan,
  tools: Toolchain,
  harden: boolean,
): string {
  symlinkSync(input, join(work, "input"));
  writeFileSync(join(work, "bun.s"), assemblerFile(plan, "input"));
  writeFileSync(join(work, "link.ld"), linkerScript(plan));
  run(tools.as, ["-o", "bun.o", "bun.s"], work);
  const files = sources.map((name) => join(import.meta.dirname, `${name}.c`));
  run(tools.cc, [...ccFlags, ...tools.ccFlags, `-DHARDEN=${harden ? 1 : 0}`, ...files], work);
  const archives = ["--start-group", ...tools.archives, "--end-group"];
  const page = `max-page-size=${hex(plan.pageBytes)}`;
  const stack = `stack-size=${hex(plan.stackBytes)}`;
  const entry = ["-e", hex(plan.entry), "-T", "link.ld", "-z", page, "-z", stack];
  const objects = ["bun.o", ...sources.map((name) => `${name}.o`)];
  const wrap = wrapped.map((name) => `--wrap=${name}`);
  run(tools.ld, [...ldFlags, ...wrap, ...entry, "-o", "linked", ...objects, ...archives], work);
  return join(work, "linked");
}

const sources = [
  ...["start", "processor", "descriptors", "limits", "crash", "harden", "calls", "gaps"],
];

/** Calls that go to `__wrap_NAME` of these sources, which has libc's as `__real_NAME`. */
const wrapped = [
  ...["__libc_start_main", "sigaction", "write", "mmap"],
  ...["pthread_create", "sysconf", "sched_getaffinity", "link", "getcwd"],
];

const ccFlags = [
  ...["-c", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"],
  ...["-fno-pie", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"],
  ...["-ffunction-sections", "-fdata-sections"],
];

const ldFlags = [
  ...["-static", "-nostdlib", "--no-undefined", "--fatal-warnings", "--orphan-handling=error"],
  "--no-demangle", // names as they are to be found again
  ...[
    "--gc-sections",
    "--eh-frame-hdr",
    "--build-id=none",
    "-z",
    "norelro",
    "-z",
    "noexecstack",
    "-z",
    "separate-code",
  ],
];

/** Names that Bun defines for others, but for those that plan.ts deals with. */
function exportedNames(original: Elf, plan: Plan): Set<string> {
  const settled = new Set([...plan.shared.keys(), ...plan.copies.map((copy) => copy.symbol)]);
  const exported = readDynamic(original).symbols.filter(
    ({ name, section }) => name && section !== 0 && !settled.has(name),
  );
  return new Set(exported.map((symbol) => symbol.name));
}

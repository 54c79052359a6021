/** Compiles and links the probe for the tests; each kind once for a test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { muslBun } from "../../scripts/dev/musl-bun.ts";
import { cache } from "../../scripts/dev/project.ts";
import { type Arch, linkStatic } from "../../scripts/dev/static/link.ts";
import { run } from "../../scripts/dev/static/run.ts";

let folder = "";
const made = new Map<string, Promise<string>>();

function inFolder(name: string): string {
  folder ||= mkdtempSync(join(tmpdir(), "probe-"));
  return join(folder, name);
}

/** For afterAll: each probe has 100 MB. */
export function removeProbes(): void {
  if (folder) rmSync(folder, { recursive: true, force: true });
  folder = "";
  made.clear();
}

/** The path of a probe that is not linked: dynamic, on musl. */
export async function compileProbe(arch: Arch, flags: string[] = deafFlags): Promise<string> {
  const output = inFolder(`probe-${arch}-${flags.length}`);
  const source = join(import.meta.dirname, "probe.ts");
  const compile = ["build", "--compile", `--compile-executable-path=${(await muslBun(arch)).path}`];
  const options = ["--minify", "--bytecode", "--format=esm", ...flags, `--outfile=${output}`];
  run(process.execPath, [...compile, ...options, source]);
  return output;
}

export const deafFlags = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];

export function linkedProbe(arch: Arch, harden: boolean, flags = deafFlags): Promise<string> {
  const output = inFolder(`${arch}-${harden ? "closed" : "open"}-${flags.length}`);
  const link = async (): Promise<string> => {
    const input = await compileProbe(arch, flags);
    await linkStatic({ input, output, arch, harden, cache });
    return output;
  };
  const found = made.get(output) ?? link();
  made.set(output, found);
  return found;
}

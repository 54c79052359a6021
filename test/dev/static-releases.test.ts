/**
 * The executables linked against the libraries of other Debian releases, which are fetched and
 * not installed: every name that they ask for is known, and the drill passes in an empty root.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../scripts/dev/compile.ts";
import { muslBun } from "../../scripts/dev/musl-bun.ts";
import { archs, cache, ownArch, root, temporaryFolder } from "../../scripts/dev/project.ts";
import { aliases } from "../../scripts/dev/static/aliases.ts";
import { apt, debianLibraries } from "../../scripts/dev/static/debian.ts";
import { linkStatic } from "../../scripts/dev/static/link.ts";
import { run } from "../../scripts/dev/static/run.ts";
import { findToolchain } from "../../scripts/dev/static/toolchain.ts";
import { globalSymbols } from "./archive.ts";
import { start } from "./machine.ts";

const releases = ["bookworm", "trixie", "testing"];
const here = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];

/** Why a release's packages cannot be had, or nothing. */
const unavailable = new Map(releases.map((release) => [release, fetchAll(release)]));

function fetchAll(release: string): string {
  try {
    for (const arch of archs) debianLibraries(arch, cache, { release });
    return "";
  } catch (error) {
    return (error as Error).message.split("\n").slice(0, 2).join(" ");
  }
}

let folder = "";
let compiled = "";
beforeAll(async () => {
  folder = temporaryFolder();
  compiled = join(folder, "worstday");
  const { path } = await muslBun(ownArch);
  await compile(join(root, "scripts/worstday.ts"), compiled, path);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withLibraries(what: string, release: string, body: () => Promise<void>): void {
  const missing = unavailable.get(release);
  if (missing) test.skip(`${what} ${release} [skipped: no packages: ${missing}]`, body);
  else test(`${what} ${release}`, body, 60_000);
}

for (const release of releases) {
  describe(release, () => {
    withLibraries(
      "every name is known that is asked for by the libraries of",
      release,
      async () => {
        for (const arch of archs) {
          const libraries = debianLibraries(arch, cache, { release });
          expect([arch, unknownNames(libraries)]).toEqual([arch, []]);
        }
      },
    );

    if (release === here) return; // dist/ is made with these
    withLibraries("the drill passes with the libraries of", release, async () => {
      const libraries = debianLibraries(ownArch, cache, { release });
      const output = join(folder, release);
      const options = { input: compiled, output, arch: ownArch, harden: true, cache, libraries };
      const { archives } = await linkStatic(options);
      expect(archives["libc.a"]?.package).toBe("musl-dev");
      const done = start(["sh", join(root, "scripts/dev/short-drill.sh"), output]);
      rmSync(output);
      expect(done).toEqual({ stdout: "", stderr: "", exitCode: 0 });
    });
  });
}

withLibraries("lists that other keys have signed are refused, as of", "trixie", async () => {
  const keyring = "/usr/share/keyrings/debian-archive-removed-keys.gpg";
  expect(() => apt(ownArch, folder, "trixie", keyring)).toThrow("NO_PUBKEY");
});

/** Supplied by gaps.c, aliases.ts or ld; or refused where it is used. */
function suppliedNames(): string[] {
  const { cc, ccFlags } = findToolchain(ownArch, cache);
  const object = join(folder, "gaps.o");
  run(cc, ["-c", ...ccFlags, "-o", object, join(root, "scripts/dev/static/gaps.c")]);
  const others = ["_GLOBAL_OFFSET_TABLE_", "__dso_handle", "__cxa_thread_atexit_impl"];
  return [...aliases.keys(), ...globalSymbols(object).map(({ name }) => name), ...others];
}

function unknownNames(libraries: string): string[] {
  const gcc = "lib/gcc/*/*/lib{stdc++,supc++,gcc,gcc_eh}.a";
  const files = [gcc, "lib/*-linux-musl/libc.a"].flatMap((pattern) => [
    ...new Bun.Glob(`*/usr/${pattern}`).scanSync({ cwd: libraries, absolute: true }),
  ]);
  expect(files.length).toBe(5);
  const symbols = files.flatMap(globalSymbols);
  const defined = symbols.filter(({ section }) => section !== 0);
  const wanted = symbols.filter(({ section, bind }) => section === 0 && bind !== "weak");
  const known = new Set([...defined.map(({ name }) => name), ...suppliedNames()]);
  return [...new Set(wanted.map(({ name }) => name))].filter((name) => !known.has(name)).sort();
}

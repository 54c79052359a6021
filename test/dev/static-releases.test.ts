/**
 * The executables linked against the libraries of other Debian releases, which are fetched and not
 * installed: no name is missing, and the drill passes in an empty root.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../scripts/dev/compile.ts";
import { muslBun } from "../../scripts/dev/musl-bun.ts";
import { cache, ownArch, root, temporaryFolder } from "../../scripts/dev/project.ts";
import { apt, debianLibraries } from "../../scripts/dev/static/debian.ts";
import { linkStatic } from "../../scripts/dev/static/link.ts";
import { start } from "./machine.ts";

const releases = ["bookworm", "trixie", "testing"];
const here = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];

/** Why a release's packages cannot be had, or nothing. */
const unavailable = new Map(releases.map((release) => [release, fetchAll(release)]));

function fetchAll(release: string): string {
  try {
    debianLibraries(ownArch, cache, { release });
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
  if (release === here) continue; // dist/ is made with these
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
}

withLibraries("lists that other keys have signed are refused, as of", "trixie", async () => {
  const keyring = "/usr/share/keyrings/debian-archive-removed-keys.gpg";
  expect(() => apt(ownArch, folder, "trixie", keyring)).toThrow("NO_PUBKEY");
});

/**
 * npm run release [-- --key FILE]: for each architecture archives, packages and an overlay in dist/, with
 * SHA256SUMS, which the SSH key FILE signs
 * npm run release -- --verify ARCHIVE: is ARCHIVE what its commit gives on this machine?
 *
 * The last commit is built and packed twice, in folders of different names, and the results are
 * compared bit for bit. Where bits differ, the inputs that differ are named: each archive has its
 * inputs.json.
 */

import { globSync, mkdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";
import { version } from "../../package.json" with { type: "json" };
import { differences, readInputs } from "./inputs.ts";
import { pack, sign } from "./package/pack.ts";
import { archs, cache, root, temporaryFolder } from "./project.ts";

const dist = join(root, "dist");
const string = { type: "string" } as const;
/** `here` is how a clone is told to build and pack in its own dist/: an architecture, or "all". */
const options = { key: string, verify: string, here: string };
const { key, verify, here } = parseArgs({ options }).values;
const work = temporaryFolder();
try {
  if (here) await releaseHere(here);
  else if (verify) await verifyArchive(resolve(verify));
  else await release();
} finally {
  rmSync(work, { recursive: true });
}

async function release(): Promise<void> {
  const changes = await $`git status --porcelain`.cwd(root).text();
  if (changes !== "") throw new Error(`not committed, so not in the release:\n${changes}`);
  const first = await releaseIn(join(work, "first"), "HEAD", "all");
  const second = await releaseIn(join(work, "a-second-folder"), "HEAD", "all");
  for (const arch of archs) await compareImages(join(first, arch), join(second, arch));
  await $`diff -r ${first} ${second}`;
  console.log("reproducible: two builds in two folders are the same, bit for bit");
  rmSync(dist, { recursive: true, force: true });
  await $`cp -a ${first} ${dist}`;
  const files = globSync("worstday*", { cwd: dist }).sort();
  await $`sha256sum ${files} > SHA256SUMS && ls -l ${files}`.cwd(dist);
  if (key) await sign(join(dist, "SHA256SUMS"), key);
  else console.log("not signed: --key FILE signs with an SSH key");
}

/** Clones the commit, builds and packs it there with its own tools; gives the folder of the results. */
async function releaseIn(folder: string, commit: string, arch: string): Promise<string> {
  await $`git clone --quiet ${root} ${folder} && git -C ${folder} checkout --quiet ${commit}`;
  mkdirSync(cache, { recursive: true });
  await $`cp -a node_modules ${folder} && ln -s ${cache} ${folder}/.cache`.cwd(root);
  await $`sh scripts/dev/setup.sh && node_modules/.bin/bun scripts/dev/release.ts --here ${arch}`
    .cwd(folder)
    .quiet();
  return join(folder, "dist");
}

async function releaseHere(chosen: string): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  await $`${process.execPath} scripts/dev/build.ts --arch ${chosen}`.cwd(root);
  const [commit = "", time] = (await $`git log -1 --format=%H/%ct`.cwd(root).text()).split("/");
  const release = { version, commit, time: Number(time) };
  const wanted = archs.filter((one) => chosen === "all" || chosen === one);
  await Promise.all(wanted.map((arch) => pack(dist, arch, dist, release)));
}

async function verifyArchive(archive: string): Promise<void> {
  const [, arch] = /-([^-]*)\.tar\.[gx]z$/.exec(archive) ?? [];
  if (!arch) throw new Error(`${archive}: its name does not end in -ARCH.tar.gz or .tar.xz`);
  const published = join(work, "published");
  mkdirSync(published);
  await $`tar -xf ${archive} -C ${published} --strip-components=1`;
  const { source } = readInputs(join(published, "inputs.json"));
  if (!source) throw new Error(`${archive}: its inputs.json names no commit`);
  const tagged = await $`git rev-parse -q --verify ${source.tag}^{commit}`
    .cwd(root)
    .nothrow()
    .text();
  if (tagged && tagged.trim() !== source.commit) {
    throw new Error(
      `${archive} is of commit ${source.commit}, but ${source.tag} is ${tagged.trim()}`,
    );
  }
  const built = await releaseIn(join(work, "built"), source.commit, arch);
  await compareImages(published, join(built, arch));
  const same = await $`cmp ${archive} ${join(built, basename(archive))}`.nothrow();
  if (same.exitCode !== 0) {
    const rebuilt = join(work, "rebuilt");
    mkdirSync(rebuilt);
    await $`tar -xf ${join(built, basename(archive))} -C ${rebuilt} --strip-components=1`;
    const told = await $`diff -rq ${published} ${rebuilt}`.nothrow().text();
    throw new Error(`the executables are the same, but:\n${told || "how they are packed"}`);
  }
  const tag = tagged
    ? `the tag ${source.tag}`
    : `the commit ${source.commit}, which has no tag here,`;
  console.log(`${basename(archive)}: what ${tag} gives, bit for bit`);
}

async function compareImages(first: string, second: string): Promise<void> {
  const same = await $`cmp -s ${first}/worstday ${second}/worstday`.nothrow();
  if (same.exitCode === 0) return;
  const [a, b] = [first, second].map((folder) => {
    const { source: _, ...inputs } = readInputs(join(folder, "inputs.json"));
    return inputs;
  });
  const different = a && b ? differences(a, b) : [];
  const why = different.length > 0 ? "these inputs differ" : "no input is known to differ";
  throw new Error([`the executables differ; ${why}:`, ...different].join("\n  "));
}

/**
 * npm run release [-- --key FILE] [--minisign FILE]: for each architecture archives, packages and an
 * overlay in dist/, with SHA256SUMS, which the SSH key and the key of minisign sign
 * npm run release -- --verify ARCHIVE: is ARCHIVE what its commit gives on this machine?
 *
 * The last commit is built and packed twice, in folders of different names, and the results are
 * compared bit for bit. Where bits differ, the inputs that differ are named: each archive has its
 * inputs.json.
 */

import { existsSync, globSync, mkdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";
import { version } from "../../package.json" with { type: "json" };
import { readInputs } from "./inputs.ts";
import { compareArchives, compareImages } from "./package/compare.ts";
import { pack, sign, signAsMinisign } from "./package/pack.ts";
import { archs, cache, root, temporaryFolder } from "./project.ts";

const dist = join(root, "dist");
const string = { type: "string" } as const;
/** `here` is how a clone is told to build and pack in its own dist/: an architecture, or "all". */
const options = { key: string, minisign: string, verify: string, here: string };
const { key, minisign, verify, here } = parseArgs({ options }).values;
const work = temporaryFolder();
try {
  if (here) await releaseHere(here);
  else if (verify) await verifyArchive(resolve(verify));
  else await release();
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function release(): Promise<void> {
  const changes = await $`git status --porcelain`.cwd(root).text();
  if (changes !== "") throw new Error(`not committed, so not in the release:\n${changes}`);
  for (const file of [key, minisign]) {
    if (file && !existsSync(file)) throw new Error(`${file}: there is no such key`);
  }
  const commit = (await $`git rev-parse HEAD`.cwd(root).text()).trim();
  const first = await releaseIn(join(work, "first"), commit, "all");
  const second = await releaseIn(join(work, "a-second-folder"), commit, "all");
  for (const arch of archs) await compareImages(join(first, arch), join(second, arch));
  await $`diff -r ${first} ${second}`;
  console.log("reproducible: two builds in two folders are the same, bit for bit");
  rmSync(dist, { recursive: true, force: true });
  await $`cp -a ${first} ${dist}`;
  const files = globSync("worstday*", { cwd: dist }).sort();
  await $`sha256sum ${files} > SHA256SUMS && ls -l ${files}`.cwd(dist);
  const sums = join(dist, "SHA256SUMS");
  if (key) await sign(sums, key);
  if (minisign) await signAsMinisign(sums, minisign);
  if (!key && !minisign) console.log("not signed: --key FILE signs with an SSH key");
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
  const [, arch, suffix] = /-([^-]*)(\.tar\.[gx]z)$/.exec(archive) ?? [];
  if (!arch) throw new Error(`${archive}: its name does not end in -ARCH.tar.gz or .tar.xz`);
  const published = join(work, "published");
  mkdirSync(published);
  await $`tar -xf ${archive} -C ${published} --strip-components=1`;
  const { source } = readInputs(join(published, "inputs.json"));
  if (!source) throw new Error(`${archive}: its inputs.json names no commit`);
  const commit = async (name: string) =>
    (await $`git rev-parse -q --verify ${name}^{commit}`.cwd(root).quiet().nothrow().text()).trim();
  const tagged = await commit(source.tag);
  if (tagged && tagged !== source.commit) {
    throw new Error(`${archive} is of commit ${source.commit}, but ${source.tag} is ${tagged}`);
  }
  if ((await commit(source.commit)) !== source.commit) {
    throw new Error(`${archive} is of commit ${source.commit}, which this clone does not have`);
  }
  const built = await releaseIn(join(work, "built"), source.commit, arch);
  await compareImages(published, join(built, arch));
  const again = join(built, `worstday-${source.tag.slice(1)}-${arch}${suffix}`);
  await compareArchives(archive, again);
  const tag = tagged
    ? `the tag ${source.tag}`
    : `the commit ${source.commit}, which has no tag here,`;
  console.log(`${basename(archive)}: what ${tag} gives, bit for bit`);
}

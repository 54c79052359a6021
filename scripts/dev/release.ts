/**
 * npm run release: dist/worstday-VERSION-ARCH.tar.gz for each architecture, and SHA256SUMS
 * npm run release -- --check ARCHIVE: is ARCHIVE what the last commit gives on this machine?
 *
 * The last commit is built twice, in folders of different names, and the results are compared bit
 * for bit. Where bits differ, the inputs that differ are named: each archive has its inputs.json.
 * The archives keep the hard links and unpack with busybox tar.
 */

import { mkdirSync, rmSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";
import { version } from "../../package.json" with { type: "json" };
import { differences, readInputs } from "./inputs.ts";
import { archs, cache, commandNames, root, temporaryFolder } from "./project.ts";

const dist = join(root, "dist");
const work = temporaryFolder();
const { check } = parseArgs({ options: { check: { type: "string" } } }).values;
try {
  if (check) await checkArchive(check);
  else await release();
} finally {
  rmSync(work, { recursive: true });
}

async function release(): Promise<void> {
  await refuseChanges();
  const first = await buildIn(join(work, "first"));
  const second = await buildIn(join(work, "a-second-folder"));
  for (const arch of archs) await compareImages(join(first, arch), join(second, arch));
  await $`diff -r ${first} ${second}`;
  console.log("reproducible: two builds in two folders are the same, bit for bit");
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  await $`cp -r ${first}/man ${dist}`;
  for (const arch of archs) await pack(first, arch);
  await $`sha256sum *.tar.gz > SHA256SUMS && cat SHA256SUMS`.cwd(dist);
}

async function checkArchive(archive: string): Promise<void> {
  const arch = archs.find((one) => archive.endsWith(`-${one}.tar.gz`));
  if (!arch) throw new Error(`${archive}: its name does not end in -ARCH.tar.gz`);
  const published = join(work, "published");
  mkdirSync(published);
  await $`tar -xzf ${resolve(archive)} -C ${published} --strip-components=1`;
  await compareImages(published, join(await buildIn(join(work, "built"), arch), arch));
  console.log(`${basename(archive)}: the executable is what this commit gives, bit for bit`);
}

async function refuseChanges(): Promise<void> {
  const changes = await $`git status --porcelain`.cwd(root).text();
  if (changes !== "") throw new Error(`not committed, so not in the release:\n${changes}`);
}

/** A fresh clone with what has been downloaded; returns its dist folder. */
async function buildIn(folder: string, arch = "all"): Promise<string> {
  await $`git clone --quiet ${root} ${folder}`;
  mkdirSync(cache, { recursive: true });
  await $`cp -a node_modules ${folder} && ln -s ${cache} ${folder}/.cache`.cwd(root);
  await $`node_modules/.bin/bun scripts/dev/build.ts --arch ${arch}`.cwd(folder).quiet();
  return join(folder, "dist");
}

async function compareImages(first: string, second: string): Promise<void> {
  const same = await $`cmp -s ${first}/worstday ${second}/worstday`.nothrow();
  if (same.exitCode === 0) return;
  const [a, b] = [first, second].map((folder) => readInputs(join(folder, "inputs.json")));
  const different = a && b ? differences(a, b) : [];
  const why = different.length > 0 ? "these inputs differ" : "no input is known to differ";
  throw new Error([`the executables differ; ${why}:`, ...different].join("\n  "));
}

/** Same bytes from the same commit: names sorted, no owners, the commit's time. */
async function pack(from: string, arch: string): Promise<void> {
  const name = `worstday-${version}-${arch}`;
  const archive = join(dist, `${name}.tar.gz`);
  const time = (await $`git log -1 --format=%ct`.cwd(root).text()).trim();
  await $`cp -a ${from}/${arch} ${dist}/${arch}`;
  await $`cp -a ${from}/${arch} ${work}/${name}`;
  await $`cp README.md RUNBOOK.md TROUBLESHOOTING.md SPEC.md LICENSE recover.py ${work}/${name}`.cwd(
    root,
  );
  await $`cp -r ${from}/man ${work}/${name}`;
  await $`chmod -R u=rwX,go=rX ${work}/${name}`;
  const flags = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=@${time}`];
  await $`tar -C ${work} --format=ustar ${flags} -cf - ${name} | gzip -9n > ${archive}`;
  await tryUnpacking(archive, name);
  const [image, packed] = [join(dist, arch, "worstday"), archive].map((file) => {
    return `${(statSync(file).size / 1e6).toFixed(1)} MB`;
  });
  console.log(`${arch}: one image of ${image}, ${packed} compressed`);
}

/** As a rescue image would unpack it: with busybox, into one image under all names. */
async function tryUnpacking(archive: string, name: string): Promise<void> {
  const folder = join(work, "unpacked");
  mkdirSync(folder);
  await $`busybox tar -xzf ${archive}`.cwd(folder);
  await $`diff -r ${folder}/${name} ${work}/${name}`;
  const images = ["worstday", ...commandNames()];
  const inodes = new Set(images.map((file) => statSync(join(folder, name, file)).ino));
  if (inodes.size !== 1) throw new Error(`${archive}: the hard links are not kept`);
  rmSync(folder, { recursive: true });
}

/**
 * From dist/ARCH and dist/man to what a release offers of one architecture: .tar.gz and .tar.xz, .deb,
 * Alpine's .apk, and an overlay for Alpine's live system. Made by tar, dpkg-deb and the compressors, of
 * sorted names, owner root and one time: the same input gives the same bytes.
 */

import { chmodSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { description } from "../../../package.json" with { type: "json" };
import { readInputs } from "../inputs.ts";
import { root, temporaryFolder } from "../project.ts";
import { type Arch, debianArch } from "../static/link.ts";
import { billOfMaterials } from "./bill.ts";
import { notice } from "./notice.ts";

export interface Release {
  version: string;
  commit: string;
  /** of the commit, in seconds since 1970 */
  time: number;
}

/** All documents, since they link to each other. */
const plainFiles = [...globSync("*.md", { cwd: root }).sort(), "LICENSE", "recover.py"];

/** The files go into the folder `to`; `from` is a dist folder. */
export async function pack(from: string, arch: Arch, to: string, release: Release): Promise<void> {
  const work = temporaryFolder();
  try {
    const name = `worstday-${release.version}-${arch}`;
    const tree = join(work, name);
    await fillTree(from, arch, tree, release);
    const packed = join(to, `${name}.tar`);
    await $`tar -C ${work} ${tarFlags(release.time)} -cf ${packed} ${name}`;
    await $`xz -6kT1 ${packed} && gzip -9n ${packed}`; // busybox knows no filter for machine code
    await debianPackage(tree, arch, to, release);
    await alpinePackage(tree, arch, to, release);
    await overlayTree(tree, `${tree}.overlay`);
    const overlay = join(to, `${name}.apkovl.tar`);
    await $`tar -C ${tree}.overlay ${tarFlags(release.time)} -cf ${overlay} etc root usr && gzip -9n ${overlay}`;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function tarFlags(time: number): string[] {
  return ["--format=ustar", "--sort=name", "--numeric-owner", ...fixed(time)];
}

function fixed(time: number): string[] {
  return ["--owner=0", "--group=0", `--mtime=@${time}`];
}

/** What the archives hold: the executables under all names, and what is read with them. */
async function fillTree(from: string, arch: Arch, tree: string, release: Release): Promise<void> {
  await $`cp -a ${from}/${arch} ${tree} && cp -r ${from}/man ${tree}`;
  await $`cp ${plainFiles} ${tree}`.cwd(root);
  const inputs = readInputs(join(tree, "inputs.json"));
  const { version, commit } = release;
  const source = { tag: `v${version}`, commit };
  const files = {
    "inputs.json": `${JSON.stringify({ source, ...inputs }, null, 2)}\n`,
    "sbom.cdx.json": billOfMaterials(version, arch, inputs),
    NOTICE: notice(inputs),
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(tree, file), text);
  await $`chmod -R u=rwX,go=rX ${tree}`;
}

/** Where packages put it: `worstday` alone is on PATH, since split and combine are taken names. */
async function installedTree(tree: string, to: string): Promise<void> {
  const [man, doc] = [join(to, "usr/share/man/man1"), join(to, "usr/share/doc/worstday")];
  await $`mkdir -p ${to}/usr/bin ${man} ${doc} && ln ${tree}/worstday ${to}/usr/bin`;
  await $`cp ${[...plainFiles, "NOTICE", "inputs.json", "sbom.cdx.json"]} ${doc}`.cwd(tree);
  await $`cp ${tree}/man/worstday.1 ${tree}/man/worstday-*.1 ${man} && gzip -9n ${man}/*.1`;
  await $`chmod -R u=rwX,go=rX ${to}`;
}

async function debianPackage(tree: string, arch: Arch, to: string, release: Release) {
  const work = `${tree}.deb`;
  await installedTree(tree, work);
  const doc = join(work, "usr/share/doc/worstday");
  await $`cat ${tree}/LICENSE ${tree}/NOTICE > ${doc}/copyright && rm ${doc}/LICENSE ${doc}/NOTICE`;
  mkdirSync(join(work, "DEBIAN"));
  await $`find usr -type f | LC_ALL=C sort | xargs md5sum > DEBIAN/md5sums`.cwd(work);
  const kilobytes = (await $`du -sk --apparent-size ${work}/usr`.text()).split("\t")[0];
  const control = `Package: worstday
Version: ${release.version}
Architecture: ${debianArch[arch]}
Maintainer: worstday <worstday@localhost>
Installed-Size: ${kilobytes}
Section: utils
Priority: optional
Description: ${description}
`;
  writeFileSync(join(work, "DEBIAN/control"), control);
  const file = join(to, `worstday_${release.version}_${debianArch[arch]}.deb`);
  await $`chmod -R u=rwX,go=rX ${work}/DEBIAN && find ${work} -exec touch -hd @${release.time} {} +`;
  const flags = ["--root-owner-group", "-Zxz", "--threads-max=1"];
  await $`dpkg-deb ${flags} --build ${work} ${file}`
    .env({ ...process.env, SOURCE_DATE_EPOCH: `${release.time}` })
    .quiet();
}

/**
 * Version 2 of the format, which every apk-tools since 2.0 reads: two gzip streams, a tar archive with
 * .PKGINFO and without an end, and one with the files and, in headers of POSIX tar, their hashes. Not
 * signed: `apk add --allow-untrusted`.
 */
async function alpinePackage(tree: string, arch: Arch, to: string, release: Release) {
  const work = `${tree}.apk`;
  await installedTree(tree, work);
  const { time } = release;
  const flags = ["--format=pax", "--no-recursion", "--numeric-owner", ...fixed(time)];
  // tar writes a hash only where it also has times to write
  const headers = `--pax-option=exthdr.name=%d/PaxHeaders/%f,atime:=${time},ctime:=${time}`;
  const data = `${work}.tar`;
  const list = async (type: string) =>
    (await $`find usr -type ${type} | LC_ALL=C sort`.cwd(work).text()).trim().split("\n");
  await $`tar ${flags} ${headers} -cf ${data} ${await list("d")}`.cwd(work);
  for (const file of await list("f")) {
    const sha1 = (await $`sha1sum ${file}`.cwd(work).text()).slice(0, 40);
    const hashed = `${headers},APK-TOOLS.checksum.SHA1:=${sha1}`;
    await $`tar ${flags} ${hashed} -rf ${data} ${file}`.cwd(work);
  }
  await $`gzip -9n ${data}`;
  const [size] = (await $`du -sb ${work}/usr`.text()).split("\t");
  const datahash = (await $`sha256sum ${data}.gz`.text()).slice(0, 64);
  const info = `pkgname = worstday
pkgver = ${release.version}-r0
pkgdesc = ${description}
url = worstday
builddate = ${release.time}
size = ${size}
arch = ${arch}
license = MIT
commit = ${release.commit}
datahash = ${datahash}
`;
  const control = `${work}.control`;
  mkdirSync(control);
  writeFileSync(join(control, ".PKGINFO"), info);
  chmodSync(join(control, ".PKGINFO"), 0o644);
  const file = join(to, `worstday-${release.version}-r0.${arch}.apk`);
  await $`tar -b 1 ${flags} ${headers} -cf - .PKGINFO | head -c -1024 | gzip -9n | cat - ${data}.gz > ${file}`.cwd(
    control,
  );
}

/**
 * Alpine's live system unpacks it over its root at boot, when it finds it on any medium. The first file
 * asks for the services that run without an overlay, the second for the usual packages.
 */
export async function overlayTree(tree: string, to: string): Promise<void> {
  await $`mkdir -p ${to}/etc/apk ${to}/root ${to}/usr/local/bin`;
  writeFileSync(join(to, "etc/.default_boot_services"), "");
  writeFileSync(join(to, "etc/apk/world"), "alpine-base\n");
  await $`ln worstday ${to}/usr/local/bin`.cwd(tree);
  await $`cp RUNBOOK.md TROUBLESHOOTING.md recover.py ${to}/root`.cwd(tree);
  await $`chmod -R u=rwX,go=rX ${to} && chmod 700 ${to}/root`;
}

/** FILE.sig, by OpenSSH, in the namespace "worstday"; `key` is the file of a key that ssh could use. */
export async function sign(file: string, key: string): Promise<void> {
  await $`ssh-keygen -q -Y sign -n worstday -f ${key} ${file}`;
}

/** FILE.minisig; minisign asks for the key's password if it has one. */
export async function signAsMinisign(file: string, key: string): Promise<void> {
  await $`minisign -S -s ${key} -m ${file}`;
}

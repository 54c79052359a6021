/**
 * npm run hosts [-- RELEASE ...]: fresh systems of Debian 12, 13 and testing, the packages and the
 * whole drill on each, and the recovery once more with another's executable. Root only.
 *
 * A system is what debootstrap makes, with Node.js and npm; .cache/hosts keeps it. It uses the
 * machine's network, certificates and settings of npm and apt, and nothing else. Each program runs
 * in a mount namespace of its own, so that no mount outlives it.
 */

import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { differences, readInputs } from "./inputs.ts";
import { pack } from "./package/pack.ts";
import { cache, ownArch, root, temporaryFolder } from "./project.ts";
import { archiveKeyring, debianArch, debianMirror } from "./static/link.ts";

const releases =
  process.argv.length > 2 ? process.argv.slice(2) : ["bookworm", "trixie", "testing"];
const certificates = "/etc/ssl/certs/ca-certificates.crt";
/** Where a system has them: not among its own, which it may make anew. */
const copiedCertificates = "/etc/machine-certificates.crt";
const userId = 1000;

/** What somebody does with an installed package, in a system that has nothing else of the project. */
const use = `cd "$(mktemp -d)" && umask 077 && [ "$(command -v worstday)" = /usr/bin/worstday ] &&
  echo "the secrets" > secrets && worstday vault-close -o vault.wd secrets |
    worstday split -k 2 -n 3 > shares && head -n 2 shares | worstday combine |
    worstday vault-open vault.wd -o recovered && cmp secrets recovered`;

// nothing of the machine is bound in but devices that hold no state: what the system does to its
// own files, as when it installs certificates, must not reach the machine's
const enterScript = `
mount -t proc none "$1/proc"
mount -t tmpfs none "$1/dev"
mkdir "$1/dev/pts" "$1/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 none "$1/dev/pts"
mount -t tmpfs none "$1/dev/shm"
ln -s pts/ptmx "$1/dev/ptmx"
ln -s /proc/self/fd "$1/dev/fd"
for device in null zero full random urandom tty; do
  : > "$1/dev/$device"
  mount --bind "/dev/$device" "$1/dev/$device"
done
exec chroot --userspec "$2:$2" "$1" /bin/sh -c 'cd "$1" && eval "$2"' sh "$3" "$4"`;

if (process.getuid?.() !== 0) throw new Error("only root can make systems");
// a signal ends the program that runs, and what has been made is removed as after an error
let running: Bun.Subprocess | undefined;
let stopped = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    stopped = true;
    running?.kill("SIGKILL");
  });
}
const work = temporaryFolder();
try {
  await pack(join(root, "dist"), ownArch, work, { version: "0.0.1", commit: "", time: 0 });
  await tryAlpinePackage();
  for (const release of releases) await drillOn(release);
  await exchange();
} finally {
  rmSync(work, { recursive: true });
}

async function tryDebianPackage(release: string, system: string): Promise<void> {
  await $`cp ${work}/worstday_0.0.1_${debianArch[ownArch]}.deb ${system}/package.deb`;
  const line = `dpkg -i /package.deb && ${use} && dpkg -P worstday && ! [ -e /usr/bin/worstday ]`;
  const done = await enter(system, "/", line, 0);
  if (done.exitCode !== 0) fail(`${release}, the .deb`, done);
  console.log(`${release}: the .deb is installed, used and removed`);
}

/** Into a root that apk itself makes; Debian has no apk-tools. */
async function tryAlpinePackage(): Promise<void> {
  if (!Bun.which("apk")) {
    console.log("the .apk: not tried, since this machine has no apk");
    return;
  }
  const system = join(work, "alpine");
  const apk = ["apk", "--root", system, "--no-network", "--allow-untrusted"];
  await $`${apk} add --initdb ${work}/worstday-0.0.1-r0.${ownArch}.apk`;
  await $`mkdir -p ${system}/bin ${system}/tmp && cp ${Bun.which("busybox")} ${system}/bin`;
  await $`chroot ${system} /bin/busybox --install -s /bin`;
  await $`chroot ${system} /bin/sh -ec ${use}`.env({ PATH: "/usr/bin:/bin:/usr/sbin:/sbin" });
  await $`${apk} del worstday`;
  if (existsSync(join(system, "usr/bin/worstday")))
    throw new Error("the .apk is not removed whole");
  console.log("the .apk is installed, used and removed");
}

async function drillOn(release: string): Promise<void> {
  const system = await unpack(release);
  await tryDebianPackage(release, system);
  await cloneInto(join(system, "home/user/worstday"), userId);
  const refused = await enter(system, "/home/user/worstday", "npm run drill", userId);
  const missing = /^setup: error: as root: apt-get install (.*musl-tools g\+\+.*)$/m;
  const named = missing.exec(refused.output)?.[1];
  if (refused.exitCode !== 1 || !named) fail(`${release}, as a user`, refused);
  await cloneInto(join(system, "root/worstday"), 0);
  const began = performance.now();
  const drill = await enter(system, "/root/worstday", "npm run drill", 0);
  const seconds = secondsSince(began);
  const ends = "fleet-drill: recovered on every day of the table, bit for bit\n";
  if (drill.exitCode !== 0 || !drill.output.endsWith(ends)) fail(release, drill);
  cpSync(join(system, "root/worstday/dist", ownArch), join(work, `${release}.dist`), {
    recursive: true,
  });
  const version = readFileSync(join(system, "etc/debian_version"), "utf8").trim();
  rmSync(system, { recursive: true });
  console.log(`${release} (${version}): npm run drill passes in ${seconds} s`);
  console.log(`${release}, not as root: stops with exit status 1 and names ${named}`);
}

/** A vault that each closes, the next one opens. */
async function exchange(): Promise<void> {
  for (const [index, makes] of releases.entries()) {
    const recovers = releases[(index + 1) % releases.length] ?? makes;
    const [from, to] = [makes, recovers].map((release) => join(work, `${release}.dist`));
    const began = performance.now();
    await $`sh ${root}/scripts/dev/short-drill.sh ${from}/worstday ${to}/worstday`;
    console.log(`${makes} closes, ${recovers} opens: ${secondsSince(began)} s`);
    const different = differences(
      readInputs(`${from}/inputs.json`),
      readInputs(`${to}/inputs.json`),
    );
    const same = (await $`cmp -s ${from}/worstday ${to}/worstday`.nothrow()).exitCode === 0;
    if (!same && different.length === 0)
      throw new Error(`${makes}, ${recovers}: same inputs, other bits`);
  }
}

/** A folder with a system of the release, made by debootstrap the first time. */
async function unpack(release: string): Promise<string> {
  const kept = join(cache, "hosts", `${release}.tar`);
  const system = join(work, release);
  mkdirSync(system);
  if (existsSync(kept)) {
    await $`tar -xf ${kept} -C ${system}`;
    settings(system);
    return system;
  }
  const flags = ["--variant=minbase", `--keyring=${archiveKeyring}`];
  await $`unshare --mount debootstrap ${flags} ${release} ${system} ${debianMirror()}`.quiet();
  settings(system);
  const install = "apt-get -qq update && apt-get -qq install --no-install-recommends nodejs npm";
  const done = await enter(system, "/", `${install} && apt-get clean`, 0);
  if (done.exitCode !== 0) fail(`${release}, Node.js and npm`, done);
  mkdirSync(join(cache, "hosts"), { recursive: true });
  await $`tar -cf ${kept}.${process.pid} -C ${system} .`;
  renameSync(`${kept}.${process.pid}`, kept);
  return system;
}

/** Copies of what the machine reaches the network with: apt's settings, names, certificates. */
function settings(system: string): void {
  const dump = Bun.spawnSync(["apt-config", "dump", "Acquire"]).stdout.toString();
  const lines = dump.match(/^Acquire::(?:https?|Check|Retries|Force)[\w:.-]* .*\n/gim) ?? [];
  writeFileSync(join(system, "etc/apt/apt.conf.d/99machine"), lines.join(""));
  const copies = { [certificates]: copiedCertificates, "/etc/resolv.conf": "/etc/resolv.conf" };
  for (const [from, to] of Object.entries(copies)) {
    if (existsSync(from)) cpSync(from, join(system, to), { dereference: true });
  }
}

async function cloneInto(folder: string, owner: number): Promise<void> {
  await $`git clone --quiet --no-hardlinks ${root} ${folder} && chown -R ${owner}:${owner} ${folder}`;
  chownSync(join(folder, ".."), owner, owner);
}

interface Done {
  exitCode: number;
  output: string;
}

async function enter(system: string, folder: string, line: string, user: number): Promise<Done> {
  if (stopped) throw new Error("stopped by a signal");
  const npm = (name: string) =>
    Bun.spawnSync(["npm", "config", "get", name]).stdout.toString().trim();
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: user === 0 ? "/root" : "/home/user",
    DEBIAN_FRONTEND: "noninteractive",
    npm_config_registry: npm("registry"),
    ...(existsSync(certificates) && {
      NODE_EXTRA_CA_CERTS: copiedCertificates,
      npm_config_cafile: copiedCertificates,
    }),
  };
  const apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", enterScript];
  const command = [...apart, "sh", system, `${user}`, folder, `exec 2>&1; ${line}`];
  const child = Bun.spawn(command, { env, stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  running = child;
  const output = await new Response(child.stdout).text();
  const exitCode = await child.exited;
  running = undefined;
  if (stopped) throw new Error("stopped by a signal");
  return { output, exitCode };
}

function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

function fail(where: string, { exitCode, output }: Done): never {
  const end = output.trimEnd().split("\n").slice(-40).join("\n");
  throw new Error(`${where}: exit status ${exitCode}\n${end}`);
}

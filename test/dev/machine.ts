/**
 * Bare places to run a static executable in: an empty root, another architecture, and a Linux
 * kernel that boots into busybox with no disk and no network.
 */
import { test } from "bun:test";
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { cache } from "../../scripts/dev/project.ts";
import { apt, debianPackages } from "../../scripts/dev/static/debian.ts";

export interface Finished {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** A test that needs programs: without them it is skipped and says so, in CI it fails. */
export function drill(
  name: string,
  programs: Record<string, string>,
  body: () => Promise<void>,
  timeout = 120_000,
): void {
  const missing = Object.entries(programs).filter(([program]) => !Bun.which(program));
  const packages = missing.map(([program, from]) => `${program} (package ${from})`).join(", ");
  if (missing.length === 0) test(name, body, timeout);
  else if (process.env["CI"]) test(name, () => Promise.reject(new Error(`no ${packages}`)));
  else test.skip(`${name} [skipped: no ${packages}]`, body);
}

export function start(command: string[], options: { cwd?: string; env?: Env } = {}): Finished {
  const { cwd = process.cwd(), env = {} } = options;
  const all = { PATH: process.env["PATH"], ...env };
  const done = Bun.spawnSync(command, { cwd, env: all, timeout: 330_000 }); // a boot has 300 s
  const { exitCode, signalCode } = done;
  const stderr = done.stderr.toString() + (signalCode ? `killed by ${signalCode}\n` : "");
  return { stdout: done.stdout.toString(), stderr, exitCode };
}

export type Env = Record<string, string>;

/** Runs an executable as the only file of its root: no /proc, no /dev, no libraries. */
export function runInEmptyRoot(executable: string, args: string[], env: Env = {}): Finished {
  const root = mkdtempSync(join(tmpdir(), "root-"));
  try {
    place(executable, join(root, basename(executable)));
    const enter = process.getuid?.() === 0 ? ["chroot"] : ["unshare", "--map-root-user", "chroot"];
    return start([...enter, root, `/${basename(executable)}`, ...args], { env });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A hard link costs nothing; a copy is for when that is another file system. */
export function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/**
 * Boots Debian's cloud kernel in QEMU with 512 MiB and busybox, which runs the script in /, where the
 * files are, over which what is in the folder `overlay` is laid. Gives its output, with standard error in it.
 * The file system is not compressed: emulated, that takes longer than all else.
 */
export function bootMachine(script: string, files: string[], overlay: string): string {
  const work = mkdtempSync(join(tmpdir(), "boot-"));
  try {
    const initramfs = join(work, "initramfs");
    const { kernel, busybox } = machineParts();
    const tree = join(work, "root");
    mkdirSync(join(tree, "bin"), { recursive: true });
    place(busybox, join(tree, "bin/busybox"));
    for (const file of files) place(file, join(tree, basename(file)));
    for (const [name, text] of Object.entries({ init, script })) {
      writeFileSync(join(tree, name), text, { mode: 0o755 });
    }
    const lay = `cp -al ${overlay}/. ${tree} 2>/dev/null || cp -a ${overlay}/. ${tree}`;
    const pack = `{ ${lay}; } && find . | cpio --quiet -o -H newc -R 0:0 > ${initramfs}`;
    const packed = start(["sh", "-c", pack], { cwd: tree });
    if (packed.exitCode !== 0) throw new Error(packed.stderr);
    const done = start([...qemu, "-m", "512", "-kernel", kernel, "-initrd", initramfs]);
    const output = done.stdout.replaceAll("\r", "");
    const told = /^<begin>\n(.*)^<end>$/ms.exec(output)?.[1];
    if (told === undefined) throw new Error(`no end of the script:\n${output}${done.stderr}`);
    return told;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The executables need no /proc, /sys or /dev, but a rescue system has them. */
const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mkdir -p /proc /sys /dev /tmp
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
dmesg -n 1
echo "<begin>"
sh /script 2>&1 | cat # not to the console, which is a terminal
echo "<end>"
reboot -f
`;

/**
 * Emulated even where there is a /dev/kvm: it takes 6 seconds, and inside some virtual machines
 * KVM opens, but never runs a guest. `-cpu max`: QEMU's plain qemu64 lacks SSE4.2, without which
 * Bun does not start.
 */
const qemu = [
  ...["timeout", "300", "qemu-system-x86_64", "-nodefaults", "-no-reboot", "-display", "none"],
  ...["-accel", "tcg", "-cpu", "max", "-serial", "stdio"],
  ...["-append", "console=ttyS0 quiet panic=-1"],
];

function machineParts(): { kernel: string; busybox: string } {
  const folder = join(cache, "debian-own-amd64");
  mkdirSync(folder, { recursive: true });
  const find = (pattern: string) =>
    [...new Bun.Glob(pattern).scanSync({ cwd: folder, absolute: true })][0];
  const get = (pattern: string, packageName: () => string): string => {
    if (!find(pattern)) debianPackages([packageName()], "x86_64", cache);
    const found = find(pattern);
    if (!found) throw new Error(`Debian's packages hold no ${pattern}`);
    return found;
  };
  return {
    kernel: get("linux-image-*/*/boot/vmlinuz-*", kernelPackage),
    busybox: get("busybox-static/*/bin/busybox", () => "busybox-static"),
  };
}

/** linux-image-cloud-amd64 is empty and depends on the kernel of the day. */
function kernelPackage(): string {
  const show = apt("x86_64", cache)("apt-cache", ["show", "linux-image-cloud-amd64"]);
  const name = /^Depends:.*?\b(linux-image-\S+-cloud-amd64)\b/m.exec(show)?.[1];
  if (!name) throw new Error("linux-image-cloud-amd64 names no kernel package");
  return name;
}

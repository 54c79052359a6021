/**
 * Bare places to run a static executable in: an empty root, another architecture, and a Linux
 * kernel that boots into busybox with no disk and no network.
 */
import { test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
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
  const done = Bun.spawnSync(command, { cwd, env: { PATH: process.env["PATH"], ...env } });
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
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

export interface Boot {
  /** run by busybox sh in /, with what it finds there; standard error comes with the output */
  script: string;
  /** path in the machine, such as "/combine", to a file here; equal files share their memory */
  files: Record<string, string>;
  memoryMiB?: number;
}

/** Boots Debian's cloud kernel in QEMU, runs the script, gives its output and exit status. */
export function bootMachine({ script, files, memoryMiB = 512 }: Boot): Finished {
  const work = mkdtempSync(join(tmpdir(), "boot-"));
  try {
    const initramfs = join(work, "initramfs");
    const { kernel, busybox } = machineParts();
    const tree = join(work, "root");
    const placed = new Map<number, string>(); // links to one file stay links to one file
    for (const [path, from] of Object.entries({ "/bin/busybox": busybox, ...files })) {
      const [{ ino }, to] = [statSync(from), join(tree, path)];
      mkdirSync(dirname(to), { recursive: true });
      place(placed.get(ino) ?? from, to);
      placed.set(ino, to);
    }
    for (const [path, text] of Object.entries({ "/init": init, "/script": script })) {
      writeFileSync(join(tree, path), text, { mode: 0o755 });
    }
    const pack = `find . | cpio --quiet -o -H newc -R 0:0 | gzip -1 > ${initramfs}`;
    const packed = start(["sh", "-c", pack], { cwd: tree });
    if (packed.exitCode !== 0) throw new Error(packed.stderr);
    const done = start([...qemu, "-m", `${memoryMiB}`, "-kernel", kernel, "-initrd", initramfs]);
    const output = done.stdout.replaceAll("\r", "");
    const found = /^<begin>\n(.*)^<end (\d+)>$/ms.exec(output);
    if (!found) throw new Error(`the machine did not run the script:\n${output}${done.stderr}`);
    return { stdout: found[1] ?? "", stderr: "", exitCode: Number(found[2]) };
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
{ sh /script; echo $? > /status; } 2>&1 | cat # no terminal, on which a slow machine shows progress
echo "<end $(cat /status)>"
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
  const find = (pattern: string): string | undefined =>
    existsSync(folder)
      ? [...new Bun.Glob(pattern).scanSync({ cwd: folder, absolute: true })][0]
      : undefined;
  const kernelName = "linux-image-*/*/boot/vmlinuz-*";
  if (!find(kernelName)) debianPackages([kernelPackage()], "x86_64", cache);
  if (!find("busybox-static/*/bin/busybox")) {
    debianPackages(["busybox-static"], "x86_64", cache);
  }
  const [kernel, busybox] = [find(kernelName), find("busybox-static/*/bin/busybox")];
  if (!kernel || !busybox) throw new Error("Debian's packages hold no kernel or no busybox");
  return { kernel, busybox };
}

/** linux-image-cloud-amd64 is empty and depends on the kernel of the day. */
function kernelPackage(): string {
  const show = apt("x86_64", cache)("apt-cache", ["show", "linux-image-cloud-amd64"]);
  const name = /^Depends:.*?\b(linux-image-\S+-cloud-amd64)\b/m.exec(show)?.[1];
  if (!name) throw new Error("linux-image-cloud-amd64 names no kernel package");
  return name;
}

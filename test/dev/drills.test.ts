/** The main job in the places where it may have to be done: the executables of dist/ themselves. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { overlayTree } from "../../scripts/dev/package/pack.ts";
import { bin, root } from "../../scripts/dev/project.ts";
import { bootMachine, drill, type Finished, place, start } from "./machine.ts";

const booting = { "qemu-system-x86_64": "qemu-system-x86", cpio: "cpio", "apt-get": "apt" };
const crossing = { "qemu-aarch64": "qemu-user" };

let folder = "";
let expected = "";

/** What is left on the worst day, and the hash of what must come back. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "worstday-drill-"));
  const { stdout } = shell(`umask 077
    export LC_ALL=C PATH="${bin}:$PATH"
    tar -C "${root}" -cf plain README.md SPEC.md lib node_modules/typescript/package.json
    keygen -o a.key > a.pub; keygen -o b.key > b.pub
    "${bin}/vault-close" -o vault.wd < plain | "${bin}/split" -k 2 -n 3 |
      "${bin}/seal" a.pub b.pub - > shares
    sed -n 1p shares > a.sealed; sed -n 3p shares > offline; sha256sum < plain`);
  expected = stdout;
  expect(expected).toMatch(/^[0-9a-f]{64}/);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function shell(script: string): Finished {
  const done = start(["sh", "-c", script], { cwd: folder });
  expect([done.stderr, done.exitCode]).toEqual(["", 0]);
  return done;
}

const dayFiles = ["a.key", "a.sealed", "offline", "vault.wd"];

drill("an empty root: one executable, no /proc, no /dev", { chroot: "coreutils" }, async () => {
  const jail = join(folder, "jail");
  mkdirSync(jail);
  for (const file of dayFiles) copyFileSync(join(folder, file), join(jail, file));
  copyFileSync(join(bin, "combine"), join(jail, "rescue")); // any name, copied alone
  chmodSync(join(jail, "a.key"), 0o600);
  const enter = process.getuid?.() === 0 ? "chroot" : "unshare --map-root-user chroot";
  const { stdout } = shell(`inside="${enter} ${jail} /rescue"
    cat a.sealed offline | $inside unseal --key a.key | $inside combine |
      $inside vault-open vault.wd | sha256sum`);
  expect(stdout).toBe(expected);
});

/**
 * One boot for all, and few runs in it: emulated, each takes seconds. The program comes in a release's
 * overlay. Where no limit is set, an ordinary user's memory is locked too, as only this can show.
 */
drill(
  "a booted kernel with busybox and the overlay, 512 MiB, no disk, no network",
  booting,
  async () => {
    const [tree, overlay] = [join(folder, "tree"), join(folder, "overlay")];
    mkdirSync(tree);
    place(join(bin, "worstday"), join(tree, "worstday"));
    shell(`cp "${root}"/*.md "${root}/recover.py" tree`);
    await overlayTree(tree, overlay);
    const files = dayFiles.map((file) => join(folder, file));
    const script = `
    ls /root
    for name in unseal combine vault-open; do ln usr/local/bin/worstday $name; done
    echo "root:x:0:0::/:/bin/sh" > /etc/passwd
    echo "user:x:1000:1000::/:/bin/sh" >> /etc/passwd; mkfifo /pipe
    ulimit -l unlimited; su user -c "exec ./combine" < /pipe > /key 2> /told & exec 3> /pipe
    until [ -s /told ]; do sleep 1; done # that others can read its stdout: it has started
    grep VmLck /proc/$!/status
    cat a.sealed offline | ./unseal --key a.key >&3; exec 3>&-; wait
    ./vault-open vault.wd -o /tmp/plain < /key
    echo "exit $?"; sha256sum < /tmp/plain; stat -c %a /tmp/plain; ls /tmp /sys/class/net`;
    const told = bootMachine(script, files, overlay);
    const [inRoot, locked, rest] = told.split(/^VmLck:\s+(\d+) kB\n/m);
    expect(inRoot).toBe("RUNBOOK.md\nTROUBLESHOOTING.md\nrecover.py\n");
    expect(Number(locked)).toBeGreaterThan(0);
    expect(rest?.replace(/^[\w-]+: warning: others can read.*\n/gm, "")).toBe(
      `exit 0\n${expected}600\n/sys/class/net:\nlo\n\n/tmp:\nplain\n`,
    );
  },
  300_000,
);

drill("the aarch64 executables under qemu-user", crossing, async () => {
  const aarch64 = join(root, "dist/aarch64");
  const { stdout } = shell(`run() { name=$1; shift; qemu-aarch64 ${aarch64}/$name "$@"; }
    cat a.sealed offline | run unseal --key a.key | run combine | run vault-open vault.wd |
      sha256sum`);
  expect(stdout).toBe(expected);
});

test("the commands themselves are deaf to the environment and the working directory", () => {
  const [preload, mark] = [join(folder, "preload.js"), join(folder, "mark")];
  const hostile: Record<string, string> = {
    "preload.js": `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")`,
    "bunfig.toml": `preload = [${JSON.stringify(preload)}]\n`,
    ".env": "BUN_BE_BUN=1\n",
    "package.json": "{",
    "tsconfig.json": "{",
  };
  for (const [name, text] of Object.entries(hostile)) writeFileSync(join(folder, name), text);
  const env = {
    ...{ BUN_BE_BUN: "1", BUN_OPTIONS: `--preload ${preload}`, BUN_INSPECT_PRELOAD: preload },
    ...{ BUN_JSC_dumpOptions: "3", NODE_OPTIONS: `--require ${preload}`, MIMALLOC_VERBOSE: "1" },
    HOME: folder,
  };
  for (const args of [
    ["combine", "--version"],
    ["inspect", join(folder, "offline")],
  ]) {
    const command = [join(bin, args[0] as string), ...args.slice(1)];
    const peaceful = start(command, { cwd: "/" });
    expect(start(command, { cwd: folder, env })).toEqual(peaceful);
    expect(peaceful.exitCode).toBe(0);
  }
  expect(existsSync(mark)).toBe(false);
});

describe("one image under every name", () => {
  test("the folder costs the disk of one file, at most 115 MB", () => {
    const { stdout } = start(["du", "-s", "--block-size=1", bin]);
    expect(Number.parseInt(stdout, 10)).toBeLessThan(115e6);
  });

  test("an unknown name gets the list and exit status 2", () => {
    copyFileSync(join(bin, "combine"), join(folder, "odd-name"));
    for (const argv of [["./odd-name"], ["./odd-name", "nonsense"], ["./odd-name", "toString"]]) {
      const { stdout, stderr, exitCode } = start(argv, { cwd: folder });
      expect([stdout, exitCode]).toEqual(["", 2]);
      expect(stderr).toMatch(/^worstday: error: .*\nworstday: hint: .*combine.*vault-open/);
    }
  });

  test("worstday NAME works under any name, and by the name of another command does not", () => {
    const version = start(["./odd-name", "combine", "--version"], { cwd: folder });
    expect(version.stdout).toStartWith("combine (worstday) ");
    const nested = start([join(bin, "combine"), "split", "--version"]);
    expect(nested.stdout).toStartWith("combine (worstday) ");
  });
});

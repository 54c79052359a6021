/**
 * What the runtime would die of, or do badly without, is told in one line, with nothing on stdout and
 * no file left: a processor that lacks what it is compiled for, no random numbers, limits.
 */
import { expect } from "bun:test";
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { drill, start } from "./machine.ts";

const isRoot = process.getuid?.() === 0;
const emulating = { "qemu-x86_64-static": "qemu-user-static" };

/** The executable on a processor that QEMU emulates; QEMU's own complaints are left out. */
function onProcessor(type: string, command: string, args: string[]) {
  const done = start(["qemu-x86_64-static", "-cpu", type, join(bin, command), ...args]);
  return { ...done, stderr: done.stderr.replace(/^qemu-x86_64-static: warning: .*\n/gm, "") };
}

drill("an old processor is refused, with what it lacks and what to do", emulating, async () => {
  const lacks: Record<string, string> = {
    qemu64: "SSSE3, SSE4.1, SSE4.2, POPCNT",
    kvm64: "SSSE3, SSE4.1, SSE4.2, POPCNT",
    core2duo: "SSE4.1, SSE4.2, POPCNT",
    Penryn: "SSE4.2, POPCNT",
    phenom: "SSSE3, SSE4.1, SSE4.2",
    "Nehalem,-sse3": "SSE3",
    "Nehalem,-popcnt": "POPCNT",
  };
  for (const [type, names] of Object.entries(lacks)) {
    const { stdout, stderr, exitCode } = onProcessor(type, "combine", ["--version"]);
    expect({ type, stdout, exitCode }).toEqual({ type, stdout: "", exitCode: 1 });
    expect(stderr).toStartWith(`combine: error: this processor lacks ${names}; `);
    expect(stderr).toMatch(/^[^\n]*\bset its CPU type to [^\n]*\brecover\.py\n$/);
  }
});

drill("a processor that has it runs", emulating, async () => {
  for (const type of ["Nehalem", "max"]) {
    const { stdout, stderr, exitCode } = onProcessor(type, "keygen", []);
    expect({ type, stderr, exitCode }).toEqual({ type, stderr: "", exitCode: 0 });
    expect(stdout).toContain("\nwdkey1");
  }
});

drill("without getrandom nothing stands in for it", { strace: "strace" }, async () => {
  const root = mkdtempSync(join(tmpdir(), "root-"));
  try {
    linkSync(join(bin, "keygen"), join(root, "keygen"));
    mkdirSync(join(root, "dev"));
    writeFileSync(join(root, "dev/urandom"), new Uint8Array(4096));
    const text = "keygen: error: the kernel gives no random numbers (getrandom)\n";
    for (const error of ["ENOSYS", "EPERM"]) {
      const inject = ["strace", "-qq", "-o", "/dev/null", "-e", `inject=getrandom:error=${error}`];
      for (const into of [
        [join(bin, "keygen")],
        ...(isRoot ? [["chroot", root, "/keygen"]] : []),
      ]) {
        const done = start([...inject, ...into]);
        expect(done).toEqual({ stdout: "", stderr: text, exitCode: 1 });
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

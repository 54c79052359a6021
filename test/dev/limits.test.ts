/**
 * What the runtime would die of is told in one line before it starts, with nothing on stdout: on a
 * processor that lacks what it is compiled for.
 */
import { expect } from "bun:test";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { drill, start } from "./machine.ts";

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
  for (const type of ["Nehalem", "Westmere", "Opteron_G4", "max"]) {
    const { stdout, stderr, exitCode } = onProcessor(type, "keygen", []);
    expect({ type, stderr, exitCode }).toEqual({ type, stderr: "", exitCode: 0 });
    expect(stdout).toContain("\nwdkey1");
  }
});

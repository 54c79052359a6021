import { expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "../../scripts/dev/project.ts";

/** Runs a body under guard() in a process of its own. */
function guarded(body: string) {
  const script = `
    import { guard } from ${JSON.stringify(join(root, "lib/cli/main.ts"))};
    import { fail } from ${JSON.stringify(join(root, "lib/core/errors.ts"))};
    await guard("probe", async () => { ${body} });`;
  const done = Bun.spawnSync([process.execPath, "-e", script], { stderr: "pipe" });
  return {
    exitCode: done.exitCode,
    stdout: done.stdout.toString(),
    stderr: done.stderr.toString(),
  };
}

const internal = {
  exitCode: 70,
  stdout: "",
  stderr: "probe: error: a fault of worstday itself; do not rely on what it may have written\n",
};

test("guard() gives each error code its exit status", () => {
  const codes = { io: 1, usage: 2, malformed: 3, "too-few": 4, mismatch: 5, refused: 6 };
  for (const [code, exitCode] of Object.entries(codes)) {
    const done = guarded(`fail("${code}", "what is wrong", "what to do")`);
    const more = code === "usage" ? "probe: hint: see probe --help\n" : "";
    const stderr = `probe: error: what is wrong\nprobe: hint: what to do\n${more}`;
    expect(done).toEqual({ exitCode, stdout: "", stderr });
  }
});

test("guard() tells faults of ours with one fixed sentence: no message, no stack", () => {
  for (const fault of [
    'throw new TypeError("a secret")',
    'throw "a secret"',
    'null.secret = "a secret"',
    'await Promise.reject(new Error("a secret"))',
    "const deep = (n) => 1 + deep(n + 1); deep(0)",
  ]) {
    expect(guarded(fault)).toEqual(internal);
  }
});

test("guard() tells faults that nobody awaits in the same way", () => {
  for (const stray of [
    'Promise.reject(new Error("a secret"))',
    'setTimeout(() => { throw new Error("a secret"); }, 1)',
    'queueMicrotask(() => { throw new Error("a secret"); })',
  ]) {
    expect(guarded(`${stray}; await Bun.sleep(30)`)).toEqual(internal);
  }
});

test("guard() leaves exit status 0 and silence where nothing failed", () => {
  expect(guarded("")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { openIo } from "../../lib/cli/io.ts";
import { root } from "../../scripts/dev/project.ts";

setDefaultTimeout(60_000); // for a busy machine

/** Runs a body under guard() in a process of its own. */
function guarded(body: string) {
  const script = `
    import { guard } from ${JSON.stringify(join(root, "lib/cli/main.ts"))};
    import { fail } from ${JSON.stringify(join(root, "lib/core/errors.ts"))};
    await guard("probe", async () => { ${body} });`;
  const done = Bun.spawnSync([process.execPath, "-e", script], { stderr: "pipe" });
  const { exitCode, stdout, stderr } = done;
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

function expectInternal(done: ReturnType<typeof guarded>, kind: string) {
  expect(done).toMatchObject({ exitCode: 70, stdout: "" });
  const place = kind.startsWith("a thrown") ? "" : " at lib/cli/main\\.ts:\\d+:\\d+";
  const fault = `a bug in worstday \\(${kind}(${place})?\\)`;
  const sentence = `^probe: error: ${fault}: do not use what it may have written\nprobe: hint: [^\n]+\n$`;
  expect(done.stderr).toMatch(new RegExp(sentence));
}

test("guard() gives each error code its exit status", () => {
  const codes = { io: 1, usage: 2, malformed: 3, "too-few": 4, mismatch: 5, refused: 6 };
  for (const [code, exitCode] of Object.entries(codes)) {
    const done = guarded(`fail("${code}", "what is wrong", "what to do")`);
    const more = code === "usage" ? "probe: hint: see probe --help\n" : "";
    const stderr = `probe: error: what is wrong\nprobe: hint: what to do\n${more}`;
    expect(done).toEqual({ exitCode, stdout: "", stderr });
  }
});

test("guard() tells faults of ours with a fixed sentence, their kind and place: no message", () => {
  for (const [fault, kind] of [
    ['throw new TypeError("a secret")', "TypeError"],
    ['throw new TypeError("a secret\\n    at secret (lib/core/secret.ts:1:1)")', "TypeError"],
    ['throw "a secret"', "a thrown string"],
    ['null.secret = "a secret"', "TypeError"],
    ['await Promise.reject(new Error("a secret"))', "Error"],
    ['(await import("node:fs")).statSync("a secret")', "Error ENOENT"],
    ["const deep = (n) => 1 + deep(n + 1); deep(0)", "RangeError"],
  ] as const) {
    expectInternal(guarded(fault), kind);
  }
});

test("guard() tells faults that nobody awaits in the same way", () => {
  for (const stray of [
    'Promise.reject(new Error("a secret"))',
    'setTimeout(() => { throw new Error("a secret"); }, 1)',
    'queueMicrotask(() => { throw new Error("a secret"); })',
  ]) {
    expectInternal(guarded(`${stray}; await Bun.sleep(30)`), "Error");
  }
  const usage = guarded(`Promise.reject(fail("usage", "what is wrong")); await Bun.sleep(30)`);
  expect(usage.stderr).not.toMatch(/uncaughtException/);
});

test("guard() leaves exit status 0 and silence where nothing failed", () => {
  expect(guarded("")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

test("openIo() wipes a million secrets", () => {
  const { io, end } = openIo();
  const [bytes, last] = [Uint8Array.of(1), Uint8Array.of(1)];
  for (let i = 0; i < 1_000_000; i++) io.secret(bytes);
  io.secret(last);
  end();
  expect([...bytes, ...last]).toEqual([0, 0]);
});

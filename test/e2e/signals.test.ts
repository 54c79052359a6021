// Interrupted: no key, no vault, no scheme, no temporary file, and the exit status that shells expect.
// test/dev/interrupts.test.ts has the signals at every system call.

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { init, rotate, twoOfThree } from "./ceremony.ts";
import { changes, snapshot } from "./evidence.ts";
import { type Sandbox, scenario } from "./harness.ts";

type Child = ReturnType<typeof start>;

function start({ dir, env }: Sandbox, line: string) {
  return Bun.spawn(["sh", "-c", `exec ${line}`], {
    ...{ cwd: dir, env, stdin: "pipe", stdout: "pipe", stderr: "pipe" },
    ...{ timeout: 100_000, killSignal: "SIGKILL" },
  });
}

/** Waits until a command listens for SIGVTALRM, as all do that make something, and no runtime does. */
async function isListening({ pid }: Child): Promise<void> {
  const listens = () => {
    const mask = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return ((BigInt(`0x${mask}`) >> 25n) & 1n) === 1n;
  };
  while (!listens()) await Bun.sleep(5);
}

/** Begins to feed a command, waits until it works at what it makes, sends it a signal; what is left, and told. */
async function interrupt(sandbox: Sandbox, line: string, signal: NodeJS.Signals) {
  const child = start(sandbox, line);
  child.stdin.write("first ");
  await child.stdin.flush();
  await isListening(child);
  child.kill(signal);
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  expect(stderr).not.toMatch(/internal|\bat .*:\d+/);
  return { ended: child.signalCode ?? child.exitCode, stdout };
}

scenario("a signal while input is waited for leaves nothing", async (sandbox) => {
  twoOfThree(sandbox);
  await sandbox.ok("mkfifo pipe");
  const before = snapshot(sandbox.dir);
  const waiting = "exec 5<> pipe; cat vault > pipe; exec";
  const makes = "./vault-close -o v";
  const rarer = [
    "SIGQUIT",
    "SIGUSR1",
    "SIGUSR2",
    "SIGALRM",
    "SIGXCPU",
    "SIGVTALRM",
    "SIGPROF",
    "SIGIO",
  ] as const;
  for (const [line, signal] of [
    [makes, "SIGINT"],
    [init.replace(" D", " E"), "SIGTERM"],
    [`sh -c '${waiting} ${rotate} --secrets pipe shares'`, "SIGHUP"],
    [`sh -c '${waiting} ./vault-open pipe -o out < key.master'`, "SIGINT"],
    ...rarer.map((signal) => [makes, signal] as const),
  ] as const) {
    const done = await interrupt(sandbox, line, signal);
    expect([line, done]).toEqual([line, { ended: signal, stdout: "" }]);
    expect(changes(before, snapshot(sandbox.dir))).toEqual([]);
  }
});

scenario(
  "SIGKILL leaves no file under the name that was asked for, and the executables none",
  async (sandbox) => {
    const before = snapshot(sandbox.dir);
    await interrupt(sandbox, "./vault-close -o v", "SIGKILL");
    expect(sandbox.has("v")).toBe(false);
    if (sandbox.target === "dist") expect(changes(before, snapshot(sandbox.dir))).toEqual([]);
  },
);

// nohup has SIGHUP ignored, and a shell without job control SIGINT for what it starts with `&`.
for (const [what, before, signals] of [
  ["stopped and continued", "", ["SIGSTOP", "SIGCONT"]],
  ["hung up on, under nohup", "nohup ", ["SIGHUP"]],
  ["interrupted, where that is ignored", `sh -c 'trap "" INT; exec "$@"' sh `, ["SIGINT"]],
] as const) {
  scenario(`vault-close that is ${what} carries on`, async (sandbox) => {
    const child = start(sandbox, `${before}./vault-close -o v --key-file key.master 2> errors`);
    child.stdin.write("first ");
    await child.stdin.flush();
    await isListening(child);
    for (const signal of signals) child.kill(signal);
    child.stdin.write("second");
    await child.stdin.end();
    expect(await child.exited).toBe(0);
    expect((await sandbox.ok("./vault-open v < key.master")).text).toBe("first second");
  });
}

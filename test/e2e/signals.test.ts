// Interrupted: no key, no vault, no scheme, no temporary file, and the exit status that shells expect.
// test/dev/interrupts.test.ts has the signals at every system call.

import { expect } from "bun:test";
import { sample } from "../oracle/bytes.ts";
import { init, prepare, rotate, twoOfThree } from "./ceremony.ts";
import { changes, snapshot } from "./evidence.ts";
import { MiB } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";

const rarer = [
  ...(["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU", "SIGVTALRM"] as const),
  ...(["SIGPROF", "SIGIO"] as const),
];
type Signal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGKILL" | (typeof rarer)[number];

function start({ dir, env }: Sandbox, line: string) {
  return Bun.spawn(["sh", "-c", `exec ${line}`], {
    ...{ cwd: dir, env, stdin: "pipe", stdout: "pipe", stderr: "pipe" },
    ...{ timeout: 20_000, killSignal: "SIGKILL" },
  });
}

/** Feeds a command, waits until it has changed something, sends it a signal; what is left, and told. */
async function interrupt(
  sandbox: Sandbox,
  line: string,
  feed: string | Uint8Array,
  signal: Signal,
) {
  const before = snapshot(sandbox.dir);
  const child = start(sandbox, line);
  child.stdin.write(feed);
  await child.stdin.flush();
  for (let i = 0; i < 70 && snapshot(sandbox.dir).size === before.size; i++) await Bun.sleep(10);
  await Bun.sleep(100);
  child.kill(signal);
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  const ended = child.signalCode ?? child.exitCode;
  expect(stderr).not.toMatch(/internal|\bat .*:\d+/);
  return { ended, stdout, left: changes(before, snapshot(sandbox.dir)) };
}

const slow = sample("slow", 2 * MiB + 500_000);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  scenario(
    `${signal} while input is waited for leaves nothing`,
    async (sandbox) => {
      twoOfThree(sandbox);
      await sandbox.ok("mkfifo pipe");
      for (const [line, feed] of [
        ["./vault-close -o v", slow],
        ["./combine", sandbox.read("share")],
        [init.replace(" D", " E"), slow],
        [rotate, sandbox.read("share-1")],
        [
          "sh -c '(head -c 100 vault; sleep 1) > pipe & exec ./vault-open pipe -o out'",
          sandbox.read("key.master"),
        ],
      ] as const) {
        const done = await interrupt(sandbox, line, feed, signal);
        expect([line, done]).toEqual([line, { ended: signal, stdout: "", left: [] }]);
      }
      await sandbox.ok("./recovery-verify --dir D --drill < shares");
    },
    { alone: true },
  );
}

scenario(
  "the rarer signals that end a program leave nothing either",
  async (sandbox) => {
    prepare(sandbox);
    for (const signal of rarer) {
      const done = await interrupt(sandbox, init, slow, signal);
      expect([signal, done]).toEqual([signal, { ended: signal, stdout: "", left: [] }]);
    }
  },
  { alone: true },
);

scenario(
  "SIGKILL leaves no file under the name that was asked for, and the executables none at all",
  async (sandbox) => {
    const { left } = await interrupt(sandbox, "./vault-close -o v", slow, "SIGKILL");
    expect(sandbox.has("v")).toBe(false);
    if (sandbox.target === "dist") expect(left).toEqual([]);
    prepare(sandbox);
    await interrupt(sandbox, init, slow, "SIGKILL");
    expect(sandbox.has("D/scheme.json")).toBe(false);
  },
  { alone: true },
);

scenario(
  "a stopped and continued vault-close carries on",
  async (sandbox) => {
    const child = start(sandbox, "./vault-close -o v");
    child.stdin.write("first ");
    await child.stdin.flush();
    await Bun.sleep(300);
    child.kill("SIGSTOP");
    await Bun.sleep(50);
    child.kill("SIGCONT");
    child.stdin.write("second");
    await child.stdin.end();
    sandbox.file("new.master", await child.stdout.bytes());
    expect(await child.exited).toBe(0);
    expect((await sandbox.ok("./vault-open v < new.master")).text).toBe("first second");
  },
  { alone: true },
);

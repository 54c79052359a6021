// Interrupted: no key, no vault, no temporary file, and the exit status that shells expect.

import { expect } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { snapshot } from "./evidence.ts";
import { MiB, master, pick, twoOfThree } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const patienceMs = 20_000;

/** Runs a command in `work`, feeds it, waits until `ready`, then sends it a signal. */
async function interrupt(
  room: Room,
  line: string,
  feed: Uint8Array,
  signal: keyof typeof signals,
): Promise<{ code: number; stdout: string; stderr: string; touched: boolean }> {
  const work = join(room.dir, "work");
  mkdirSync(work, { recursive: true });
  const before = snapshot(work);
  const child = Bun.spawn(["sh", "-c", `exec ${line}`], {
    cwd: room.dir,
    env: room.env,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  child.stdin.write(feed);
  await child.stdin.flush();
  const start = Date.now();
  const started = () => Date.now() - start > 700;
  while (readdirSync(work).length === before.size && !started()) await Bun.sleep(10);
  await Bun.sleep(100);
  const touched = readdirSync(work).length > before.size;
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(timer);
  expect(snapshot(work), "files left behind").toEqual(before);
  const code = child.signalCode === signal ? signals[signal] : (child.exitCode ?? -1);
  return { code, stdout, stderr, touched };
}

for (const [signal, status] of Object.entries(signals) as [keyof typeof signals, number][]) {
  scenario(
    `${signal} while vault-close reads a slow pipe leaves nothing, status ${status}`,
    async (room) => {
      const feed = sample("slow", 2 * MiB + 500_000);
      const { code, stdout, stderr } = await interrupt(
        room,
        "./vault-close -o work/v",
        feed,
        signal,
      );
      expect(code, stderr).toBe(status);
      expect(stdout).toBe("");
      expect(stderr).not.toMatch(/internal|\bat .*:\d+/);
    },
    { alone: true },
  );

  scenario(
    `${signal} while combine waits for shares has status ${status}`,
    async (room) => {
      const feed = new TextEncoder().encode(pick(twoOfThree.lines, 1));
      const { code, stdout } = await interrupt(room, "./combine", feed, signal);
      expect(code).toBe(status);
      expect(stdout).toBe("");
    },
    { alone: true },
  );
}

scenario(
  "SIGINT while vault-open -o reads a slow vault leaves nothing",
  async (room) => {
    room.file("v", closeVault(master, sample("slow", 3 * MiB)));
    room.file("key.master", master);
    await room.ok("mkfifo pipe");
    const feeder = Bun.spawn(["sh", "-c", "( head -c 2500000 v; sleep 3 ) > pipe"], {
      cwd: room.dir,
      stderr: "ignore",
    });
    const { code, stdout } = await interrupt(
      room,
      "./vault-open pipe -o work/out",
      master,
      "SIGINT",
    ).finally(() => feeder.kill());
    expect(code).toBe(130);
    expect(stdout).toBe("");
  },
  { alone: true },
);

scenario(
  "SIGKILL leaves no file under the name that was asked for, and the executables none at all",
  async (room) => {
    await room.ok("mkdir work");
    const child = Bun.spawn(["sh", "-c", "exec ./vault-close -o work/v"], {
      cwd: room.dir,
      env: room.env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    child.stdin.write(sample("slow", 2 * MiB));
    await child.stdin.flush();
    await Bun.sleep(500);
    child.kill("SIGKILL");
    await child.exited;
    expect(room.has("work/v")).toBe(false);
    if (room.target === "dist") expect(readdirSync(join(room.dir, "work"))).toEqual([]);
  },
  { alone: true },
);

scenario(
  "a stopped and continued vault-close carries on",
  async (room) => {
    const child = Bun.spawn(["sh", "-c", "exec ./vault-close -o v"], {
      cwd: room.dir,
      env: room.env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    child.stdin.write("first ");
    await child.stdin.flush();
    await Bun.sleep(300);
    child.kill("SIGSTOP");
    await Bun.sleep(50);
    child.kill("SIGCONT");
    child.stdin.write("second");
    await child.stdin.end();
    room.file("new.master", await new Response(child.stdout).bytes());
    expect(await child.exited).toBe(0);
    expect((await room.ok("./vault-open v < new.master")).text).toBe("first second");
  },
  { alone: true },
);

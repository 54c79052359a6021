// A ceremony that is interrupted: nothing of a new generation, no lock, and the status of a signal.

import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sample } from "../oracle/bytes.ts";
import { expectedListing, furnish, init, listing, rotate, twoOfThree } from "./ceremony.ts";
import { snapshot } from "./evidence.ts";
import { MiB } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const others = {
  ...{ SIGQUIT: 131, SIGUSR1: 138, SIGUSR2: 140, SIGALRM: 142, SIGXCPU: 152, SIGVTALRM: 154 },
  ...{ SIGPROF: 155, SIGIO: 157 },
} as const;
const all = { ...signals, ...others };

/** Runs a command, gives it the start of its input, waits for its lock, then sends it a signal. */
async function interrupt(
  room: Room,
  line: string,
  feed: Uint8Array | string,
  signal: keyof typeof all,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn(["sh", "-c", `exec ${line}`], {
    ...{ cwd: room.dir, env: room.env, stdin: "pipe", stdout: "pipe", stderr: "pipe" },
    ...{ timeout: 8_000, killSignal: "SIGKILL" },
  });
  child.stdin.write(feed);
  await child.stdin.flush();
  for (let i = 0; i < 150 && !existsSync(join(room.dir, "D/lock")); i++) await Bun.sleep(10);
  await Bun.sleep(150);
  child.kill(signal);
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  const code = child.signalCode === signal ? all[signal] : (child.exitCode ?? -1);
  return { code, stdout, stderr };
}

for (const [signal, status] of Object.entries(signals) as [keyof typeof signals, number][]) {
  scenario(
    `${signal} while recovery-init reads a slow pipe leaves nothing, status ${status}`,
    async (room) => {
      furnish(room);
      const before = snapshot(room.dir);
      const done = await interrupt(room, init, sample("slow", 2 * MiB + 9), signal);
      expect(done, done.stderr).toMatchObject({ code: status, stdout: "" });
      expect(snapshot(room.dir)).toEqual(before);
    },
    { alone: true },
  );

  scenario(
    `${signal} while recovery-rotate waits for shares leaves the old generation`,
    async (room) => {
      const { lines } = twoOfThree(room);
      const done = await interrupt(room, rotate, `${lines[0]}\n`, signal);
      expect(done, done.stderr).toMatchObject({ code: status, stdout: "" });
      expect(await listing(room)).toEqual(expectedListing(1));
      await room.ok("./recovery-verify --dir D --drill < shares");
    },
    { alone: true },
  );
}

scenario(
  "the rarer signals that end a program leave nothing either",
  async (room) => {
    furnish(room);
    const before = snapshot(room.dir);
    for (const [signal, status] of Object.entries(others) as [keyof typeof others, number][]) {
      const done = await interrupt(room, init, sample("slow", 2 * MiB + 9), signal);
      expect({ signal, ...done }).toMatchObject({ signal, code: status, stdout: "" });
      expect(snapshot(room.dir), signal).toEqual(before);
    }
  },
  { alone: true },
);

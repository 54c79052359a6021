/** Every system call of a command that changes a folder: listed once, then struck one by one. */

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Finished } from "./machine.ts";

/** The n-th call of that name by the main thread, and what it does, without what differs by run. */
export interface Point {
  call: string;
  nth: number;
  label: string;
  /** It changes nothing: to be killed at it is to be killed behind the change before it. */
  reads: boolean;
}
export type Strike = "signal=SIGKILL" | "error=EIO" | "error=ENOSPC";

const changing = [
  ...["write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate", "copy_file_range"],
  ...["sendfile", "fsync", "fdatasync", "sync_file_range", "rename", "renameat", "renameat2"],
  ...["link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"],
  ...["chmod", "fchmod", "fchmodat", "creat"],
];
const opening = ["open", "openat"];
const reading = ["read", "pread64", "readv", "preadv", "getdents64"];
const traced = `trace=${[...changing, ...opening, ...reading].join(",")}`;

/** Runs a shell command in a folder; the executables are on its PATH. */
export async function run(command: string[], cwd: string, env: Record<string, string>) {
  const child = Bun.spawn(command, {
    ...{ cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    ...{ timeout: 60_000, killSignal: "SIGKILL" },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { stdout, stderr, exitCode: await child.exited } satisfies Finished;
}

/** The calls of a trace that have to do with `folder`. All are made by the first thread. */
function pointsIn(trace: string, folder: string): Point[] {
  const counts = new Map<string, number>();
  const points: Point[] = [];
  const main = /^\d+/.exec(trace)?.[0];
  for (const line of trace.split("\n")) {
    const [, thread, told = "", call = ""] = /^(\d+) +((\w+)\(.*)/.exec(line) ?? [];
    const concerns = told.includes(folder);
    if (concerns && thread !== main) throw new Error(`another thread: ${line}`);
    if (call === "" || thread !== main) continue;
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    if (!concerns) continue;
    const changes = changing.includes(call) || told.includes("O_CREAT");
    const label = told.replaceAll(folder, "").replaceAll(main ?? "", "PID");
    points.push({ call, nth, label: label.slice(0, 120), reads: !changes });
  }
  return points;
}

async function strace(flags: string[], script: string, cwd: string, env: Record<string, string>) {
  const out = join(cwd, "..", "trace");
  const all = `-qq -y -s 30 -o '${out}' -e ${traced} ${flags.join(" ")}`;
  const done = await run(["sh", "-c", `umask 077; exec strace ${all} ${script}`], cwd, env);
  return { ...done, trace: readFileSync(out, "utf8") };
}

/** All calls of a command that have to do with its folder. */
export async function listPoints(script: string, cwd: string, env: Record<string, string>) {
  const { trace, exitCode, stderr } = await strace(["-f"], script, cwd, env);
  if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode}\n${stderr}`);
  return pointsIn(trace, cwd);
}

/**
 * Runs a command that is struck at a point: killed before the call, or told that it failed. Without
 * -f strace sees the main thread alone, and counts no call of another.
 */
export async function strikeAt(
  { call, nth }: Point,
  strike: Strike,
  script: string,
  cwd: string,
  env: Record<string, string>,
) {
  const inject = `inject=${call}:${strike}:when=${nth}`;
  const done = await strace(["-e", inject], script, cwd, env);
  const lines = done.trace.trimEnd().split("\n");
  const struck = lines.findLast((line) => /INJECTED|= \?$/.test(line)) ?? "";
  return { ...done, struck: struck.startsWith(`${call}(`) && struck.includes(cwd) };
}

/** Does all jobs, as many at a time as there are processors. */
export async function inParallel<T>(jobs: T[], work: (job: T) => Promise<void>): Promise<void> {
  const queue = [...jobs];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

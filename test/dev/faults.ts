/** Every system call of a command that changes a folder: listed once, then struck one by one. */

import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import type { Finished } from "./machine.ts";

export const full = process.env["WORSTDAY_FULL"] !== undefined;

/** The n-th call of that name by the main thread, and what it does, without what differs by run. */
export interface Point {
  call: string;
  nth: number;
  label: string;
  reads: boolean;
}

const changing = [
  ...["write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate", "copy_file_range"],
  ...["sendfile", "fsync", "fdatasync", "sync_file_range", "rename", "renameat", "renameat2"],
  ...["link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"],
  ...["chmod", "fchmod", "fchmodat", "creat"],
];
const reading = ["open", "openat", "read", "pread64", "readv", "preadv", "getdents64"];
const traced = `trace=${[...changing, ...reading].join(",")}`;

/** Runs a shell script in a folder; the executables are on its PATH. */
export async function shell(script: string, cwd: string): Promise<Finished> {
  const child = Bun.spawn(["sh", "-c", `umask 077; ${script}`], {
    env: { PATH: `${bin}:${process.env["PATH"]}`, LC_ALL: "C" },
    ...{ cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    ...{ timeout: 60_000, killSignal: "SIGKILL" },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { stdout, stderr, exitCode: await child.exited };
}

/** Gives a copy of a folder to `work`, with an empty folder around it. */
async function inCopy<T>(template: string, work: (folder: string) => Promise<T>) {
  const around = mkdtempSync(join(tmpdir(), "worstday-fault-"));
  const folder = join(around, "here");
  try {
    cpSync(template, folder, { recursive: true, preserveTimestamps: true });
    return await work(folder);
  } finally {
    rmSync(around, { recursive: true, force: true });
  }
}

/** The calls of a trace that have to do with `folder`. All are made by the first thread. */
function pointsIn(trace: string, folder: string): Point[] {
  const counts = new Map<string, number>();
  const main = /^\d+/.exec(trace)?.[0] ?? "";
  return trace.split("\n").flatMap((line) => {
    const [, thread, told = "", call = ""] = /^(\d+) +((\w+)\(.*)/.exec(line) ?? [];
    const concerns = told.includes(folder);
    if (concerns && thread !== main) throw new Error(`another thread: ${line}`);
    if (call === "" || thread !== main) return [];
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    if (!concerns) return [];
    const reads = !changing.includes(call) && !told.includes("O_CREAT");
    const label = told.replaceAll(folder, "").replaceAll(main, "PID").slice(0, 120);
    return [{ call, nth, label, reads }];
  });
}

/** The call, and its file without numbers and nodes' names: both sealed shares are of one kind. */
export function kindOf({ call, label }: Point): string {
  const file = /[<"](\/[^>"]*)[>"](?!.*[<"]\/)/.exec(label)?.[1] ?? "";
  return `${call} ${file.replace(/\d+|node-\w|\/[ab]$/g, "")}`;
}

async function strace(flags: string, script: string, folder: string) {
  const out = join(folder, "../trace");
  const all = `-qq -y -s 30 -o '${out}' -e ${traced} ${flags}`;
  const done = await shell(`exec strace ${all} ${script}`, folder);
  return { ...done, trace: readFileSync(out, "utf8") };
}

/** All calls of a command that have to do with its folder. */
export function listPoints(script: string, template: string): Promise<Point[]> {
  return inCopy(template, async (folder) => {
    const { trace, exitCode, stderr } = await strace("-f", script, folder);
    if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode}\n${stderr}`);
    return pointsIn(trace, folder);
  });
}

/**
 * Runs a command that is struck at a point: killed before the call, or told that it failed, or
 * interrupted. Without -f strace sees the main thread alone, and counts no call of another. A run
 * that made other calls does not count.
 */
export async function strikeAt(
  { call, nth, label }: Point,
  strike: string,
  script: string,
  template: string,
  judge: (done: Finished, folder: string) => Promise<void>,
): Promise<void> {
  for (let tries = 0; tries < 12; tries++) {
    const met = await inCopy(template, async (folder) => {
      const done = await strace(`-e inject=${call}:${strike}:when=${nth}`, script, folder);
      const struck = /.*(?=\n--- SIG)|.*(?:INJECTED|= \?$).*/m.exec(done.trace)?.[0] ?? "";
      const isThere = struck.startsWith(`${call}(`) && struck.includes(folder);
      if (isThere) await judge(done, folder);
      return isThere;
    });
    if (met) return;
  }
  throw new Error(`${strike} never met ${call} ${nth}, ${label}`);
}

/** Does all jobs, as many at a time as there are processors. */
export async function inParallel<T>(jobs: T[], work: (job: T) => Promise<void>): Promise<void> {
  const queue = [...jobs];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/**
 * Commands that make files get a signal at every system call by which they change something. What they
 * were to make is then whole, or there is no trace of it. kill -9 and failing calls are faults.test.ts's.
 */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { changes, snapshot } from "../e2e/evidence.ts";
import { MiB, master, nodeA, nodeB, plaintext, vault } from "../e2e/fixtures.ts";
import { sample } from "../oracle/bytes.ts";
import { drill } from "./machine.ts";

const timeout = 480_000;
// The executables are the same ones when the suite runs again on the static runtime.
const once = process.env["BUN_BE_BUN"] === undefined ? drill : () => undefined;
const env = { PATH: `${bin}:${process.env["PATH"]}`, LC_ALL: "C" };
const signals = ["SIGTERM", "SIGINT", "SIGHUP"];

interface Case {
  line: string;
  /** What is there afterwards and was not before, and how it is seen to be good. */
  makes: string[];
  good: string;
  /** What stdout holds that nobody may have without the files. */
  gives: RegExp | undefined;
}

const holders = "--holder a=a.pub --holder b=b.pub";
const generation = (number: number) =>
  ["", "/a", "/b"].map((name) => `D/sealed-${number}${name}`).concat(`D/vault-${number}.wd`);
const cases: Case[] = [
  { line: "keygen -o new", makes: ["new"], good: "keygen -y < new", gives: undefined },
  {
    ...{ line: "vault-close -o new plain", makes: ["new"], gives: /^.{32}$/s },
    good: "vault-open new < out | cmp - plain",
  },
  {
    ...{ line: "vault-open vault -o new", makes: ["new"], gives: undefined },
    good: "cmp new text",
  },
  {
    ...{ line: `recovery-init --dir E -k 2 ${holders} --secrets plain`, gives: /^wdshare1/ },
    makes: ["E", ...generation(1).map((name) => name.replace("D", "E")), "E/scheme.json"],
    good: "unseal --key a.key E/sealed-1/a out | recovery-verify --dir E --drill",
  },
  {
    ...{ line: "recovery-rotate --dir D held", makes: generation(2), gives: /^wdshare1/ },
    good: "unseal --key a.key D/sealed-2/a out | recovery-verify --dir D --drill",
  },
];

let template = "";

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), "worstday-interrupts-"));
  chmodSync(template, 0o700);
  const files = { master, vault, text: plaintext, plain: sample("plain", MiB + 9) };
  const keys = { "a.key": nodeA.secretLine, "a.pub": nodeA.publicLine, "b.pub": nodeB.publicLine };
  for (const [name, content] of Object.entries({ ...files, ...keys })) {
    writeFileSync(join(template, name), content, { mode: 0o600 });
  }
  const made = await shell(
    `umask 077; recovery-init --dir D -k 2 ${holders} --secrets plain > offline
     unseal --key a.key D/sealed-1/a offline > held`,
    template,
  );
  expect(made.code, made.stderr).toBe(0);
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

async function shell(script: string, cwd: string) {
  const child = Bun.spawn(["sh", "-c", script], {
    ...{ cwd, env, stdin: Bun.file(join(cwd, "master")), stdout: "pipe", stderr: "pipe" },
    ...{ timeout: 60_000, killSignal: "SIGKILL" },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.bytes(), child.stderr.text()]);
  const code = await child.exited;
  return { code, stdout: Buffer.from(stdout), stderr };
}

/** Runs a case in a fresh folder, and holds what is left to "all or nothing". */
async function attempt(one: Case, script: string): Promise<"nothing" | "whole"> {
  const folder = mkdtempSync(join(tmpdir(), "worstday-interrupt-"));
  try {
    cpSync(template, folder, { recursive: true });
    const before = snapshot(folder);
    const { code, stdout, stderr } = await shell(script, folder);
    const told = `${script}: status ${code}\n${stderr}`;
    expect(stderr, told).not.toMatch(/fault of worstday|: error: /);
    const left = changes(before, snapshot(folder));
    if (left.length === 0) {
      expect(code, told).not.toBe(0);
      if (stdout.length > 0 && one.gives) expect(stderr, told).toMatch(/destroy/);
      return "nothing";
    }
    const made = one.makes.map((name) => `${name} created`);
    const replaced = one.line.startsWith("recovery-rotate") ? /^D\/scheme.json changed/ : /^$/;
    expect(left.filter((change) => !replaced.test(change)).toSorted(), told).toEqual(
      made.toSorted(),
    );
    if (one.gives) expect(stdout.toString("latin1"), told).toMatch(one.gives);
    writeFileSync(join(folder, "out"), stdout);
    const judged = await shell(`umask 077; ${one.good}`, folder);
    expect(judged.code, `${told}\n${one.good}: ${judged.stderr}`).toBe(0);
    return "whole";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const changing =
  "openat,open,write,pwrite64,ftruncate,fsync,link,linkat,rename,renameat,renameat2,unlink," +
  "unlinkat,rmdir,mkdir,mkdirat,fchmod,chmod,close,read,pread64";

/** The calls of a command, by the name and how many of that name came before. */
async function callsOf(one: Case): Promise<{ call: string; nth: number }[]> {
  const folder = mkdtempSync(join(tmpdir(), "worstday-interrupt-"));
  try {
    cpSync(template, folder, { recursive: true });
    const { stderr } = await shell(`strace -y -e trace=${changing} ${one.line}`, folder);
    const seen = new Map<string, number>();
    return stderr.split("\n").flatMap((told) => {
      const call = /^(\w+)\(/.exec(told)?.[1];
      if (call === undefined) return [];
      const nth = (seen.get(call) ?? 0) + 1;
      seen.set(call, nth);
      return told.includes(folder) || told.startsWith("write(1") ? [{ call, nth }] : [];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Does all jobs, as many at a time as there are processors, and counts what came of them. */
async function countAll(jobs: (() => Promise<string>)[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const worker = async () => {
    for (let job = jobs.pop(); job; job = jobs.pop()) {
      const left = await job();
      counts[left] = (counts[left] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return counts;
}

describe("a signal leaves all or nothing", () => {
  for (const one of cases) {
    const name = one.line.split(" ")[0];
    once(
      `${name}, at every system call`,
      { strace: "strace" },
      async () => {
        const calls = await callsOf(one);
        const jobs = calls.map(({ call, nth }, i) => {
          const inject = `${call}:signal=${signals[i % 3]}:when=${nth}`;
          const traced = `exec strace -qq -o /dev/null -e trace=${call} -e inject=${inject}`;
          return () => attempt(one, `${traced} ${one.line}`);
        });
        const counts = await countAll(jobs);
        console.log(`  ${name}: ${calls.length} calls, ${JSON.stringify(counts)}`);
        expect(calls.length).toBeGreaterThan(8);
        expect(Object.keys(counts).toSorted()).toEqual(["nothing", "whole"]);
      },
      timeout,
    );
  }
});

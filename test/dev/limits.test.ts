/**
 * What the runtime would die of, or do badly without, is told in one line, with nothing on stdout and
 * no file left: a processor that lacks what it is compiled for, no random numbers, limits.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { type Case, cases, makeInputs, type Outcome, runCase } from "./commands.ts";
import { drill, start } from "./machine.ts";

const full = process.env["WORSTDAY_FULL"] !== undefined;
setDefaultTimeout(full ? 3_600_000 : 120_000);
const isRoot = process.getuid?.() === 0;
const emulating = { "qemu-x86_64-static": "qemu-user-static" };

/** The executable on a processor that QEMU emulates; QEMU's own complaints are left out. */
function onProcessor(type: string, command: string, args: string[]) {
  const done = start(["qemu-x86_64-static", "-cpu", type, join(bin, command), ...args]);
  return { ...done, stderr: done.stderr.replace(/^qemu-x86_64-static: warning: .*\n/gm, "") };
}

drill("an old processor is refused, with what it lacks and what to do", emulating, async () => {
  const lacks: Record<string, string> = {
    qemu64: "SSSE3, SSE4.1, SSE4.2, POPCNT",
    core2duo: "SSE4.1, SSE4.2, POPCNT",
    Penryn: "SSE4.2, POPCNT",
    phenom: "SSSE3, SSE4.1, SSE4.2",
    "Nehalem,-popcnt": "POPCNT",
  };
  for (const [type, names] of Object.entries(lacks)) {
    const { stdout, stderr, exitCode } = onProcessor(type, "combine", ["--version"]);
    expect({ type, stdout, exitCode }).toEqual({ type, stdout: "", exitCode: 1 });
    expect(stderr).toStartWith(`combine: error: this processor lacks ${names}; `);
    expect(stderr).toMatch(/^[^\n]*\bset its CPU type to [^\n]*\brecover\.py\n$/);
  }
});

drill("the oldest that has it runs", emulating, async () => {
  const { stdout, stderr, exitCode } = onProcessor("Nehalem", "keygen", []);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout).toContain("\nwdkey1");
});

drill("without getrandom nothing stands in for it", { strace: "strace" }, async () => {
  const root = mkdtempSync(join(tmpdir(), "root-"));
  try {
    linkSync(join(bin, "keygen"), join(root, "keygen"));
    mkdirSync(join(root, "dev"));
    writeFileSync(join(root, "dev/urandom"), new Uint8Array(4096));
    const text = "keygen: error: the kernel gives no random numbers (getrandom)\n";
    for (const error of ["ENOSYS", "EPERM"]) {
      const inject = ["strace", "-qq", "-o", "/dev/null", "-e", `inject=getrandom:error=${error}`];
      const inEmptyRoot = isRoot ? [["chroot", root, "/keygen"]] : [];
      for (const into of [[join(bin, "keygen")], ...inEmptyRoot]) {
        const done = start([...inject, ...into]);
        expect(done).toEqual({ stdout: "", stderr: text, exitCode: 1 });
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

let root = "";

beforeAll(() => {
  root = makeInputs();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Processes are counted by user, so it is one whom nobody else is. */
const user = isRoot ? 50_000 + (process.pid % 10_000) : undefined;
const [KiB, MiB] = [1024, 1_048_576];

/** Runs it where prlimit sets that limit, the result in a file if it can be. */
function under(limit: string, one: Case): Outcome {
  const line = one.out ? `${one.line} -o made` : one.line;
  return runCase({ ...one, line }, root, `exec prlimit ${limit} -- "$@"`, user);
}

/** One line of ours, nothing on stdout, no file. */
function expectRefused({ stdout, stderr, exitCode, made }: Outcome, what: string): void {
  const lines = stderr.split("\n").filter((line) => !/^[a-z-]+: (warning|hint): /.test(line));
  expect({ what, stdout, made }).toEqual({ what, stdout: "", made: [] });
  expect(lines, what).toEqual([expect.stringMatching(/^[a-z-]+: error: /), ""]);
  expect([1, 70], what).toContain(exitCode);
}

interface Limit {
  name: string;
  unit: number;
  /** What is too little, and what is enough, for every command. */
  refused: number[];
  enough: number[];
  /** From 0 to enough, with WORSTDAY_FULL. */
  step: number;
}

/**
 * Below 102 MiB of address space and 4 MiB of data the kernel cannot even start the executable, and
 * kills it.
 */
const limits: Limit[] = [
  ...(isRoot ? [{ name: "nproc", unit: 1, refused: [1, 4], enough: [5], step: 1 }] : []),
  { name: "as", unit: MiB, refused: [110, 350, 420], enough: [430, 1150, 1240, 8300], step: 50 },
  { name: "data", unit: MiB, refused: [8, 320], enough: [330, 1050, 1200, 8200], step: 50 },
  { name: "stack", unit: KiB, refused: [64, 128, 511], enough: [512], step: 64 },
  { name: "nofile", unit: 1, refused: [0, 3, 10], enough: [11], step: 1 },
];
const some = ["keygen", "unseal", "vault-open", "recovery-rotate"];
const chosen = cases.filter(({ line }) => {
  return !/ --(help|version)/.test(line) && (full || some.includes(line.split(" ")[0] as string));
});

describe("every command under a limit works or is refused", () => {
  for (const { name, unit, refused, enough, step } of limits) {
    test(`on ${name}`, () => {
      const limit = (value: number) => `--${name}=${value * unit}:${value * unit}`;
      for (const [i, one] of chosen.entries()) {
        // In the suite each command takes the next value in turn.
        const take = (values: number[]) => (full ? values : [values[i % values.length] as number]);
        for (const value of take(refused)) {
          expectRefused(under(limit(value), one), `${one.line} ${limit(value)}`);
        }
        for (const value of take(enough)) {
          const { exitCode, stderr } = under(limit(value), one);
          expect(exitCode, `${one.line} ${limit(value)}\n${stderr}`).toBe(0);
        }
        const [least, most] = [Math.min(...refused), Math.max(...enough)];
        for (let value = least; full && value < most && value < 2048; value += step) {
          const outcome = under(limit(value), one);
          if (outcome.exitCode !== 0) expectRefused(outcome, `${one.line} ${limit(value)}`);
        }
      }
    });
  }

  test("on fsize: the file that would be too long is not left", () => {
    for (const one of chosen.filter(({ line, out }) => out || line.includes("made"))) {
      expectRefused(under("--fsize=10:10", one), one.line);
    }
  });

  test("on memlock: it is no matter", () => {
    for (const bytes of [0, 8 * MiB]) {
      const { exitCode } = under(`--memlock=${bytes}:${bytes}`, { line: "keygen", out: true });
      expect(exitCode).toBe(0);
    }
  });
});

const tracing = { strace: "strace" };
const injected = (fault: string) => `exec strace -f -qq -o /dev/null -e inject=${fault} "$@"`;
const keygen: Case = { line: "keygen" };

drill("a thread that cannot be started later is waited for, and then told", tracing, async () => {
  const first = 2; // of this thread: the start-up code has tried one, which tried the others
  const late = runCase(keygen, root, injected(`clone:error=EAGAIN:when=${first}..${first + 2}`));
  expect(late).toMatchObject({ exitCode: 0, stderr: "" });
  const never = runCase(keygen, root, injected(`clone:error=EAGAIN:when=${first}+`));
  expectRefused(never, "no thread");
  expect(never.stderr).toContain("cannot start a thread");
});

drill("memory that is not to be had at any call is told", tracing, async () => {
  const calls = full ? Array.from({ length: 60 }, (_, i) => i + 3) : [6, 12, 18, 24];
  let told = 0;
  for (const nth of calls) {
    for (const more of ["", "+"]) {
      const outcome = runCase(keygen, root, injected(`mmap:error=ENOMEM:when=${nth}${more}`));
      if (outcome.exitCode === 0) continue;
      expectRefused(outcome, `call ${nth}${more}`);
      told++;
    }
  }
  expect(told).toBeGreaterThan(1);
});

const signals = ["SEGV", "ILL", "ABRT", "BUS", "FPE", "TRAP"];
drill("a runtime that crashes tells it in one line, whatever the signal", tracing, async () => {
  for (const signal of full ? signals : signals.slice(0, 3)) {
    const outcome = runCase(keygen, root, injected(`epoll_create1:signal=${signal}`));
    expectRefused(outcome, signal);
    expect(outcome).toMatchObject({ exitCode: 70 });
    expect(outcome.stderr).toContain(": the runtime failed");
  }
});

/** A program, called what is not to be told, that runs ours under that name. */
drill("the name in a message is the one it was called by, if it may be shown", {}, async () => {
  const names: Record<string, string> = {
    "/some/where/combine": "combine",
    "other name": "worstday",
    "\u001b[2Jx": "worstday",
    "": "worstday",
    [`${"x".repeat(70)}`]: "worstday",
    "x%s%n": "x%s%n",
  };
  for (const [name, shown] of Object.entries(names)) {
    const script = 'exec prlimit --stack=65536:65536 -- bash -c \'exec -a "$0" "$1"\' "$1" "$0"';
    const done = start(["sh", "-c", script, join(bin, "keygen"), name]);
    expect(done.stderr).toStartWith(`${shown}: error: too small a stack`);
  }
});

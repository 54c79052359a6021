// End-to-end cases: shell snippets run in a fresh folder where ./combine, ./split … are the commands,
// beside a file of each kind that they read (fixtures.ts).
//
// Every case runs on the built executables in dist/, and some fifteen on the sources as well
// (bun scripts/NAME.ts): those with `smoke`, or with WORSTDAY_MATRIX=1 all. Snippets run without
// pipefail: the status is that of the last command.

import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bin, commandNames, root } from "../../scripts/dev/project.ts";
import { type Operator, onTerminal } from "../terminal.ts";
import { changes, findLeak, secretsIn, snapshot } from "./evidence.ts";
import { putFiles } from "./fixtures.ts";
import { type Need, need, searchPath } from "./needs.ts";

/** Whether the tests themselves run on a linked executable that is to be a Bun. */
const onStaticRuntime = process.env["BUN_BE_BUN"] !== undefined;
const isMatrix = process.env["WORSTDAY_MATRIX"] !== undefined;
const names = [...commandNames(), "worstday"];
const shell = Bun.which("busybox") === null ? ["sh"] : ["busybox", "ash"];
const line = /^(?:worstday )?([a-z-]+): (error|warning|hint): (.+)$/;
const patienceMs = 240_000; // for a busy machine: a bound, no assertion

export type Target = "source" | "dist";
export type Result = { code: number; stdout: Uint8Array; stderr: string; text: string };
export type FailOptions = {
  /** Raw secrets given to the script besides those found in the sandbox's files. */
  secrets?: (string | Uint8Array)[];
  /** Lines on stderr that other programs (the shell, cat) may print. */
  noise?: RegExp;
};
export type Sandbox = {
  dir: string;
  target: Target;
  /** The environment of every command: what a shell needs, and nothing of the test runner's. */
  env: Record<string, string>;
  /** Writes a file into the sandbox and returns its name. */
  file(name: string, content: string | Uint8Array, mode?: number): string;
  read(name: string): Uint8Array;
  text(name: string): string;
  has(name: string): boolean;
  run(script: string): Promise<Result>;
  /** Runs on a terminal with nobody who types; `screen` is what it showed. */
  terminal(script: string): Promise<{ code: number; screen: string }>;
  /** Runs with an operator at the terminal. */
  operator(script: string): Operator;
  /** Exit 0 with nothing but warnings and hints on stderr, which match `says` where given. */
  ok(script: string, says?: RegExp): Promise<Result>;
  /** Fails as worstday must: one error line, nothing on stdout, nothing touched, no secret told. */
  fails(script: string, code: number, says: RegExp, options?: FailOptions): Promise<Result>;
};
const beBun = onStaticRuntime ? "BUN_BE_BUN=1 " : "";

type Place = Pick<Sandbox, "dir" | "env">;

/** Puts the commands of a target into a directory. */
function putCommands(dir: string, target: Target): void {
  for (const name of names) {
    const path = join(dir, name);
    if (target === "dist") symlinkSync(join(bin, name), path);
    else {
      // Bun takes the first "--" for itself; without it, one meant for the command would be lost.
      const call = `${beBun}exec '${process.execPath}' '${join(root, "scripts", `${name}.ts`)}' -- "$@"\n`;
      writeFileSync(path, `#!/bin/sh\n${call}`);
      chmodSync(path, 0o755);
    }
  }
}

let free = availableParallelism() + 1;
const waiting: (() => void)[] = [];

async function inTurn<T>(job: () => Promise<T>): Promise<T> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await job();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}

async function runIn({ dir, env }: Place, script: string): Promise<Result> {
  return inTurn(async () => {
    const child = Bun.spawn([...shell, "-c", script], {
      cwd: dir,
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: patienceMs,
      killSignal: "SIGKILL",
    });
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).bytes(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { code, stdout, stderr, text: new TextDecoder().decode(stdout) };
  });
}

function lastCommand(script: string): string {
  const found = [...script.matchAll(/\.\/(?:worstday )?([a-z-]+)/g)].map((match) => match[1] ?? "");
  return found.filter((name) => names.includes(name)).at(-1) ?? "worstday";
}

/** The lines of stderr, each held to the form that every message has. */
export function messages(stderr: string, noise?: RegExp): { by: string; kind: string }[] {
  const lines = stderr.split("\n").slice(0, -1);
  expect(stderr === "" || stderr.endsWith("\n"), `stderr ends its last line: ${stderr}`).toBe(true);
  return lines
    .filter((said) => noise === undefined || !noise.test(said))
    .map((said) => {
      const [, by = "", kind = "", message = ""] = line.exec(said) ?? [];
      expect(said, "a message on stderr").toMatch(line);
      expect(message, "starts in lower case").not.toMatch(/^[A-Z][a-z]/);
      expect(message, "has no full stop").not.toMatch(/[^.]\.$/);
      expect(said, "has no control characters").not.toMatch(/\p{Cc}/u);
      return { by, kind };
    });
}

async function succeed(place: Place, script: string, says?: RegExp): Promise<Result> {
  const secrets = secretsIn(place.dir);
  const result = await runIn(place, script);
  expect(result.code, `${script}\n${result.stderr}`).toBe(0);
  const kinds = messages(result.stderr).map(({ kind }) => kind);
  expect(kinds, `${script}\n${result.stderr}`).not.toContain("error");
  expect(findLeak(result.stderr, secrets), `${script}: a secret on stderr`).toBeUndefined();
  if (says !== undefined) expect(result.stderr, script).toMatch(says);
  return result;
}

async function fail(
  place: Place,
  script: string,
  code: number,
  says: RegExp,
  options: FailOptions = {},
): Promise<Result> {
  const secrets = [...secretsIn(place.dir), ...(options.secrets ?? [])];
  const before = snapshot(place.dir);
  const result = await runIn(place, script);
  const context = `${script}\n${result.stderr}`;
  expect(result.code, context).toBe(code);
  expect(result.text, `stdout of ${context}`).toBe("");
  const by = lastCommand(script);
  const errors = messages(result.stderr, options.noise).filter((message) => {
    return message.kind === "error" && (message.by === by || message.by === "worstday");
  });
  expect(errors.length, `error lines of ${by}: ${context}`).toBe(1);
  expect(result.stderr, script).toMatch(says);
  expect(findLeak(result.stderr, secrets), `a secret on stderr: ${context}`).toBeUndefined();
  expect(changes(before, snapshot(place.dir)), `changed by ${context}`).toEqual([]);
  return result;
}

function makeSandbox(target: Target): Sandbox {
  const dir = mkdtempSync(join(tmpdir(), "worstday-e2e-"));
  chmodSync(dir, 0o777);
  putCommands(dir, target);
  // From source, Bun would keep a cache of what it compiles at home; executables have none.
  const cache = target === "source" ? { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" } : {};
  const env = { PATH: searchPath, HOME: dir, LC_ALL: "C", TERM: "xterm", ...cache };
  const place = { dir, env };
  const operator = (script: string) => onTerminal([...shell, "-c", script], { cwd: dir, env });
  const sandbox: Sandbox = {
    dir,
    env,
    target,
    operator,
    file(name, content, mode = 0o600) {
      mkdirSync(join(dir, name, ".."), { recursive: true });
      writeFileSync(join(dir, name), content);
      chmodSync(join(dir, name), mode);
      return name;
    },
    read: (name) => new Uint8Array(readFileSync(join(dir, name))),
    text: (name) => readFileSync(join(dir, name), "utf8"),
    has: (name) => existsSync(join(dir, name)),
    run: (script) => runIn(place, script),
    terminal: (script) => inTurn(() => operator(script).ends()),
    ok: (script, says) => succeed(place, script, says),
    fails: (script, code, says, options) => fail(place, script, code, says, options),
  };
  putFiles(sandbox);
  return sandbox;
}

async function inSandbox(target: Target, body: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = makeSandbox(target);
  try {
    await body(sandbox);
  } finally {
    rmSync(sandbox.dir, { recursive: true, force: true });
  }
}

/** What another user must be able to read to run the commands. */
export const programFiles = [
  process.execPath,
  join(root, "scripts/combine.ts"),
  join(bin, "combine"),
];

/** One test for each target, side by side with the others of its file. */
export function scenario(
  name: string,
  body: (sandbox: Sandbox) => Promise<void>,
  options: { needs?: Need[]; only?: Target; smoke?: boolean } = {},
): void {
  const isChosen: Record<Target, boolean> = {
    source: isMatrix || options.smoke === true || options.only === "source",
    dist: !onStaticRuntime, // the run on Bun has tried the executables
  };
  for (const target of ["source", "dist"] as const) {
    if (!isChosen[target] || (options.only ?? target) !== target) continue;
    const built = need(target === "source" || existsSync(join(bin, "combine")), "dist/ is missing");
    const reasons = [built, ...(options.needs ?? [])].map(({ missing }) => missing);
    const reason = reasons.find((text) => text !== undefined);
    const title = `${target}: ${name}`;
    const run = () => inSandbox(target, body);
    if (reason !== undefined) test.skip(`${title}; skipped, ${reason}`, () => undefined);
    else test.concurrent(title, run, patienceMs);
  }
}

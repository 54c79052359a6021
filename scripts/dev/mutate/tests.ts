/** Which tests concern a source file, how long they take, and what they say of a changed tree. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../project.ts";

export type Outcome = "passed" | "failed" | "timed out";

/** The quick ones: what needs executables or runs commands is left out. */
const folders = ["core", "wire", "typing", "ssh", "scheme", "show", "cli"].map(
  (layer) => `test/${layer}`,
);
export const testFiles = [
  ...folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name))),
].filter((file) => file.endsWith(".test.ts"));

const importsOfTests = new Map(testFiles.map((test) => [test, closureOf(test)]));

/** The tests that load this file, directly or not; or only those that are named for it. */
export function testsThatLoad(file: string, near: boolean): string[] {
  const tests = testFiles.filter((test) => importsOfTests.get(test)?.has(file));
  const layer = tests.filter((test) => dirname(test) === dirname(mirrorOf(file)));
  if (!near || !layer.includes(mirrorOf(file))) return near ? layer : tests;
  const stem = mirrorOf(file).replace(".test.ts", "");
  return layer.filter((test) => test.startsWith(stem) || /\/(wiped|kinds)\.test\.ts$/.test(test));
}

/** In the order in which they are to be run: quickest first, and sooner where they are nearer. */
export function inOrder(tests: string[], file: string, seconds: Map<string, number>): string[] {
  const mirror = mirrorOf(file);
  const distance = (test: string) =>
    test === mirror ? 1 : dirname(test) === dirname(mirror) ? 3 : 5;
  const cost = (test: string) => (seconds.get(test) as number) * distance(test);
  return tests.toSorted((a, b) => cost(a) - cost(b));
}

function mirrorOf(file: string): string {
  return file.replace(/^lib\/(.*)\.ts$/, "test/$1.test.ts");
}

export interface Run {
  outcome: Outcome;
  /** Of a processor: machines are shared, and the time on the clock says little. */
  seconds: number;
}

/** Runs one file of tests in a copy of the tree. What takes memory without end is killed as well. */
export async function runTest(tree: string, test: string, limitSeconds: number): Promise<Run> {
  const limits = `ulimit -d 6000000; ulimit -t ${limitSeconds}`;
  const script = `${limits}; exec nice "$0" test --bail --timeout 60000 "$1"`;
  const child = Bun.spawn(["sh", "-c", script, process.execPath, `./${test}`], {
    cwd: tree,
    stdio: ["ignore", "ignore", "ignore"],
  });
  const status = await child.exited;
  const signal = `${child.signalCode}`;
  // Not of the mutant's doing; what is out of memory aborts, which is.
  if (/^SIG(HUP|INT|TERM)$/.test(signal)) throw new Error(`${test}: ended by ${signal}`);
  const late = signal === "SIGKILL" || signal === "SIGXCPU";
  return {
    outcome: late ? "timed out" : status === 0 ? "passed" : "failed",
    seconds: Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6,
  };
}

/** Whether the compiler refuses the tree for anything but a name that is no longer used. */
export async function failsTypes(tree: string): Promise<boolean> {
  const flags = ["--noUnusedLocals", "false", "--noUnusedParameters", "false"];
  const command = ["nice", join(root, "node_modules/.bin/tsc"), ...flags];
  const child = Bun.spawn(command, { cwd: tree, stdio: ["ignore", "ignore", "ignore"] });
  return (await child.exited) !== 0;
}

/** All files of the project that a file imports, itself included. */
function closureOf(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file);
  const source = readFileSync(join(root, file), "utf8");
  for (const { path } of new Bun.Transpiler({ loader: "ts" }).scanImports(source)) {
    const target = join(dirname(file), path);
    const isOurs = path.startsWith(".") && path.endsWith(".ts") && existsSync(join(root, target));
    if (isOurs && !seen.has(target)) closureOf(target, seen);
  }
  return seen;
}

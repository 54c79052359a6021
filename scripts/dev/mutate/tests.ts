/** Which tests concern a source file, how long they take, and what they say of a changed tree. */

import { globSync } from "node:fs";
import { join } from "node:path";
import { root } from "../project.ts";
import { closureOf } from "../reading.ts";

export interface Run {
  outcome: "passed" | "failed" | "timed out";
  /** Of a processor: machines are shared, and the time on the clock says little. */
  seconds: number;
}

/** The quick ones: what needs executables or runs commands is left out. */
const testFiles = globSync("test/{core,wire,typing,ssh,scheme,show,cli}/*.test.ts", { cwd: root });
const loadedBy = new Map(testFiles.map((test) => [test, closureOf([test])]));

/** The tests that load this file, directly or not. */
export function testsThatLoad(file: string): string[] {
  return testFiles.filter((test) => loadedBy.get(test)?.includes(file));
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

/** Which tests concern a source file, how long they take, and what they say of a changed tree. */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../project.ts";
import { closureOf, importsOf, resolveImport } from "../reading.ts";

export interface Run {
  outcome: "passed" | "failed" | "timed out";
  /** Of a processor: machines are shared, and the time on the clock says little. */
  seconds: number;
}

/** The layers that recover: what mutants are made of, if no file is named. */
export const innermost = ["core", "nacl", "wire", "hybrid"];

/** The unit tests that load this file: those of its own layer, and those that import it themselves. */
export function testsOf(file: string): string[] {
  const [, layer = ""] = file.split("/");
  return [...new Set([...innermost, layer])].flatMap((folder) =>
    globSync(`test/${folder}/*.test.ts`, { cwd: root }).filter((test) => {
      const { own, all } = loadedBy(test);
      return (folder === layer ? all : own).includes(file);
    }),
  );
}

interface Loaded {
  own: string[];
  all: string[];
}
const loaded = new Map<string, Loaded>();

function loadedBy(test: string): Loaded {
  const known = loaded.get(test);
  if (known) return known;
  const { fixed } = importsOf(readFileSync(join(root, test), "utf8"));
  const own = fixed.flatMap((specifier) => resolveImport(test, specifier) ?? []);
  const found = { own, all: closureOf([test]) };
  loaded.set(test, found);
  return found;
}

/** Runs one file of tests in a copy of the tree. What takes memory without end is killed as well. */
export async function runTest(tree: string, test: string, limitSeconds: number): Promise<Run> {
  const limits = `ulimit -d 6000000; ulimit -t ${limitSeconds}`;
  const script = `${limits}; exec nice "$0" test --bail --timeout 600000 "$1"`;
  const child = Bun.spawn(["sh", "-c", script, process.execPath, `./${test}`], {
    cwd: tree,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const told = await child.stderr.text();
  const status = await child.exited;
  const signal = `${child.signalCode}`;
  // Not of the mutant's doing; what is out of memory aborts, which is.
  if (/^SIG(HUP|INT|TERM)$/.test(signal)) throw new Error(`${test}: ended by ${signal}`);
  const late = /^SIG(KILL|XCPU)$/.test(signal) || told.includes("this test timed out after");
  return {
    outcome: late ? "timed out" : status === 0 ? "passed" : "failed",
    seconds: Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6,
  };
}

/** Whether the compiler refuses the tree for anything but a name that is no longer used. */
export async function failsTypes(tree: string): Promise<boolean> {
  const flags = ["--noUnusedLocals", "false", "--noUnusedParameters", "false"];
  flags.push("--incremental", "--tsBuildInfoFile", join(tree, "types.tsbuildinfo")); // one file anew
  const command = ["nice", join(root, "node_modules/.bin/tsc"), ...flags];
  const child = Bun.spawn(command, { cwd: tree, stdio: ["ignore", "ignore", "ignore"] });
  return (await child.exited) !== 0;
}

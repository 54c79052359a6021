/**
 * npm run mutate [-- [--near] [--sample PERCENT] [--seed NUMBER] [FILE|FOLDER …]]: mutation testing of lib/,
 * of lib/core and lib/wire where nothing is named. Takes an hour or two; no part of npm test.
 *
 * Each mutant (mutate/mutants.ts) is one change to a copy of the tree, in which the tests that load
 * the changed file are run until one fails. A change that no test notices says that the tests lack
 * something, or that it changes nothing (mutate/equivalent.ts). What passes all tests is given to
 * the compiler, which is part of the gate. With --near, only the tests named for a file are run.
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { API } from "typescript/unstable/async";
import { equivalents } from "./mutate/equivalent.ts";
import { type Mutant, mutantsOf } from "./mutate/mutants.ts";
import { failsTypes, inOrder, runTest, testsThatLoad } from "./mutate/tests.ts";
import { root, temporaryFolder } from "./project.ts";

const verdicts = ["killed", "timed out", "types", "survived", "equivalent"] as const;
type Verdict = (typeof verdicts)[number];

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { near: { type: "boolean" }, sample: { type: "string" }, seed: { type: "string" } },
});
const [percent, seed] = [Number(values.sample ?? 100), Number(values.seed ?? 1)];
const defaults = ["lib/core", "lib/wire"];
const files = (positionals.length > 0 ? positionals : defaults).flatMap(filesOf);
const reasons = new Set(equivalents.flatMap(({ mutants }) => mutants));
const seconds = new Map<string, number>();
const results: { mutant: Mutant; verdict: Verdict }[] = [];

const folder = temporaryFolder();
try {
  const trees = ["a", "b"].map(copyTree); // one for each process
  await inParallel(trees, [...new Set(files.flatMap(testsOf))], measure);
  if (await failsTypes(trees[0] as string)) throw new Error("tsc fails without any mutant");
  const mutants = await allMutants();
  const chosen = mutants.filter((mutant) => Number(Bun.hash(keyOf(mutant), seed) % 100n) < percent);
  console.log(`${chosen.length} of ${mutants.length} mutants in ${files.length} files`);
  row(["", "mutants", ...verdicts]);
  for (const file of files) {
    const own = chosen.filter((mutant) => mutant.file === file);
    await inParallel(trees, own, judge);
    count(file);
  }
  count("all");
  findStale(mutants);
} finally {
  rmSync(folder, { recursive: true });
}

function testsOf(file: string): string[] {
  return testsThatLoad(file, values.near === true);
}

function filesOf(path: string): string[] {
  if (path.endsWith(".ts")) return [path];
  const names = readdirSync(join(root, path)).filter((name) => name.endsWith(".ts"));
  return names.sort().map((name) => join(path, name));
}

function copyTree(name: string): string {
  const tree = join(folder, name);
  mkdirSync(tree);
  for (const entry of readdirSync(root)) {
    if (/^(lib|test|scripts|.*\.(json|toml|md))$/.test(entry)) {
      cpSync(join(root, entry), join(tree, entry), { recursive: true });
    }
  }
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  const shared = join(root, "../shared"); // outside test vectors
  if (existsSync(shared) && name === "a") symlinkSync(shared, join(folder, "shared"));
  return tree;
}

async function allMutants(): Promise<Mutant[]> {
  const api = new API({ cwd: root });
  const snapshot = await api.updateSnapshot({ openProject: join(root, "tsconfig.json") });
  const program = snapshot.getProjects()[0]?.program;
  const mutants: Mutant[] = [];
  for (const file of files) {
    const tree = await program?.getSourceFile(join(root, file));
    if (!tree) throw new Error(`${file}: no such file in the project`);
    mutants.push(...mutantsOf(file, tree));
  }
  await api.close();
  return mutants;
}

async function inParallel<T>(
  trees: string[],
  items: T[],
  work: (tree: string, item: T) => unknown,
) {
  const queue = items.values();
  await Promise.all(
    trees.map(async (tree) => {
      for (const item of queue) await work(tree, item);
    }),
  );
}

/** How long a test takes on the tree as it is, where it has to pass. */
async function measure(tree: string, test: string): Promise<void> {
  const run = await runTest(tree, test, 600);
  if (run.outcome !== "passed") throw new Error(`${test}: ${run.outcome}, without any mutant`);
  seconds.set(test, run.seconds);
}

async function judge(tree: string, mutant: Mutant): Promise<void> {
  const verdict = reasons.has(keyOf(mutant)) ? "equivalent" : await run(tree, mutant);
  results.push({ mutant, verdict });
  if (verdict === "killed" || verdict === "equivalent") return;
  const { file, line, place, before, after } = mutant;
  console.log(`${verdict}: ${file}:${line} ${place}\n  - ${before}\n  + ${after}`);
}

async function run(tree: string, mutant: Mutant): Promise<Verdict> {
  const path = join(tree, mutant.file);
  writeFileSync(path, mutant.source);
  try {
    for (const test of inOrder(testsOf(mutant.file), mutant.file, seconds)) {
      const limit = Math.ceil(5 + 4 * (seconds.get(test) as number)); // a busy machine is slower
      const { outcome } = await runTest(tree, test, limit);
      if (outcome !== "passed") return outcome === "failed" ? "killed" : "timed out";
    }
    return (await failsTypes(tree)) ? "types" : "survived";
  } finally {
    cpSync(join(root, mutant.file), path);
  }
}

/** How mutate/equivalent.ts names a mutant: line numbers change too often. */
function keyOf({ file, place, after }: Mutant): string {
  return `${file} ${place}: ${after}`;
}

function count(file: string): void {
  const own = results.filter(({ mutant }) => file === "all" || mutant.file === file);
  const counts = verdicts.map((verdict) => own.filter((one) => one.verdict === verdict).length);
  row([file, own.length, ...counts]);
  if (own.some(({ verdict }) => verdict === "survived")) process.exitCode = 1;
}

function row(cells: (string | number)[]): void {
  console.log(
    cells.map((cell, i) => (i === 0 ? `${cell}`.padEnd(32) : `${cell}`.padStart(11))).join(""),
  );
}

/** What mutate/equivalent.ts says of mutants that are made no more. */
function findStale(mutants: Mutant[]): void {
  const keys = new Set(mutants.map(keyOf));
  const own = [...reasons].filter((key) => files.includes(key.slice(0, key.indexOf(" "))));
  const stale = own.filter((key) => !keys.has(key));
  for (const key of stale) console.log(`no such mutant any more: ${key}`);
  if (stale.length > 0) process.exitCode = 1;
}

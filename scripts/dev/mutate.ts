/**
 * npm run mutate [-- [--near] [--sample PERCENT] [--seed NUMBER] [FILE …]]: mutation testing of lib/core
 * and lib/wire, or of these files in them. Takes an hour or two; no part of npm test.
 *
 * Each mutant (mutate/mutants.ts) is one change to a copy of the tree, in which the tests that load
 * the changed file are run until one fails. A change that no test notices says that the tests lack
 * something, or that it changes nothing (mutate/equivalent.txt). What passes all tests is given to
 * the compiler, which is part of the gate. With --near, only the tests named for a file are run.
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { API } from "typescript/unstable/async";
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
const files = positionals.length > 0 ? positionals : ["lib/core", "lib/wire"].flatMap(filesIn);
/** How many survivors of each kind are still accepted. */
const accepted = readAccepted();
const seconds = new Map<string, number>();
const results: { mutant: Mutant; verdict: Verdict }[] = [];

const folder = temporaryFolder();
try {
  const trees = ["a", "b"].map(copyTree); // one for each process
  await inParallel(trees, [...new Set(files.flatMap(testsOf))], measure);
  if (await failsTypes(trees[0] as string)) throw new Error("tsc fails without any mutant");
  const mutants = await allMutants();
  const chosen = mutants.filter(
    (mutant) => Number(Bun.hash(mutant.file + mutant.line + mutant.key, seed) % 100n) < percent,
  );
  console.log(`${chosen.length} of ${mutants.length} mutants in ${files.length} files`);
  row(["", "mutants", ...verdicts]);
  for (const file of files) {
    const own = chosen.filter((mutant) => mutant.file === file);
    await inParallel(trees, own, judge);
    count(file);
  }
  count("all");
  if (percent === 100) findStale();
} finally {
  rmSync(folder, { recursive: true });
}

function testsOf(file: string): string[] {
  return testsThatLoad(file, values.near === true);
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .sort()
    .map((name) => join(folder, name));
}

/** `FILE PLACE: WHAT -> INSTEAD (COUNT) ; WHAT -> INSTEAD` as the keys of mutants, and the counts. */
function readAccepted(): Map<string, number> {
  const text = readFileSync(join(root, "scripts/dev/mutate/equivalent.txt"), "utf8");
  const counts = new Map<string, number>();
  for (const [, place, changes = ""] of text.matchAll(/^ {4}(\S+(?: \w+)?): (.*)$/gm)) {
    for (const change of changes.split(" ; ")) {
      const [, plain, count = "1"] = /^(.*?)(?: \((\d+)\))?$/.exec(change) ?? [];
      const key = `${place}: ${plain}`;
      counts.set(key, (counts.get(key) ?? 0) + Number(count));
    }
  }
  return counts;
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
  let verdict = await run(tree, mutant);
  const left = accepted.get(mutant.key) ?? 0;
  if (verdict === "survived" && left > 0) {
    verdict = "equivalent";
    accepted.set(mutant.key, left - 1);
  }
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

/** What is accepted in these files and survives no more. */
function findStale(): void {
  const own = [...accepted].filter(
    ([key, left]) => left > 0 && files.includes(key.split(" ")[0] ?? ""),
  );
  for (const [key] of own) console.log(`does not survive any more: ${key}`);
  if (own.length > 0) process.exitCode = 1;
}

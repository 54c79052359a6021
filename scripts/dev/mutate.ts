/**
 * npm run mutate [-- FILE[:LINE] …]: mutation testing of what recovers, lib/{core,nacl,wire,hybrid}, or of
 * these files, or these FILE:LINE. Takes an hour or two; no part of npm test.
 *
 * Each mutant (mutate/mutants.ts) is one change to a copy of the tree, in which unit tests that load
 * the changed file are run until one fails. A change that no test notices says that the tests lack
 * something, or that it changes nothing (mutate/equivalent.txt). What passes all tests is given to
 * the compiler, which is part of the gate.
 */

import {
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { API } from "typescript/unstable/async";
import { type Mutant, mutantsOf } from "./mutate/mutants.ts";
import { failsTypes, innermost, runTest, testsOf } from "./mutate/tests.ts";
import { root, temporaryFolder } from "./project.ts";

const verdicts = ["killed", "timed out", "types", "survived", "equivalent"] as const;
type Verdict = (typeof verdicts)[number];

const named = process.argv.slice(2).map((argument) => argument.split(":") as [string, string?]);
const all = () => globSync(`lib/{${innermost}}/*.ts`, { cwd: root }).sort();
const files = named.length > 0 ? [...new Set(named.map(([file]) => file))] : all();
/** How many survivors of each kind are still accepted. */
const accepted = readAccepted();
/** How long each test takes on the tree as it is. */
const seconds = new Map<string, number>();
/** How many mutants of a file a test has noticed, by both names. */
const noticed = new Map<string, number>();

const folder = temporaryFolder();
try {
  const trees = ["a", "b"].map(copyTree); // one for each process
  await inParallel(trees, [...new Set(files.flatMap(testsOf))], measure);
  if (await failsTypes(trees[0] as string)) throw new Error("tsc fails without any mutant");
  const mutants = await allMutants();
  const results: Verdict[] = [];
  console.log(row(["", "mutants", ...verdicts]));
  for (const file of files) {
    const own = mutants.filter((mutant) => mutant.file === file);
    const counted: Verdict[] = [];
    await inParallel(
      trees,
      own,
      async (tree, mutant) => void counted.push(await judge(tree, mutant)),
    );
    console.log(row([file, ...countsOf(counted)]));
    results.push(...counted);
  }
  console.log(row(["all", ...countsOf(results)]));
  const whole = files.filter((file) => !named.some(([name, line]) => name === file && line));
  const stale = [...accepted].filter(([key, left]) => left > 0 && whole.includes(fileOf(key)));
  for (const [key] of stale) console.log(`does not survive any more: ${key}`);
  if (results.includes("survived") || stale.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
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

function fileOf(key: string): string {
  return key.replace(/[ :].*/s, "");
}

function copyTree(name: string): string {
  const tree = join(folder, name);
  mkdirSync(tree);
  for (const entry of globSync("{lib,test,scripts,*.json,*.toml,*.md}", { cwd: root })) {
    cpSync(join(root, entry), join(tree, entry), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  if (name === "a") symlinkSync(join(root, "../shared"), join(folder, "shared")); // outside vectors
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
    const lines = named.flatMap(([name, line]) => (name === file && line ? [Number(line)] : []));
    const own = mutantsOf(file, tree);
    mutants.push(...own.filter(({ line }) => lines.length === 0 || lines.includes(line)));
  }
  await api.close();
  return mutants;
}

type Work<T> = (tree: string, item: T) => Promise<void>;

async function inParallel<T>(trees: string[], items: T[], work: Work<T>): Promise<void> {
  const queue = items.values();
  const drain = async (tree: string) => {
    for (const item of queue) await work(tree, item);
  };
  await Promise.all(trees.map(drain));
}

async function measure(tree: string, test: string): Promise<void> {
  const run = await runTest(tree, test, 600);
  if (run.outcome !== "passed") throw new Error(`${test}: ${run.outcome}, without any mutant`);
  seconds.set(test, run.seconds);
}

async function judge(tree: string, mutant: Mutant): Promise<Verdict> {
  const verdict = await run(tree, mutant);
  if (verdict === "killed") return verdict;
  const left = accepted.get(mutant.key) ?? 0;
  if (verdict === "survived" && left > 0) {
    accepted.set(mutant.key, left - 1);
    return "equivalent";
  }
  console.log(`${verdict}: line ${mutant.line} of ${mutant.key}`);
  return verdict;
}

/** The quickest tests first, and those that have noticed the most of this file. */
async function run(tree: string, { file, source }: Mutant): Promise<Verdict> {
  const path = join(tree, file);
  const secondsOf = (test: string) => seconds.get(test) as number;
  const noticedBy = (test: string) => noticed.get(`${file} ${test}`) ?? 0;
  const cost = (test: string) => secondsOf(test) / (1 + noticedBy(test));
  writeFileSync(path, source);
  try {
    for (const test of testsOf(file).sort((a, b) => cost(a) - cost(b))) {
      const limit = Math.ceil(5 + 4 * secondsOf(test));
      const { outcome } = await runTest(tree, test, limit);
      if (outcome === "passed") continue;
      noticed.set(`${file} ${test}`, noticedBy(test) + 1);
      return outcome === "failed" ? "killed" : "timed out";
    }
    return (await failsTypes(tree)) ? "types" : "survived";
  } finally {
    cpSync(join(root, file), path);
  }
}

function countsOf(results: Verdict[]): number[] {
  return [results.length, ...verdicts.map((one) => results.filter((it) => it === one).length)];
}

function row([first, ...cells]: (string | number)[]): string {
  return `${first}`.padEnd(32) + cells.map((cell) => `${cell}`.padStart(11)).join("");
}

/**
 * All tests, each file in a process of its own and two of them side by side, then every skip by its name
 * and reason, then `N passed, N failed`: part of npm test.
 *
 * The unit tests of core and wire run once more on the static runtime, with that runtime's own test, to
 * see that the link has not harmed it. WORSTDAY_MATRIX=1 (npm run test:full) runs every end-to-end case on
 * the sources as well as on dist/, and all but the tests of the tools on the static runtime. Arguments
 * are passed on to `bun test`, as in `npm test -- test/core`; then there is one process.
 */

import { chmodSync, existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeImage } from "./image.ts";
import { ownArch, root, temporaryFolder } from "./project.ts";

interface Outcome {
  passed: number;
  failed: number;
  skipped: string[];
}

interface Job {
  where: string;
  runtime: string;
  env?: Record<string, string>;
  /** What is given to `bun test`. */
  filters: string[];
}

const folder = temporaryFolder();
chmodSync(folder, 0o755); // some tests run the runtime in it as another user
const outcomes: Outcome[] = [];
try {
  const filters = process.argv.slice(2);
  const jobs = filters.length > 0 ? [onBun(filters)] : await allJobs();
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) outcomes.push(await run(job));
  };
  await Promise.all([worker(), worker()]);
} finally {
  rmSync(folder, { recursive: true });
}

const sum = (key: "passed" | "failed") => outcomes.reduce((total, one) => total + one[key], 0);
const skips = outcomes.flatMap(({ skipped }) => skipped);
const [passed, failed] = [sum("passed"), sum("failed")];
for (const name of skips) console.log(`skipped: ${name}`);
const more = skips.length > 0 ? `, ${skips.length} skipped` : "";
console.log(`${passed} passed, ${failed} failed${more}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function onBun(filters: string[]): Job {
  return { where: "on Bun", runtime: process.execPath, filters };
}

/** A job for each file; the folders with the longest come first, so that none runs alone at the end. */
async function allJobs(): Promise<Job[]> {
  const folders = ["test/dev/", "test/fuzz/", "test/e2e/", "test/"];
  const rank = (file: string) => folders.findIndex((folder) => file.startsWith(folder));
  const files = globSync("test/**/*.test.ts", { cwd: root }).sort((a, b) => rank(a) - rank(b));
  const runtime = join(folder, "bun");
  const script = join(root, "scripts/worstday.ts");
  await makeImage(script, runtime, { arch: ownArch, harden: false });
  const isOwn = process.env["WORSTDAY_MATRIX"]
    ? /test\/(?!dev\/(?!runtime)|fuzz\/)/
    : /test\/(core|wire|dev\/runtime)/;
  const own = files.filter((file) => isOwn.test(file)).map((file) => `./${file}`);
  const env = { BUN_BE_BUN: "1" };
  return [
    ...files.map((file) => onBun([`./${file}`])),
    ...own.map((file) => ({ where: "on the static runtime", runtime, env, filters: [file] })),
  ];
}

/** One process: what it says comes in one piece when it ends, the passes and totals left out. */
async function run({ where, runtime, env, filters }: Job): Promise<Outcome> {
  const report = join(folder, `${Bun.randomUUIDv7()}.xml`);
  const flags = ["--reporter=junit", `--reporter-outfile=${report}`, "--timeout=60000"]; // if busy
  const child = Bun.spawn([runtime, "test", ...flags, ...filters], {
    ...{ cwd: root, env: { ...process.env, ...env }, stdin: "ignore" },
    ...{ stdout: "pipe", stderr: "pipe" },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const exitCode = await child.exited;
  const usual =
    /^(\((pass|skip)\)|bun test v|[\w./-]+\.test\.ts:$|Ran | +\d+ (pass|skip|fail|expect)).*\n/gm;
  const told = `${stdout}${stderr}`
    .replace(usual, "")
    .replace(/\n{2,}/g, "\n")
    .trim();
  console.log(`${filters.join(" ")} ${where}${told && `\n${told}`}`);
  const text = existsSync(report) ? readFileSync(report, "utf8") : "";
  const cases = text.split("<testcase ").slice(1);
  const skipped = cases.filter((text) => text.includes("<skipped"));
  const failures = cases.filter((text) => text.includes("<failure") || text.includes("<error"));
  const nameOf = (text: string) => /name="([^"]*)"/.exec(text)?.[1] ?? "";
  return {
    passed: cases.length - skipped.length - failures.length,
    // a run that failed otherwise, as outside of a test, counts as one failure
    failed: failures.length || (exitCode === 0 ? 0 : 1),
    skipped: skipped.map((text) => `${nameOf(text)} (${where})`),
  };
}

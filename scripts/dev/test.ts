/**
 * All tests in two processes side by side, then every skip by its name and reason, then `N passed, N
 * failed`: part of npm test.
 *
 * The unit tests of core and wire run once more on the static runtime, with that runtime's own test, to
 * see that the link has not harmed it. WORSTDAY_MATRIX=1 (npm run test:full) runs every end-to-end case on
 * the sources as well as on dist/, and all but the tests of the tools on the static runtime. Arguments
 * are passed on to `bun test`, as in `npm test -- test/core`; then there is one process.
 */

import { chmodSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeImage } from "./image.ts";
import { ownArch, root, temporaryFolder } from "./project.ts";

interface Outcome {
  passed: number;
  failed: number;
  skipped: string[];
}

/** Files that take long, in seconds of a processor; others take 4 in test/e2e, and 2 elsewhere. */
const seconds: Record<string, number> = {
  ...{ "cli/tty": 9, frozen: 10, vectors: 12, "dev/runtime": 11, "core/recover": 8 },
  ...{ "dev/faults": 50, "dev/limits": 30, "dev/hardening": 22, "dev/static-releases": 16 },
  ...{ "dev/drills": 15, "dev/fleet": 17, "dev/resources": 15, "dev/interrupts": 12 },
  ...{ "fuzz/damage": 25, "fuzz/fuzz": 9, "fuzz/chunks": 6, "e2e/arguments": 8 },
  ...{ "e2e/recovery-rotate": 10, "e2e/pipeline": 8, "e2e/world": 18, "e2e/vault": 14 },
  ...{ "e2e/recovery-init": 9, "e2e/recovery-terminal": 10, "e2e/output-file": 10, "e2e/card": 10 },
  ...{ "e2e/resources": 12, "e2e/signals": 8, "e2e/durability": 8, "e2e/plumbing": 6 },
};

const folder = temporaryFolder();
chmodSync(folder, 0o755); // some tests run the runtime in it as another user
const outcomes: Outcome[] = [];
try {
  const filters = process.argv.slice(2);
  const files = globSync("test/**/*.test.ts", { cwd: root }).map((file) => `./${file}`);
  await runAll("on Bun", process.execPath, {}, filters.length > 0 ? [filters] : halves(files));
  if (filters.length === 0) {
    const runtime = join(folder, "bun");
    const script = join(root, "scripts/worstday.ts");
    await makeImage(script, runtime, { arch: ownArch, harden: false });
    const isOwn = process.env["WORSTDAY_MATRIX"]
      ? /test\/(?!dev\/(?!runtime)|fuzz\/)/
      : /test\/(core|wire|dev\/runtime)/;
    const own = halves(files.filter((file) => isOwn.test(file)));
    await runAll("on the static runtime", runtime, { BUN_BE_BUN: "1" }, own);
  }
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

type Environment = Record<string, string>;

async function runAll(where: string, runtime: string, env: Environment, parts: string[][]) {
  outcomes.push(...(await Promise.all(parts.map((part) => run(where, runtime, env, part)))));
}

/** Two lists that take about the same time: the longest first, each to the list that is shorter. */
function halves(files: string[]): string[][] {
  const cost = (file: string) => {
    const name = file.slice("./test/".length, -".test.ts".length);
    return seconds[name] ?? (name.startsWith("e2e/") ? 4 : 2);
  };
  const lists = [0, 1].map(() => ({ files: [] as string[], cost: 0 }));
  for (const file of files.toSorted((a, b) => cost(b) - cost(a))) {
    const [list] = lists.toSorted((a, b) => a.cost - b.cost);
    list?.files.push(file);
    if (list) list.cost += cost(file);
  }
  return lists.map((list) => list.files);
}

/** One process: what it says comes in one piece when it ends, the passes left out. */
async function run(
  where: string,
  runtime: string,
  env: Environment,
  filters: string[],
): Promise<Outcome> {
  const report = join(folder, `${Bun.randomUUIDv7()}.xml`);
  const flags = ["--reporter=junit", `--reporter-outfile=${report}`, "--timeout=60000"]; // if busy
  const child = Bun.spawn([runtime, "test", ...flags, ...filters], {
    ...{ cwd: root, env: { ...process.env, ...env }, stdin: "ignore" },
    ...{ stdout: "pipe", stderr: "pipe" },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const exitCode = await child.exited;
  const told = `${stdout}${stderr}`.replace(/^(\((pass|skip)\)|[\w./-]+\.test\.ts:$).*\n\n?/gm, "");
  console.log(`\ntests ${where}\n${told.trim()}`);
  const cases = readFileSync(report, "utf8").split("<testcase ").slice(1);
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

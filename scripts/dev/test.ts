/**
 * All tests, then every skip by its name, then `N passed, N failed`: part of npm test.
 *
 * The suite runs twice: on Bun, and on the static runtime, to see that the link has not harmed it.
 * The second run leaves out what does not run on that runtime itself: the executables of dist/, and
 * the tests of the tools that make them; and the fuzzing. Arguments are passed on to `bun test`, as in
 * `npm test -- test/core`; then it runs once.
 */

import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeImage } from "./image.ts";
import { ownArch, root, temporaryFolder } from "./project.ts";

interface Outcome {
  passed: number;
  failed: number;
  skipped: string[];
}

const folder = temporaryFolder();
chmodSync(folder, 0o755); // some tests run the runtime in it as another user
const outcomes: Outcome[] = [];
try {
  const filters = process.argv.slice(2);
  outcomes.push(run("on Bun", process.execPath, {}, filters));
  if (filters.length === 0) {
    const runtime = join(folder, "bun");
    const script = join(root, "scripts/worstday.ts");
    await makeImage(script, runtime, { arch: ownArch, harden: false });
    outcomes.push(run("on the static runtime", runtime, { BUN_BE_BUN: "1" }, ownTests()));
  }
} finally {
  rmSync(folder, { recursive: true });
}

const sum = (count: (outcome: Outcome) => number) =>
  outcomes.reduce((total, outcome) => total + count(outcome), 0);
const [passed, failed, skipped] = [
  sum((outcome) => outcome.passed),
  sum((outcome) => outcome.failed),
  sum((outcome) => outcome.skipped.length),
];
for (const name of outcomes.flatMap((outcome) => outcome.skipped)) console.log(`skipped: ${name}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** All tests but the fuzzing, which takes long, and those in test/dev, of which the runtime's own. */
function ownTests(): string[] {
  const entries = readdirSync(join(root, "test")).filter((name) => !["dev", "fuzz"].includes(name));
  return [...entries.map((name) => `./test/${name}`), "./test/dev/runtime.test.ts"];
}

function run(
  where: string,
  runtime: string,
  env: Record<string, string>,
  filters: string[],
): Outcome {
  console.log(`\ntests ${where}`);
  const report = join(folder, "report.xml");
  const flags = ["--reporter=junit", `--reporter-outfile=${report}`, ...filters];
  const { exitCode } = Bun.spawnSync([runtime, "test", ...flags], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const cases = readFileSync(report, "utf8").split("<testcase ").slice(1);
  const skipped = cases.filter((text) => text.includes("<skipped"));
  const failed = cases.filter((text) => text.includes("<failure") || text.includes("<error"));
  const nameOf = (text: string) => /name="([^"]*)"/.exec(text)?.[1] ?? "";
  return {
    passed: cases.length - skipped.length - failed.length,
    // a run that failed otherwise, as outside of a test, counts as one failure
    failed: failed.length || (exitCode === 0 ? 0 : 1),
    skipped: skipped.map((text) => `${nameOf(text)} (${where})`),
  };
}

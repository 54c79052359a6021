/**
 * npm run coverage: the lines of lib/ that no test reaches in its own process, of the tests that
 * `npm run mutate` runs. Commands that end-to-end tests start are other processes and do not count:
 * what is listed of lib/cli is theirs.
 */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { testFiles } from "./mutate/tests.ts";
import { root, temporaryFolder } from "./project.ts";

const folder = temporaryFolder();
try {
  const flags = ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${folder}`];
  const tests = testFiles.map((test) => `./${test}`);
  const child = Bun.spawnSync(
    [process.execPath, "test", "--timeout", "120000", ...flags, ...tests],
    {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  if (child.exitCode !== 0) process.exitCode = 1;
  report(readFileSync(join(folder, "lcov.info"), "utf8"));
} finally {
  rmSync(folder, { recursive: true });
}

function report(lcov: string): void {
  const records = lcov.split("end_of_record").map((text): [file: string, text: string] => {
    return [/^SF:(.*)$/m.exec(text)?.[1] ?? "", text];
  });
  const covered = new Map(records);
  const all = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" });
  for (const name of all.filter((name) => name.endsWith(".ts")).sort()) {
    const file = join("lib", name);
    const text = covered.get(file);
    const lines = [...(text ?? "").matchAll(/^DA:(\d+),(\d+)/gm)];
    const missed = lines.filter(([, , count]) => count === "0").map(([, line]) => Number(line));
    if (text === undefined) console.log(`${file}: loaded by no test`);
    else if (missed.length > 0)
      console.log(`${file}: ${missed.length} of ${lines.length} lines: ${ranges(missed)}`);
  }
}

/** 3, 4, 5, 9 as `3-5, 9`. */
function ranges(lines: number[]): string {
  const starts = lines.filter((line) => !lines.includes(line - 1));
  const ends = lines.filter((line) => !lines.includes(line + 1));
  return starts.map((start, i) => (start === ends[i] ? start : `${start}-${ends[i]}`)).join(", ");
}

/**
 * All tests, then every skip by its name, then `N passed, N failed`: part of npm test.
 *
 * Arguments are passed on to `bun test`, as in `npm test -- test/crypto`.
 */

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, temporaryFolder } from "./project.ts";

const folder = temporaryFolder();
const report = join(folder, "report.xml");
const flags = ["--reporter=junit", `--reporter-outfile=${report}`];
const { exitCode } = Bun.spawnSync([process.execPath, "test", ...flags, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
});

const cases = readFileSync(report, "utf8").split("<testcase ").slice(1);
rmSync(folder, { recursive: true });
const skipped = cases.filter((text) => text.includes("<skipped"));
const failed = cases.filter((text) => text.includes("<failure") || text.includes("<error"));
for (const text of skipped) console.log(`skipped: ${/name="([^"]*)"/.exec(text)?.[1]}`);

const passed = cases.length - skipped.length - failed.length;
const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
console.log(`${passed} passed, ${failed.length} failed${tail}`);
process.exitCode = exitCode === 0 && failed.length === 0 && passed > 0 ? 0 : 1;

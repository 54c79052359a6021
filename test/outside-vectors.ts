/** Test vectors from public projects, read from ../shared/vectors and never copied here. */

import { test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dir, "../../shared/vectors");

/** A test over one outside file; where the file is absent, a skipped test that says so. */
export function testOutside(
  sentence: string,
  name: string,
  body: (text: string) => void | Promise<void>,
): void {
  const file = join(folder, name);
  if (existsSync(file)) {
    test(sentence, () => body(readFileSync(file, "utf8")));
  } else {
    test.skip(`${sentence} (skipped: ../shared/vectors/${name} is not here)`, () => {});
  }
}

/** The lines of a tab-separated file, comments and blank lines left out. */
export function tabbed(text: string): string[][] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((l) => l.split("\t"));
}

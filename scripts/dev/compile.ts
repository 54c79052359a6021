/** One script and all it imports, compiled with a runtime into one executable. */

import { $ } from "bun";

const flags = [
  "--minify",
  "--bytecode",
  "--format=esm", // for bytecode with top-level await
  "--no-compile-autoload-dotenv", // no .env or bunfig.toml of the working directory
  "--no-compile-autoload-bunfig",
];

/** `runtime` is the Bun executable to put it into: this one, or another architecture's. */
export async function compile(
  script: string,
  outfile: string,
  runtime: string = process.execPath,
): Promise<void> {
  const into = ["--compile", `--compile-executable-path=${runtime}`, `--outfile=${outfile}`];
  await $`${process.execPath} build ${into} ${flags} ${script}`.quiet();
}

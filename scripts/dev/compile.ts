/** One script and all it imports, compiled with the runtime into one executable. */

import { $ } from "bun";

const flags = [
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm", // for bytecode with top-level await
  "--no-compile-autoload-dotenv", // no .env or bunfig.toml of the working directory
  "--no-compile-autoload-bunfig",
];

export async function compile(script: string, outfile: string): Promise<void> {
  await $`${process.execPath} build ${flags} --outfile=${outfile} ${script}`.quiet();
}

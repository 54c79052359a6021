/**
 * Runs commands for served.ts, one after another in this process: `main` of each, on the real descriptors,
 * which are put in place before, and in the real working directory.
 */

import { dlopen } from "bun:ffi";
import { appendFileSync, closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../lib/cli/main.ts";
import { root } from "../../scripts/dev/project.ts";

export interface Job {
  cwd: string;
  name: string;
  argv: string[];
  /** Files for stdin and for stderr, and for stdout with how it is opened. */
  input: string;
  output: [file: string, flags: "w" | "a"];
  said: string;
}

const { symbols: libc } = dlopen("libc.so.6", {
  dup2: { args: ["i32", "i32"], returns: "i32" },
});

async function run({ cwd, name, argv, input, output, said }: Job): Promise<number> {
  process.chdir(cwd);
  const streams = [[input, "r"], output, [said, "a"]] as const;
  try {
    for (const [descriptor, [file, flags]] of streams.entries()) {
      const opened = openSync(file, flags);
      libc.dup2(opened, descriptor);
      closeSync(opened);
    }
  } catch (error) {
    appendFileSync(said, `sh: ${error}\n`);
    return 1;
  }
  process.exitCode = 0;
  await main(await import(join(root, `scripts/${name}.ts`)), argv);
  process.removeAllListeners("uncaughtException").removeAllListeners("unhandledRejection");
  return Number(process.exitCode);
}

let last = Promise.resolve();
process.on("message", (job: Job) => {
  last = last.then(async () => void process.send?.(await run(job)));
});
process.on("disconnect", () => process.exit());

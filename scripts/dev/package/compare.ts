/** Whether what was built twice is the same, bit for bit; or else an error that says what differs. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { differences, readInputs } from "../inputs.ts";
import { temporaryFolder } from "../project.ts";

/** Of two folders with an executable and its inputs.json. */
export async function compareImages(first: string, second: string): Promise<void> {
  if (await isSame(join(first, "worstday"), join(second, "worstday"))) return;
  const [a, b] = [first, second].map((folder) => {
    const { source: _, ...inputs } = readInputs(join(folder, "inputs.json"));
    return inputs;
  });
  const different = a && b ? differences(a, b) : [];
  const why =
    different.length > 0
      ? ["and so do these inputs (of the first / of the second):", ...different]
      : ["but no input that inputs.json names"];
  throw new Error(`worstday differs, ${why.join("\n  ")}`);
}

/** Of two archives with the same executable: other files, other modes or times, or other compression. */
export async function compareArchives(first: string, second: string): Promise<void> {
  if (await isSame(first, second)) return;
  const work = temporaryFolder();
  try {
    for (const [name, archive] of [
      ["first", first],
      ["second", second],
    ]) {
      await $`mkdir ${name} && tar -xf ${archive} -C ${name} --strip-components=1`.cwd(work);
      await $`tar -tvf ${archive} > ${name}.list`.cwd(work);
    }
    const told = async (...files: string[]) => await $`diff ${files}`.cwd(work).nothrow().text();
    const files =
      (await told("-rq", "first", "second")) || (await told("first.list", "second.list"));
    throw new Error(`worstday is the same, but:\n${files || "only the compression differs"}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function isSame(first: string, second: string): Promise<boolean> {
  return (await $`cmp -s ${first} ${second}`.nothrow()).exitCode === 0;
}

/**
 * Every vector in test/vectors, in process; and by dist/ the first of each command line and status. With
 * WORSTDAY_MATRIX=1 all by dist/, and by the sources.
 */

import { afterAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../lib/cli/command.ts";
import { RecoveryError } from "../lib/core/errors.ts";
import { bin, root } from "../scripts/dev/project.ts";
import { at, attempt, enterFolder, put, removeFolders } from "./commands/folder-io.ts";
import { statuses, type VectorFile, vectorFiles } from "./vector-files.ts";

const { BUN_BE_BUN, WORSTDAY_MATRIX } = process.env;
const source = (name: string) => [process.execPath, join(root, "scripts", `${name}.ts`)];
const dist = (name: string) => [join(bin, name)];
const programs = {
  ...(WORSTDAY_MATRIX === undefined ? {} : { source }),
  // On the static runtime the sources only: the run on Bun has tried the executables.
  ...(BUN_BE_BUN === undefined ? { dist } : {}),
};

afterAll(removeFolders);

/** Puts a vector's files into a new folder. */
function lay({ files }: VectorFile): void {
  enterFolder();
  for (const [name, bytes] of Object.entries(files)) put(name, bytes);
}

function expectOnlyFiles({ files }: VectorFile): void {
  expect(readdirSync(at("")).sort()).toEqual(Object.keys(files).sort());
}

const met = new Set<string>();

for (const vector of vectorFiles) {
  const { name: title, about, command, stdin, files, status, stdout } = vector;
  const [name, ...words] = command;

  test(`${title}: ${about}`, async () => {
    lay(vector);
    const places = words.map((word) => (word in files ? `@${word}` : word.replace(/^\.$/, "@.")));
    const program: Command = await import(`../scripts/${name}.ts`);
    const { run, output } = await attempt(program, places.join(" "), stdin);
    const failure = await run().catch((error: unknown) => error);
    if (failure !== undefined && !(failure instanceof RecoveryError)) throw failure;
    expect(failure === undefined ? 0 : statuses[failure.code]).toBe(status);
    expect(output()).toEqual(stdout);
    expectOnlyFiles(vector);
  });

  const kind = `${command} ${status}`;
  if (met.has(kind) && WORSTDAY_MATRIX === undefined) continue;
  met.add(kind);
  for (const [where, programOf] of Object.entries(programs)) {
    test(`${title}, ${where}: ${about}`, () => {
      lay(vector);
      const done = Bun.spawnSync([...programOf(name), ...words], {
        ...{ cwd: at(""), stdin: Buffer.from(stdin), stderr: "pipe" },
      });
      expect([done.exitCode, new Uint8Array(done.stdout)]).toEqual([status, stdout]);
      const errors = done.stderr.toString().match(new RegExp(`^${name}: error: .+$`, "gm")) ?? [];
      expect(errors).toHaveLength(status === 0 ? 0 : 1);
      expectOnlyFiles(vector);
    });
  }
}

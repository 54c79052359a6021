/** Every vector in test/vectors, against dist/, and with WORSTDAY_MATRIX=1 against the sources. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { bin, root } from "../scripts/dev/project.ts";
import { checkVector, vectorFiles } from "./vector-files.ts";

const { BUN_BE_BUN, WORSTDAY_MATRIX } = process.env;
const source = (name: string) => [process.execPath, join(root, "scripts", `${name}.ts`)];
const dist = (name: string) => [join(bin, name)];
const targets = {
  ...(WORSTDAY_MATRIX === undefined ? {} : { source }),
  // On the static runtime the sources only: the run on Bun has tried the executables.
  ...(BUN_BE_BUN === undefined ? { dist } : {}),
};

for (const [target, programOf] of Object.entries(targets)) {
  for (const vector of vectorFiles) {
    test(`${vector.name}, ${target}: ${vector.about}`, () => {
      const [name] = vector.command;
      const stderr = checkVector(vector, programOf(name));
      const errors = stderr.match(new RegExp(`^${name}: error: .+$`, "gm")) ?? [];
      expect(errors).toHaveLength(vector.status === 0 ? 0 : 1);
    });
  }
}

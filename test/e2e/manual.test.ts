// The examples of the manuals can be typed as they stand.

import { expect } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { examplesOf } from "../../lib/cli/manual.ts";
import { readManuals } from "../../scripts/dev/manual.ts";
import { makeScheme } from "../oracle/scheme.ts";
import { writerLine } from "../oracle/update.ts";
import { lay } from "./ceremony.ts";
import { nodeA, nodeB, nodeC, plaintext, sealed, twoOfThree, vault } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";

const manuals = await readManuals();

const [one, two, three] = twoOfThree.lines as [string, string, string];
const files: Record<string, string | Uint8Array> = {
  "node-a.key": `${nodeA.secretLine}\n`,
  "node-a.pub": `${nodeA.publicLine}\n`,
  "node-b.pub": `${nodeB.publicLine}\n`,
  "new-b.pub": `${nodeC.publicLine}\n`,
  "node-a.sealed": `${sealed(one, nodeA)}\n`,
  "a.txt": `${one}\n`,
  "offline.txt": `${three}\n`,
  "shares.txt": `${sealed(one, nodeA)}\n${sealed(two, nodeB)}\n${three}\n`,
  "secrets.tar": plaintext,
  "more.tar": plaintext,
  "vault.wd": vault,
};

const made = makeScheme({ nodes: { "node-a": nodeA, "node-b": nodeB }, plaintext });

/** In place of a printer and of another machine. */
const stubs = 'lp() { cat > page; }; ssh() { shift; "$@"; };';

/** The files that an example names, except those that it makes. */
function prepare(sandbox: Sandbox, line: string): void {
  const { dir, file } = sandbox;
  for (const [name, content] of Object.entries(files)) file(name, content);
  if (line.includes("--dir scheme") && !line.includes("recovery-init")) {
    lay(sandbox, made, "scheme");
    for (const name of ["offline.txt", "new.txt"]) file(name, `${made.offline[0]}\n`);
    file("a.txt", `${made.lines[0]}\n`);
    file("writer.txt", `${writerLine(made)}\n`);
    file("node-a.sealed", made.files.get("sealed-1/node-a") ?? "");
  }
  for (const name of madeBy(line)) rmSync(join(dir, name), { force: true });
}

function madeBy(line: string): string[] {
  return [...line.matchAll(/(?:-o|>) (\S+)/g)].map((match) => match[1] as string);
}

for (const manual of manuals) {
  for (const { about, line } of examplesOf(manual)) {
    scenario(`an example of ${manual.meta.name} works: ${about}`, async (sandbox) => {
      const { ok, read } = sandbox;
      prepare(sandbox, line);
      await ok(/\b(lp|ssh)\b/.test(line) ? `${stubs} ${line}` : line);
      for (const name of madeBy(line)) expect(read(name).length).toBeGreaterThan(0);
      if (line.endsWith("-o secrets.tar")) expect(read("secrets.tar")).toEqual(plaintext);
      if (line.endsWith("| lp")) expect(read("page").length).toBeGreaterThan(0);
    });
  }
}

// What manuals promise: --help on one screen, and examples that can be typed as they stand.

import { expect } from "bun:test";
import { examplesOf, operandName } from "../../lib/cli/manual.ts";
import { readManuals } from "../../scripts/dev/manual.ts";
import { nodeA, nodeB, nodeC, plaintext, sealed, twoOfThree, vault } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

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

const scheme = `./recovery-init --dir scheme -k 2 --secrets secrets.tar \\
    --holder node-a=node-a.pub --holder node-b=node-b.pub > offline.txt &&
  cp scheme/sealed-1/node-a node-a.sealed && ./unseal --key node-a.key node-a.sealed > a.txt`;

/** In place of a printer and of another machine. */
const stubs = 'lp() { cat > page; }; ssh() { shift; "$@"; };';

/** The files that an example names, except those that it makes. */
async function furnish(room: Room, line: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) room.file(name, content);
  if (line.includes("--dir scheme") && !line.includes("recovery-init")) await room.ok(scheme);
  await room.ok(`rm -f ${madeBy(line).join(" ")}`);
}

function madeBy(line: string): string[] {
  return [...line.matchAll(/(?:-o|>) (\S+)/g)].map((match) => match[1] as string);
}

for (const manual of manuals) {
  const { name } = manual.meta;

  scenario(`${name} --help fits a screen of 24 lines and 80 columns`, async (room) => {
    const { text } = await room.ok(`./${name} --help`);
    const lines = text.split("\n").slice(0, -1);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/^[\n -~]+$/);
    expect(text).not.toMatch(/ $/m);
    expect(lines[0]).toBe(`${name}: ${manual.meta.description}`);
    for (const [long, flag] of Object.entries(manual.args)) {
      if (flag.type === "positional") expect(text).toContain(operandName(long, flag));
      else expect(text).toMatch(new RegExp(`^ *(-[a-z], )?--${long}\\b`, "m"));
      if ("alias" in flag) expect(text).toMatch(new RegExp(`^ *-${flag.alias}, --${long}\\b`, "m"));
    }
    const first = examplesOf(manual)[0]?.line.replace(/^/gm, "  ");
    expect(text.endsWith(`\n\nEXAMPLE\n${first}\n`)).toBe(true);
  });

  for (const { about, line } of examplesOf(manual)) {
    scenario(`an example of ${name} works: ${about}`, async (room) => {
      await furnish(room, line);
      await room.ok(`${stubs} ${line}`);
      for (const made of madeBy(line)) expect(room.read(made).length).toBeGreaterThan(0);
      if (line.endsWith("-o secrets.tar")) expect(room.read("secrets.tar")).toEqual(plaintext);
      if (line.endsWith("| lp")) expect(room.read("page").length).toBeGreaterThan(0);
    });
  }
}

scenario("worstday --help says what each command does", async (room) => {
  const { text } = await room.ok("./worstday --help");
  const listed = [...text.matchAll(/^ {2}([a-z-]+) {2,}(.+)$/gm)].map(([, name, what]) => [
    name,
    what,
  ]);
  const meant = manuals.slice(1).map(({ meta }) => [meta.name, meta.description]);
  expect(listed.toSorted()).toEqual(meant.toSorted());
});

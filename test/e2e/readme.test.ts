// README.md's scripts run as they are written. Those of "The fleet" are test/dev/fleet.test.ts's.

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeA, nodeB } from "./fixtures.ts";
import { root, scenario } from "./harness.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** The indented blocks of a section, in order. */
function blocks(title: string): string[] {
  const [, rest = ""] = readme.split(`\n## ${title}\n`);
  const [section = ""] = rest.split("\n## ");
  return [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replace(/^ {4}/gm, ""));
}

scenario("README's first minute runs as it is written", async (room) => {
  const [build = "", ...scripts] = blocks("One minute");
  expect(build).toStartWith("npm run build");
  expect(scripts.length).toBe(2);
  const { text } = await room.ok(`set -eu\n${scripts.join("")}`);
  expect(text).toBe("the same\n");
});

scenario("README's scheme by pipes is made and tried as it is written", async (room) => {
  const scripts = blocks("By pipes").filter((script) => !script.includes("ssh_host"));
  expect(scripts.length).toBe(4);
  await room.ok("mkdir secrets && date > secrets/date && ./keygen -o node-b.key > node-b.pub");
  const { text } = await room.ok(`set -eu\n${scripts.join("")}`);
  expect(text).toBe("the same\n");
});

scenario("README's worst day by pipes runs as it is written", async (room) => {
  const script = blocks("The worst day").find((text) => text.startsWith("cat node-a.sealed")) ?? "";
  room.file("a.pub", nodeA.publicLine);
  room.file("b.pub", nodeB.publicLine);
  room.file("node-a.key", `${nodeA.secretLine}\n`);
  room.file("plain", "what is in it");
  await room.ok(
    "./vault-close -o vault.wd plain | ./split -k 2 -n 3 | ./seal a.pub b.pub - -o shares",
  );
  await room.ok("sed -n 1p shares > node-a.sealed; sed -n 3p shares > offline.txt");
  await room.ok(`set -eu\n${script}\ncmp plain secrets.tar`);
});

// README.md's scripts run as they are written. Those of "The fleet" are test/dev/fleet.test.ts's.

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, scenario } from "./harness.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** The indented blocks of a section, in order. */
function blocks(title: string): string[] {
  const [, rest = ""] = readme.split(`\n## ${title}\n`);
  const [section = ""] = rest.split("\n## ");
  return [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replace(/^ {4}/gm, ""));
}

scenario("README's first minute runs as it is written", async ({ ok }) => {
  const [build = "", ...scripts] = blocks("One minute");
  expect(build).toStartWith("npm run build");
  expect(scripts.length).toBe(2);
  const { text } = await ok(`set -eu\n${scripts.join("")}`);
  expect(text).toBe("the same\n");
});

scenario("README's scheme by pipes is made and tried as it is written", async ({ ok }) => {
  const scripts = blocks("By pipes").filter((script) => !script.includes("ssh_host"));
  expect(scripts.length).toBe(4);
  await ok("mkdir secrets && date > secrets/date && ./keygen -o node-b.key > node-b.pub");
  const { text } = await ok(`set -eu\n${scripts.join("")}`);
  expect(text).toBe("the same\n");
});

scenario("README's worst day by pipes runs as it is written", async ({ ok, file }) => {
  const script = blocks("The worst day").find((text) => text.startsWith("cat node-a.sealed")) ?? "";
  file("plain", "what is in it");
  await ok("cp a.key node-a.key");
  await ok("./vault-close -o vault.wd plain | ./split -k 2 -n 3 | ./seal a.pub b.pub - -o lines");
  await ok("sed -n 1p lines > node-a.sealed; sed -n 3p lines > offline.txt");
  await ok(`set -eu\n${script}\ncmp plain secrets.tar`);
});

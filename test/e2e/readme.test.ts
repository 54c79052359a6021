// README.md's and OPERATIONS.md's scripts run as they are written. Those of RUNBOOK.md are
// test/dev/fleet.test.ts's.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/dev/project.ts";
import { scenario } from "./harness.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** The indented blocks of a section, in order. */
function blocks(title: string, text = readme): string[] {
  const [, rest = ""] = text.split(`\n## ${title}\n`);
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
  const scripts = blocks("By pipes");
  expect(scripts.length).toBe(3);
  await ok("mkdir secrets && date > secrets/date");
  for (const node of ["node-a", "node-b"]) await ok(`./keygen -o ${node}.key > ${node}.pub`);
  const { text } = await ok(`set -eu\n${scripts.join("")}`);
  expect(text).toBe("the same\n");
});

scenario("README's worst day by pipes runs as it is written", async ({ ok, file }) => {
  const script = blocks("The worst day").find((text) => text.startsWith("cat node-a.sealed")) ?? "";
  await ok("cp a.key node-a.key");
  file("plain", "what is in it");
  await ok("./vault-close -o vault.wd plain | ./split -k 2 -n 3 | ./seal a.pub b.pub - -o lines");
  await ok("sed -n 1p lines > node-a.sealed; sed -n 3p lines > offline.txt");
  await ok(`set -eu\n${script}\ncmp plain secrets.tar`);
});

scenario("OPERATIONS.md's scripts run as they are written", async ({ ok }) => {
  const text = readFileSync(join(root, "OPERATIONS.md"), "utf8");
  const scripts = (title: string) => blocks(title, text).join("");
  await ok(`set -eu; export PATH="$PWD:$PATH" LC_ALL=C; umask 077
    echo "the secrets" > secrets; echo "{}" > init.json; ln -s ${root}/recover.py .
    age-keygen -o age.key 2> told; age -r "$(age-keygen -y age.key)" -o secrets.age secrets
    tail -n 1 age.key | tr -d '\n' | ssss-split -t 2 -n 3 -q 2>> told | sed -n '1p;3p' > ssss.txt
    for node in node-a node-b node-c; do worstday keygen -o $node.key > $node.pub; done
    worstday vault-close -o vault.wd secrets | worstday split -k 2 -n 3 |
      worstday seal node-a.pub node-b.pub - -o shares.txt
    sed -n 1p shares.txt > node-a.sealed; sed -n 3p shares.txt > share.txt
    worstday recovery-init --dir scheme -k 2 --holder node-a=node-a.pub --holder node-b=node-b.pub \\
      --secrets secrets -o offline.txt
    recovered() {
      worstday unseal --key "$1" "$2" | cat - "$3" |
        worstday recovery-reconstruct --dir "\${2%%/*}" | cmp - "$4"
    }
    ${scripts("Back up the folder")}
    ${scripts("A node is reinstalled, renamed or retired")}
    recovered node-c.key scheme/sealed-3/node-c offline-3.txt secrets
    recovered node-b.key scheme/sealed-3/web-1 offline-3.txt secrets
    ${scripts("Move into a scheme")}
    recovered node-b.key new/sealed-1/node-b new-offline.txt secrets
    recovered node-b.key from-age/sealed-1/node-b age-offline.txt secrets
    recovered node-b.key unseal-keys/sealed-1/node-b keys-offline.txt init.json
    worstday unseal --key node-a.key node-a.sealed > a.txt; mv share.txt offline.txt
    { ${scripts("Windows and macOS")} } 2>> told
    cmp secrets secrets.tar`);
});

test("README.md is short, and RUNBOOK.md prints on the two sides of a sheet", () => {
  expect(readme.split("\n").length).toBeLessThanOrEqual(181);
  const runbook = readFileSync(join(root, "RUNBOOK.md"), "utf8");
  const sides = runbook.split(/^(?=# )/m);
  expect(sides.length).toBe(2);
  for (const side of sides) {
    expect(side.split("\n").length).toBeLessThanOrEqual(91); // an empty one at the end
    expect(side).not.toMatch(/^.{81}/m);
  }
});

/** What the shell or the system says, and what is put together from counts. */
const saidElsewhere = /^(\d symbols?|Exec format|syntax error|Permission|no space)/;

test("TROUBLESHOOTING.md explains messages that exist", () => {
  const sources = ["lib/**/*.ts", "scripts/*.ts", "scripts/dev/static/*.c"].flatMap((pattern) =>
    [...new Bun.Glob(pattern).scanSync(root)].map((file) => readFileSync(join(root, file), "utf8")),
  );
  const said = sources.join("\n").replace(/\$\{schemeFile\}/g, "scheme.json");
  const text = readFileSync(join(root, "TROUBLESHOOTING.md"), "utf8");
  const cells = [...text.matchAll(/^\| ([^|]*`[^|]*) \|[^|]*\|[^|]*\|$/gm)];
  expect(cells.length).toBeGreaterThan(50);
  const unknown: string[] = [];
  for (const [, cell = ""] of cells) {
    for (const [, message = ""] of cell.matchAll(/`([^`]+)`/g)) {
      if (saidElsewhere.test(message)) continue;
      const parts = message.split(/[…:;,]|\b\d+\b|\bwd\w+1\b/).map((part) => part.trim());
      unknown.push(...parts.filter((part) => part.length > 8 && !said.includes(part)));
    }
  }
  expect(unknown).toEqual([]);
});

test("SECURITY.md names tests that exist", () => {
  const security = readFileSync(join(root, "SECURITY.md"), "utf8");
  const [, table = ""] = /^## What holds each promise\n(.*?)^## /ms.exec(security) ?? [];
  const held = [...table.matchAll(/^\| [^|]+ \| ([^|]+) \| [^|]+ \|$/gm)].map(([, cell]) => cell);
  const names = held.join().match(/(?<=`)[\w*-]+(?=`)/g) ?? [];
  expect(names.length).toBeGreaterThan(35);
  for (const name of names) {
    const found = [...new Bun.Glob(`test/**/${name}.test.ts`).scanSync(root)];
    expect(found, name).not.toEqual([]);
  }
});

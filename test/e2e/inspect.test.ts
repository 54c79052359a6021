// inspect: what a line or a file is, public facts only, as text and as JSON. What it says in full is
// test/show/inspect.test.ts's.

import { expect } from "bun:test";
import { concat, hex } from "../oracle/bytes.ts";
import { recipientId } from "../oracle/sealed.ts";
import { mistype } from "../oracle/text.ts";
import { keyId } from "../oracle/vault.ts";
import { findLeak } from "./evidence.ts";
import {
  master,
  nodeA,
  nodeB,
  pick,
  sealed,
  sshA,
  threeOfFive,
  twoOfThree,
  vault,
} from "./fixtures.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";

const [one = ""] = threeOfFive.lines;

function prepare({ file }: Sandbox): void {
  file("wide", pick(threeOfFive.lines, 4));
  file("wide.sealed", `${sealed(one, nodeA)}\n`);
  file("ssh.pub", `${sshA.publicLine}\n`);
  file("ssh.key", sshA.privateFile);
}

/** Every string, number and boolean in a JSON value, as text. */
function leaves(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(leaves);
  return [String(value)];
}

const kinds: Record<string, { file: string; text: RegExp; facts: string[] }> = {
  "a share": {
    ...{ file: "wide", text: new RegExp(`share[^]*${threeOfFive.id}`) },
    facts: [threeOfFive.id, "3", "5", "4"],
  },
  "a sealed share": {
    ...{ file: "wide.sealed", text: /sealed/ },
    facts: [threeOfFive.id, "3", "5", "1", hex(recipientId(nodeA.public))],
  },
  "a public key": { file: "a.pub", text: /public/, facts: [nodeA.publicLine] },
  "a private key": { file: "a.key", text: /private/, facts: [nodeA.publicLine] },
  "an SSH public key": { file: "ssh.pub", text: /SSH public/, facts: [sshA.node.publicLine] },
  "an SSH private key": { file: "ssh.key", text: /SSH private/, facts: [sshA.node.publicLine] },
  "a vault": { file: "vault", text: /vault/, facts: [hex(keyId(master))] },
};
scenarios(
  kinds,
  (what) => `inspect tells the public facts of ${what}, and nothing secret`,
  async (sandbox, { file, text, facts }) => {
    prepare(sandbox);
    const secrets = [
      ...[...threeOfFive.lines, ...twoOfThree.lines, nodeA.secretLine, nodeA.secret, master],
      ...[threeOfFive.shares[3]?.y ?? master, threeOfFive.shares[0]?.y ?? master],
    ];
    for (const line of [`./inspect ${file}`, `./inspect < ${file}`]) {
      const said = await sandbox.ok(line);
      expect(said.text).toMatch(text);
      for (const fact of facts) expect(said.text).toContain(fact);
      expect(said.text).toMatch(/^[\n -~]*\n$/);
      const json = await sandbox.ok(line.replace("inspect", "inspect --json"));
      const found = leaves(JSON.parse(json.text));
      for (const fact of facts) expect(found, json.text).toContain(fact);
      expect(findLeak(said.text + json.text, secrets)).toBeUndefined();
    }
  },
);

scenario(
  "inspect lines up many kinds of many files, and says of each set whether it is complete",
  async (sandbox) => {
    prepare(sandbox);
    sandbox.file("long-name", pick(threeOfFive.lines, 1));
    const line = "./inspect share offline long-name wide.sealed vault a.pub";
    const { text } = await sandbox.ok(line);
    const lines = text.trimEnd().split("\n");
    expect(new Set(lines.slice(0, 4).map((line) => line.indexOf("set "))).size).toBe(1);
    expect(lines.at(-2)).toMatch(new RegExp(`^set ${twoOfThree.id} .*complete +shares 1, 3 of 3$`));
    expect(lines.at(-1)).toMatch(/incomplete +shares 1 of 5, sealed 1, 2 more needed$/);
    const found = leaves(JSON.parse((await sandbox.ok(`${line} --json`)).text));
    expect(found).toContain(hex(keyId(master)));
    expect(found.filter((leaf) => leaf === twoOfThree.id).length).toBeGreaterThanOrEqual(2);
  },
  { smoke: true },
);

scenario(
  "inspect of a file that has a bad line says nothing on stdout",
  async ({ file, fails }) => {
    file("bad", `${one}\n${mistype(one, 33)}\n`);
    file("words", "hello world\n");
    file("cut", vault.slice(0, 79));
    file("headless", vault.slice(0, 95));
    await fails("./inspect --json bad", 3, /bad.*\b2\b/);
    await fails("./inspect share bad", 3, /bad.*\b2\b/);
    await fails("./inspect words", 3, /words/);
    await fails("./inspect cut", 3, /cut/);
    await fails("./inspect --json headless", 5, /headless/);
  },
);

scenario("inspect escapes control characters in the names that it prints", async ({ file, ok }) => {
  file("x\u001b[31mred\nforged: line 1: vault", pick(twoOfThree.lines, 1));
  const { text } = await ok("./inspect x*");
  expect(text).toMatch(/^[\n -~]*\n$/);
  expect(text).not.toMatch(/^forged/m);
  file('a "b" \\ c', pick(twoOfThree.lines, 1));
  expect(leaves(JSON.parse((await ok("./inspect --json a*c")).text))).toContain(twoOfThree.id);
});

scenario("inspect of a vault does not need its key, nor its end", async ({ file, ok }) => {
  file("v", concat(vault, new Uint8Array(10)));
  expect((await ok("./inspect v")).text).toContain(hex(keyId(master)));
  expect((await ok("cat v | ./inspect")).text).toContain(hex(keyId(master)));
});

scenario("inspect --recipients names whom a share is sealed to", async ({ ok, fails }) => {
  const id = hex(recipientId(nodeA.public));
  for (const file of ["a.pub", "a.key"]) {
    const flags = `--recipients b.pub --recipients ${file}`;
    expect((await ok(`./inspect ${flags} sealed`)).text).toContain(`${id}, ${file}`);
    const json = JSON.parse((await ok(`./inspect --json ${flags} sealed`)).text);
    expect(json).toMatchObject({ items: [{ recipient: id, recipientName: file }] });
  }
  expect((await ok("./inspect --recipients b.pub sealed")).text).not.toContain("b.pub");
  await fails("./inspect --recipients none sealed", 1, /none/);
});

scenario(
  "inspect tells of a scheme and its holders, and names recipients by it",
  async (sandbox) => {
    const { ok, file, text, fails } = sandbox;
    const holders = "--holder node-a=a.pub --holder node-b=b.pub";
    await ok(`umask 077; ./recovery-init --dir s -k 2 ${holders} < in.plain > paper`);
    const said = (await ok("./inspect s/scheme.json s/sealed-1/* --recipients s/scheme.json")).text;
    expect(said).toMatch(
      /scheme +set [0-9a-f]{16}, generation 1, created 20\S+Z, any 2 of 3 recover/,
    );
    expect(said).toContain(`share 2, ${hex(recipientId(nodeB.public))}, X25519, wdpub1`);
    expect(said).toMatch(/holder +offline-1: share 3, offline\n/);
    expect(said).toMatch(
      /sealed-1\/node-a: line 1 +sealed share .* sealed to [0-9a-f]{16}, node-a, X25519\n/,
    );
    const json = JSON.parse((await ok("./inspect --json < s/scheme.json")).text);
    const items = [{ kind: "scheme", k: 2, n: 3 }, {}, {}, { name: "offline-1" }];
    expect(json).toMatchObject({ items });
    file("s/scheme.json", `${text("s/scheme.json")} `);
    await fails("./inspect s/scheme.json", 3, /scheme\.json/);
  },
);

scenario("inspect of many files needs few descriptors", async ({ ok }) => {
  await ok("i=0; while test $i -lt 100; do cp vault v$i; i=$((i + 1)); done");
  const { text } = await ok("ulimit -n 64; ./inspect v[0-9]*");
  expect(text.match(/^v/gm)?.length).toBeGreaterThan(99);
});

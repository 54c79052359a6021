// inspect: what a line or a file is, public facts only, as text and as JSON.

import { expect } from "bun:test";
import { concat, hex, sample } from "../oracle/bytes.ts";
import { recipientId } from "../oracle/sealed.ts";
import { makeSet } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { keyId } from "../oracle/vault.ts";
import { findLeak } from "./evidence.ts";
import {
  later,
  master,
  nodeA,
  nodeB,
  pick,
  putFiles,
  sealed,
  sshA,
  threeOfFive,
  twoOfThree,
  vault,
} from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

const [one = ""] = threeOfFive.lines;
const toA = sealed(one, nodeA);

function furnish(room: Room): void {
  room.file("share", pick(threeOfFive.lines, 4));
  room.file("shares", pick(twoOfThree.lines, 1, 3));
  room.file("sealed", `${toA}\n`);
  room.file("a.pub", `# node-a\n${nodeA.publicLine}\n`);
  room.file("a.key", `# node-a\n${nodeA.secretLine}\n`);
  room.file("vault", vault);
  room.file("ssh.pub", `${sshA.publicLine}\n`);
  room.file("ssh.key", sshA.privateFile);
}

/** Every string, number and boolean in a JSON value, as text. */
function leaves(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(leaves);
  return [String(value)];
}

/** JSON as one document, or as one document a line. */
function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  }
}

const kinds: Record<string, { file: string; text: RegExp; facts: string[] }> = {
  "a share": {
    file: "share",
    text: new RegExp(`share[^]*${threeOfFive.id}`),
    facts: [threeOfFive.id, "3", "5", "4"],
  },
  "a sealed share": {
    file: "sealed",
    text: /sealed/,
    facts: [threeOfFive.id, "3", "5", "1", hex(recipientId(nodeA.public))],
  },
  "a public key": { file: "a.pub", text: /public/, facts: [nodeA.publicLine] },
  "a private key": { file: "a.key", text: /private/, facts: [nodeA.publicLine] },
  "an SSH public key": { file: "ssh.pub", text: /SSH public/, facts: [sshA.node.publicLine] },
  "an SSH private key": { file: "ssh.key", text: /SSH private/, facts: [sshA.node.publicLine] },
  "a vault": { file: "vault", text: /vault/, facts: [hex(keyId(master))] },
};
for (const [what, { file, text, facts }] of Object.entries(kinds)) {
  scenario(`inspect tells the public facts of ${what}`, async (room) => {
    furnish(room);
    for (const line of [`./inspect ${file}`, `./inspect < ${file}`]) {
      const said = await room.ok(line);
      expect(said.text).toMatch(text);
      for (const fact of facts) expect(said.text).toContain(fact);
      expect(said.text).toMatch(/^[\n -~]*\n$/);
    }
  });

  scenario(`inspect --json tells the public facts of ${what}`, async (room) => {
    furnish(room);
    for (const line of [`./inspect --json ${file}`, `./inspect --json < ${file}`]) {
      const said = await room.ok(line);
      const found = leaves(parsed(said.text));
      for (const fact of facts) expect(found, said.text).toContain(fact);
    }
  });

  scenario(`inspect tells nothing secret of ${what}`, async (room) => {
    furnish(room);
    const secrets = [
      threeOfFive.lines[3] ?? "",
      ...twoOfThree.lines,
      nodeA.secretLine,
      nodeA.secret,
      threeOfFive.shares[3]?.y ?? master,
      threeOfFive.shares[0]?.y ?? master,
      master,
    ];
    for (const flags of ["", "--json"]) {
      const { text: said, stderr } = await room.ok(`./inspect ${flags} ${file}`);
      expect(findLeak(said + stderr, secrets)).toBeUndefined();
    }
  });
}

scenario("inspect tells the length of a share's secret", async (room) => {
  room.file("share", pick(makeSet("long", 2, 3, sample("long", 77)).lines, 1));
  expect((await room.ok("./inspect share")).text).toMatch(/\b77\b/);
  expect(leaves(parsed((await room.ok("./inspect --json share")).text))).toContain("77");
});

scenario("inspect reads many lines of many kinds from many files", async (room) => {
  furnish(room);
  const { text } = await room.ok("./inspect shares sealed vault a.pub share");
  for (const fact of [twoOfThree.id, threeOfFive.id, nodeA.publicLine, hex(keyId(master))]) {
    expect(text).toContain(fact);
  }
  const json = await room.ok("./inspect --json shares sealed vault a.pub share");
  const found = leaves(parsed(json.text));
  expect(found.filter((leaf) => leaf === twoOfThree.id).length).toBeGreaterThanOrEqual(2);
  expect(found).toContain(hex(keyId(master)));
});

scenario("inspect tells sealed shares apart by their recipients", async (room) => {
  room.file("lines", `${toA}\n${sealed(one, nodeB)}\n`);
  const { text } = await room.ok("./inspect < lines");
  expect(text).toContain(hex(recipientId(nodeA.public)));
  expect(text).toContain(hex(recipientId(nodeB.public)));
});

scenario(
  "inspect --json of nothing but good lines is JSON even for names that need escapes",
  async (room) => {
    room.file('a "b" \\ c', pick(later.lines, 1));
    const { text } = await room.ok("./inspect --json a*c");
    expect(leaves(parsed(text))).toContain(later.id);
  },
);

scenario("inspect of a file that has a bad line says nothing on stdout", async (room) => {
  furnish(room);
  room.file("bad", `${one}\n${mistype(one, 33)}\n`);
  await room.fails("./inspect bad", 3, /bad.*\b2\b/);
  await room.fails("./inspect --json bad", 3, /bad.*\b2\b/);
  await room.fails("./inspect share bad", 3, /bad.*\b2\b/);
  room.file("words", "hello world\n");
  await room.fails("./inspect words", 3, /words/);
});

scenario("inspect of a vault whose header is cut is malformed", async (room) => {
  room.file("cut", vault.slice(0, 79));
  await room.fails("./inspect cut", 3, /cut/);
  room.file("next", concat(new TextEncoder().encode("worstday vault 2"), vault.slice(16)));
  await room.fails("./inspect next", 3, /hint: /);
});

scenario("inspect of a vault that has its header is never malformed", async (room) => {
  for (const size of [80, 81, 95]) {
    room.file("cut", vault.slice(0, size));
    await room.fails("./inspect cut", 5, /cut/);
    await room.fails("./inspect --json cut", 5, /cut/);
  }
});

scenario("inspect escapes control characters in the names that it prints", async (room) => {
  const name = "x\u001b[31mred\nforged: line 1: vault";
  room.file(name, pick(twoOfThree.lines, 1));
  const { text } = await room.ok("./inspect x*");
  expect(text).toMatch(/^[\n -~]*\n$/);
  expect(text).not.toMatch(/^forged/m);
});

scenario("inspect of a vault does not need its key, nor its end", async (room) => {
  room.file("v", concat(vault, new Uint8Array(10)));
  expect((await room.ok("./inspect v")).text).toContain(hex(keyId(master)));
  expect((await room.ok("cat v | ./inspect")).text).toContain(hex(keyId(master)));
});

scenario("inspect reads the key file that keygen wrote", async (room) => {
  await room.ok("./keygen -o a > a.pub");
  const publicLine = new TextDecoder().decode(room.read("a.pub")).trim();
  const { text } = await room.ok("./inspect a");
  expect(text).toContain(publicLine);
  const secretLine = new TextDecoder().decode(room.read("a")).match(/wdkey1\S+/)?.[0] ?? "";
  expect(findLeak(text, [secretLine])).toBeUndefined();
});

scenario(
  "inspect lines its columns up, and says of each set whether it is complete",
  async (room) => {
    furnish(room);
    room.file("long-name", pick(threeOfFive.lines, 1));
    const { text } = await room.ok("./inspect shares long-name sealed");
    const lines = text.trimEnd().split("\n");
    expect(new Set(lines.slice(0, 4).map((line) => line.indexOf("set "))).size).toBe(1);
    expect(lines.at(-2)).toMatch(new RegExp(`^set ${twoOfThree.id} .*complete +shares 1, 3 of 3$`));
    expect(lines.at(-1)).toMatch(/incomplete +shares 1 of 5, sealed 1, 2 more needed$/);
  },
);

scenario("inspect --recipients names whom a share is sealed to", async (room) => {
  furnish(room);
  room.file("b.pub", `${nodeB.publicLine}\n`);
  const id = hex(recipientId(nodeA.public));
  for (const file of ["a.pub", "a.key"]) {
    const flags = `--recipients b.pub --recipients ${file}`;
    expect((await room.ok(`./inspect ${flags} sealed`)).text).toContain(`${id}, ${file}`);
    const [json] = parsed((await room.ok(`./inspect --json ${flags} sealed`)).text);
    expect(json).toMatchObject({ items: [{ recipient: id, recipientName: file }] });
  }
  expect((await room.ok("./inspect --recipients b.pub sealed")).text).not.toContain("b.pub");
  await room.fails("./inspect --recipients none sealed", 1, /none/);
});

scenario("inspect tells of a scheme and its holders, and names recipients by it", async (room) => {
  furnish(room);
  room.file("in.secret", sample("in", 40));
  room.file("b.pub", `${nodeB.publicLine}\n`);
  const holders = "--holder node-a=a.pub --holder node-b=b.pub";
  await room.ok(`umask 077; ./recovery-init --dir s -k 2 ${holders} < in.secret > offline`);
  const { text } = await room.ok("./inspect s/scheme.json s/sealed-1/* --recipients s/scheme.json");
  expect(text).toMatch(/scheme +set [0-9a-f]{16}, generation 1, of 20\S+Z, any 2 of 3 recover/);
  expect(text).toMatch(/holder +node-b: share 2, [0-9a-f]{16}, wdpub1/);
  expect(text).toMatch(/holder +offline-1: share 3, offline\n/);
  expect(text).toMatch(
    /sealed-1\/node-a: line 1 +sealed share .* sealed to [0-9a-f]{16}, node-a\n/,
  );
  const [json] = parsed((await room.ok("./inspect --json < s/scheme.json")).text);
  expect(json).toMatchObject({
    items: [{ kind: "scheme", k: 2, n: 3 }, {}, {}, { name: "offline-1" }],
  });
  room.file("s/scheme.json", `${new TextDecoder().decode(room.read("s/scheme.json"))} `);
  await room.fails("./inspect s/scheme.json", 3, /scheme\.json/);
});

scenario("many files need few descriptors", async (room) => {
  putFiles(room);
  await room.ok("i=0; while test $i -lt 100; do cp vault v$i; i=$((i + 1)); done");
  const { text } = await room.ok("ulimit -n 64; ./inspect v[0-9]*");
  expect(text.match(/^v/gm)?.length).toBeGreaterThan(99);
});

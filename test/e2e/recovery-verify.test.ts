// recovery-verify: what it sees without a secret, with one node's key, and in a drill.

import { expect } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nth, utf8 } from "../oracle/bytes.ts";
import { makeScheme, schemeText, sha256, tagOfScheme } from "../oracle/scheme.ts";
import { makeKey, parseSealed, seal, sealedLine } from "../oracle/sealed.ts";
import { bend, makeSet, parseShare, shareLine } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { judge, keys, lay, plaintext, put, twoNodes, twoOfThree } from "./ceremony.ts";
import { type Room, scenario } from "./harness.ts";
import { attacker, changes, malformed, tamper } from "./tampering.ts";

const verify = "./recovery-verify --dir D";
const drill = `${verify} --drill`;
const bytesOf = (room: Room, name: string) => new Uint8Array(readFileSync(join(room.dir, name)));
const textOf = (room: Room, name: string) => readFileSync(join(room.dir, name), "utf8");
const drilled = (room: Room) => room.has("D/drilled-1");

scenario("a whole scheme is consistent, and nobody says authenticated", async (room) => {
  const { scheme } = twoOfThree(room);
  const { text, stderr } = await judge(room, verify, 0);
  expect(text + stderr).toMatch(/consistent, not authenticated/);
  expect((text + stderr).match(/authenticated/g)?.length).toBe(1);
  for (const fact of [scheme.set, scheme.created, "node-a", "node-b", "offline-1"]) {
    expect(text + stderr).toContain(fact);
  }
  expect(text + stderr).toMatch(/generation 1\b/);
  expect(text).toMatch(/^.*vault.*$/m);
  for (const name of ["node-a", "node-b"]) expect(text).toMatch(new RegExp(`^.*${name}.*$`, "m"));
});

scenario("stdin is never touched without --drill", async (room) => {
  twoOfThree(room);
  const { text } = await room.ok(`printf 'left alone' | ( ${verify} > said; cat )`);
  expect(text).toBe("left alone");
  await judge(room, `${verify} <&-`, 0);
  await judge(room, `${verify} < D`, 0);
  await judge(
    room,
    `mkfifo never; ( exec 3<> never; ${verify} <&3 ); code=$?; rm never; exit $code`,
    0,
  );
});

scenario(
  "--json is one object with set, generation and every holder, good or bad",
  async (room) => {
    const { scheme } = twoOfThree(room);
    const good = await judge(room, `${verify} --json`, 0);
    const facts = JSON.parse(good.text) as Record<string, unknown>;
    expect(facts).toMatchObject({ set: scheme.set, generation: 1 });
    for (const { name } of scheme.holders) expect(good.text).toContain(`"${name}"`);
    put(room, "D/sealed-1/node-b", "garbage\n");
    const bad = await judge(room, `${verify} --json`, 5);
    expect(JSON.parse(bad.text)).not.toEqual(facts);
    await room.ok("rm D/sealed-1/node-b");
    JSON.parse((await judge(room, `${verify} --json`, 1)).text);
  },
);

const missing: Record<string, string> = {
  "scheme.json": "rm D/scheme.json",
  "the vault": "rm D/vault-1.wd",
  "a sealed file": "rm D/sealed-1/node-a",
  "the directory of sealed files": "rm -r D/sealed-1",
  "the directory": "rm -r D",
};
for (const [what, script] of Object.entries(missing)) {
  scenario(`${what} missing is exit 1`, async (room) => {
    twoOfThree(room);
    await room.ok(script);
    const { text, stderr } = await judge(room, verify, 1);
    if (what === "a sealed file") {
      expect(text).toMatch(/node-a.*missing|missing.*node-a/);
      expect(text).not.toMatch(/node-b.*missing|missing.*node-b/);
    }
    expect(stderr).toMatch(/recovery-verify: error: /);
  });
}

scenario("every fault is told, not only the first", async (room) => {
  twoOfThree(room, { nodes: keys });
  await room.ok("rm D/sealed-1/node-a");
  put(room, "D/sealed-1/node-c", "garbage\n");
  const { code, text } = await room.run(verify);
  expect([1, 5]).toContain(code);
  const line = (name: string) =>
    text
      .split("\n")
      .filter((said) => said.includes(name))
      .join("\n");
  expect(line("node-a")).not.toBe(line("node-b").replaceAll("node-b", "node-a"));
  expect(line("node-c")).not.toBe(line("node-b").replaceAll("node-b", "node-c"));
  expect(line("node-d")).toBe(line("node-b").replaceAll("node-b", "node-d").replace("2", "4"));
});

scenario("a vault with any part of it changed, cut or added to is bad", async (room) => {
  twoOfThree(room);
  const vault = bytesOf(room, "D/vault-1.wd");
  for (const at of [0, 15, 16, 47, 48, 79, 80, vault.length - 1]) {
    const damaged = vault.with(at, nth([...vault], at) ^ 1);
    writeFileSync(join(room.dir, "D/vault-1.wd"), damaged);
    const { text } = await judge(room, verify, 5);
    expect(text).toMatch(/vault/);
  }
  for (const other of [vault.slice(0, -1), vault.slice(0, 80), vault.slice(0, 79), utf8("")]) {
    writeFileSync(join(room.dir, "D/vault-1.wd"), other);
    await judge(room, verify, 5);
  }
  writeFileSync(join(room.dir, "D/vault-1.wd"), new Uint8Array([...vault, 0]));
  await judge(room, verify, 5);
});

scenario("a vault of another scheme, or of another generation, is bad", async (room) => {
  twoOfThree(room);
  const other = makeScheme({ nodes: twoNodes, seed: "other", plaintext });
  put(room, "D/vault-1.wd", nth([...other.files.values()], 0));
  await judge(room, verify, 5);
});

scenario("a sealed file that is anything but its holder's line is bad", async (room) => {
  const made = twoOfThree(room);
  const own = textOf(room, "D/sealed-1/node-a").trim();
  const other = makeScheme({ nodes: twoNodes, seed: "other" });
  const line = nth(made.lines, 0);
  const wrong: Record<string, string> = {
    nothing: "",
    "a newline": "\n",
    garbage: "garbage\n",
    "a symbol mistyped": `${mistype(own, 30)}\n`,
    cut: `${own.slice(0, -1)}\n`,
    twice: `${own}\n${own}\n`,
    "the other node's": textOf(room, "D/sealed-1/node-b"),
    "another scheme's": Buffer.from(other.files.get("sealed-1/node-a") ?? []).toString(),
    "to another key": `${sealedLine(seal(line, attacker.public))}\n`,
    "another share, to this key": `${sealedLine(seal(nth(made.lines, 1), makeKey("node-a").public))}\n`,
    "the share itself, open to all": `${line}\n`,
    "a public key": `${keys["node-a"]?.publicLine}\n`,
  };
  for (const [what, text] of Object.entries(wrong)) {
    put(room, "D/sealed-1/node-a", text);
    const { text: said } = await judge(room, verify, 5);
    expect(said, what).toMatch(/node-a/);
  }
});

scenario("sealed files exchanged between two holders are two bad ones", async (room) => {
  twoOfThree(room);
  await room.ok("cd D/sealed-1; mv node-a x; mv node-b node-a; mv x node-b");
  await judge(room, verify, 5);
});

scenario("a directory in place of a file is a failure", async (room) => {
  for (const name of ["scheme.json", "vault-1.wd", "sealed-1/node-a"]) {
    twoOfThree(room);
    await room.ok(`rm D/${name}; mkdir D/${name}`);
    const { code, stderr } = await room.run(verify);
    expect([1, 5], stderr).toContain(code);
    await room.ok("rm -r D");
  }
});

for (const change of changes) {
  const seen = change.shows ? "is seen" : "is seen in a drill only";
  scenario(`scheme.json with ${change.what} changed ${seen}`, async (room) => {
    twoOfThree(room);
    tamper(room, change);
    const { code, text, stderr } = await room.run(verify);
    expect(change.shows ? [1, 3, 5] : [0], text + stderr).toContain(code);
    const { code: inDrill, stderr: said } = await room.run(`${drill} < shares`);
    expect([1, 3, 5], said).toContain(inDrill);
    expect(drilled(room)).toBe(false);
  });
}

scenario("a changed tag is seen in a drill", async (room) => {
  const { scheme } = twoOfThree(room);
  put(room, "D/scheme.json", schemeText(scheme, "0".repeat(64)));
  await judge(room, verify, 0);
  await judge(room, `${drill} < shares`, 5);
});

for (const [what, change] of Object.entries(malformed)) {
  scenario(`scheme.json with ${what} is malformed`, async (room) => {
    twoOfThree(room);
    const old = textOf(room, "D/scheme.json");
    const text = change(old);
    expect(text).not.toBe(old);
    const bytes = Buffer.from(
      text.replace("\udc80", "\x80"),
      what.includes("UTF-8") ? "latin1" : "utf8",
    );
    put(room, "D/scheme.json", bytes);
    await judge(room, verify, 3);
    await judge(room, `${drill} < shares`, 3);
    await judge(room, `${verify} --key node-a.key`, 3);
  });
}

scenario("an unknown version gets a hint", async (room) => {
  twoOfThree(room);
  await room.ok('sed -i \'s/"version":1/"version":2/\' D/scheme.json');
  const { stderr } = await judge(room, verify, 3);
  expect(stderr).toMatch(/unknown version.*\n.*hint: /);
});

scenario("a node sees to its own share alone, and needs no other file", async (room) => {
  twoOfThree(room);
  await room.ok("rm D/vault-1.wd D/sealed-1/node-b");
  const { text } = await judge(room, `${verify} --key node-a.key`, 0);
  expect(text).toMatch(/node-a/);
  const other = await judge(room, `${verify} --key node-b.key`, 1);
  expect(other.text + other.stderr).toMatch(/node-b/);
});

scenario("a node's key finds what no one else can see", async (room) => {
  const made = twoOfThree(room);
  const keyA = makeKey("node-a");
  const lines = made.lines.map((line) => parseShare(line));
  const put1 = (line: string, header = line) => {
    const { header: clear } = seal(header, keyA.public);
    put(
      room,
      "D/sealed-1/node-a",
      `${sealedLine({ ...seal(line, keyA.public), header: clear })}\n`,
    );
  };
  const box = parseSealed(textOf(room, "D/sealed-1/node-a"));
  const flipped = sealedLine({ ...box, box: box.box.with(60, nth([...box.box], 60) ^ 1) });
  put(room, "D/sealed-1/node-a", `${flipped}\n`);
  await judge(room, verify, 0);
  await judge(room, `${verify} --key node-a.key`, 5);
  put1(shareLine(bend(nth(lines, 0))));
  await judge(room, verify, 0);
  const bent = await judge(room, `${verify} --key node-a.key`, 5);
  expect(bent.text + bent.stderr).toMatch(/node-a/);
  put1(nth(made.lines, 1), nth(made.lines, 0));
  await judge(room, `${verify} --key node-a.key`, 5);
  put1(nth(made.lines, 0));
  await judge(room, `${verify} --key node-a.key`, 0);
});

scenario("a key of no holder is a mismatch, and one that is none malformed", async (room) => {
  twoOfThree(room);
  await judge(room, `${verify} --key node-c.key`, 5);
  await judge(room, `${verify} --key node-a.pub`, 3);
  await judge(room, `${verify} --key in.plain`, 3);
  await judge(room, `${verify} --key nowhere`, 1);
});

for (const [what, nodes, shares] of [
  ["two nodes' shares", ["node-a", "node-b"], ""],
  ["one node's and the offline share", ["node-b"], "offline"],
  ["all shares", ["node-a", "node-b"], "offline"],
] as const) {
  scenario(`a drill with ${what} passes, reveals nothing and is noted`, async (room) => {
    const { scheme, master } = twoOfThree(room);
    const sealed = nodes.map((name) => `--key ${name}.key D/sealed-1/${name}`).join(" ");
    room.file("a.secret", plaintext);
    room.file("b.secret", master);
    const { text, stderr } = await room.ok(`./unseal ${sealed} ${shares} | ${drill}`);
    expect(text + stderr).not.toMatch(/not authenticated|wdshare1|keys of the fleet/);
    expect(text + stderr).toContain(scheme.set);
    expect(textOf(room, "D/drilled-1")).toMatch(/^[^\n]+\n$/);
    expect(statSync(join(room.dir, "D/drilled-1")).mode & 0o7777).toBe(0o600);
    await room.ok(`${drill} share-1 share-3`);
    await room.ok(`cat share-3 | ${drill} share-1 -`);
  });
}

scenario("a drill that fails is not noted, and says what is wrong", async (room) => {
  const made = twoOfThree(room);
  const [one, two, three] = made.lines.map((line) => parseShare(line));
  if (one === undefined || two === undefined || three === undefined) throw new Error("no shares");
  const stale = makeScheme({ nodes: twoNodes, seed: "stale" });
  const forged = makeSet("scheme", 2, 3, makeKey("forged").secret);
  const inputs: Record<string, [string[], number[]]> = {
    "one share": [[nth(made.lines, 0)], [4]],
    "one share twice": [[nth(made.lines, 0), nth(made.lines, 0)], [4]],
    "one that is bent": [[nth(made.lines, 0), shareLine(bend(two))], [5]],
    "all, one of them bent": [[...made.lines.slice(0, 2), shareLine(bend(three))], [5]],
    "two values of one": [[...made.lines.slice(0, 2), shareLine(bend(two))], [5]],
    "another scheme's": [stale.lines, [5]],
    "one of ours, one of another scheme": [
      [nth(made.lines, 0), nth(stale.lines, 1)],
      [4, 5],
    ],
    "enough, and one of another scheme": [[...made.lines, nth(stale.lines, 0)], [5]],
    "forged under our set id": [forged.lines, [5]],
    "one of ours, one forged": [[nth(made.lines, 0), nth(forged.lines, 1)], [5]],
    "ours, one with another k": [[nth(made.lines, 0), shareLine({ ...two, k: 3 })], [5]],
    "ours, one with another n": [[nth(made.lines, 0), shareLine({ ...two, n: 4 })], [5]],
    "ours under another index": [[nth(made.lines, 0), shareLine({ ...two, x: 3 })], [5]],
    "a mistyped one": [[nth(made.lines, 0), mistype(nth(made.lines, 1), 40)], [3]],
    "a cut one": [[nth(made.lines, 0), nth(made.lines, 1).slice(0, -3)], [3]],
    "two on one line": [[made.lines.slice(0, 2).join("")], [3]],
    "sealed ones": [
      [textOf(room, "D/sealed-1/node-a"), nth(made.lines, 1)],
      [3, 4],
    ],
    garbage: [["garbage"], [3]],
    nothing: [[], [3, 4]],
  };
  for (const [what, [lines, codes]] of Object.entries(inputs)) {
    room.file("given", lines.map((line) => `${line.trim()}\n`).join(""));
    const { code, text, stderr } = await room.run(`${drill} < given`);
    expect(codes, `${what}: ${text}${stderr}`).toContain(code);
    expect(stderr, what).toMatch(/^recovery-verify: error: /m);
    expect(text + stderr, what).not.toMatch(/wdshare1[02-9ac-hj-np-z]{20}/);
    expect(drilled(room), what).toBe(false);
  }
});

scenario("an empty stdin asks whether the command before it failed", async (room) => {
  twoOfThree(room);
  const { code, stderr } = await room.run(`false | ${drill}`);
  expect([3, 4]).toContain(code);
  expect(stderr).toMatch(/before/);
});

scenario("a drill finds files that somebody who holds the master made wrong", async (room) => {
  const { scheme, master } = twoOfThree(room);
  const vault = bytesOf(room, "D/vault-1.wd");
  const damaged = vault.with(85, nth([...vault], 85) ^ 1);
  const other = { ...scheme, vaultDigest: sha256(damaged) };
  put(room, "D/vault-1.wd", damaged);
  put(room, "D/scheme.json", schemeText(other, tagOfScheme(other, master)));
  await judge(room, verify, 0);
  await judge(room, `${drill} < shares`, 5);
});

scenario("a drill on damaged, missing or foreign files fails", async (room) => {
  for (const [script, code] of [
    ["rm D/vault-1.wd", 1],
    ["printf x >> D/vault-1.wd", 5],
    ["rm D/sealed-1/node-a", 1],
    ["echo garbage > D/sealed-1/node-a", 5],
  ] as const) {
    twoOfThree(room);
    await room.ok(script);
    await judge(room, `${drill} < shares`, code);
    await room.ok("rm -r D");
  }
});

scenario("a drill does not write through a link that waits for it", async (room) => {
  twoOfThree(room);
  room.file("victim", "precious\n");
  await room.ok("ln -s ../victim D/drilled-1");
  await room.run(`${drill} < shares`);
  expect(textOf(room, "victim")).toBe("precious\n");
});

scenario("a lock does not keep anybody from looking", async (room) => {
  twoOfThree(room);
  put(room, "D/lock", "4194305\n");
  await judge(room, verify, 0);
  await judge(room, `${verify} --key node-a.key`, 0);
});

scenario("--expect-set tells a directory that was rolled back", async (room) => {
  const { scheme } = twoOfThree(room);
  const later = makeScheme({ nodes: twoNodes, seed: "later", generation: 2 });
  await judge(room, `${verify} --expect-set ${scheme.set}`, 0);
  const { stderr } = await judge(room, `${verify} --expect-set ${later.scheme.set}`, 5);
  expect(stderr).toContain(scheme.set);
  await judge(room, `${drill} --expect-set ${later.scheme.set} < shares`, 5);
  await judge(room, `${verify} --key node-a.key --expect-set ${later.scheme.set}`, 5);
  for (const wrong of ["xyz", `${scheme.set}00`, scheme.set.slice(2), "''"]) {
    await room.fails(`${verify} --expect-set ${wrong}`, 2, /set/);
  }
});

scenario("the files of a later generation are no harm to this one", async (room) => {
  twoOfThree(room);
  const later = makeScheme({ nodes: twoNodes, seed: "later", generation: 2 });
  later.files.delete("scheme.json");
  lay(room, later);
  await judge(room, verify, 0);
  await room.ok(`${drill} < shares`);
});

scenario("usage errors", async (room) => {
  twoOfThree(room);
  await room.fails("./recovery-verify", 2, /--dir/);
  await room.fails(`${verify} --dir D`, 2, /--dir/);
  await room.fails(`${verify} --bogus`, 2, /--bogus/);
  await room.fails(`${verify} shares`, 2, /drill|too many/);
  await room.fails(`${verify} --key ''`, 2, /--key/);
  await room.fails(`${verify} -o out`, 2, /-o/);
});

scenario("a verdict that cannot be printed is exit 1", async (room) => {
  twoOfThree(room);
  await room.fails(`${verify} > /dev/full`, 1, /space|full|writ/);
  await room.fails(`${verify} --json > /dev/full`, 1, /space|full|writ/);
});

// recovery-verify: what it sees without a secret, with one node's key, and in a drill. What makes a
// sealed file or a vault good is test/scheme/verify.test.ts's and vault-check.test.ts's.

import { expect } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { nth } from "../oracle/bytes.ts";
import { makeScheme, schemeText, sha256, tagOfScheme } from "../oracle/scheme.ts";
import { makeKey, seal, sealedLine } from "../oracle/sealed.ts";
import { bend, makeSet, parseShare, shareLine } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { judge, keys, lay, plaintext, put, twoNodes, twoOfThree } from "./ceremony.ts";
import { scenario, scenarios } from "./harness.ts";

const verify = "./recovery-verify --dir D";
const drill = `${verify} --drill`;

scenario(
  "a whole scheme is consistent, and nobody says authenticated",
  async (sandbox) => {
    const { scheme } = twoOfThree(sandbox);
    put(sandbox, "D/lock", "4194305\n"); // it does not keep anybody from looking
    const { text, stderr } = await judge(sandbox, verify, 0);
    expect(text + stderr).toMatch(/consistent, not authenticated/);
    expect((text + stderr).match(/authenticated/g)?.length).toBe(1);
    for (const fact of [scheme.set, scheme.created, "node-a", "node-b", "offline-1"]) {
      expect(text + stderr).toContain(fact);
    }
    expect(text + stderr).toMatch(/generation 1\b/);
    expect(text).toMatch(/^.*vault.*$/m);
  },
  { smoke: true },
);

scenario("stdin is never touched without --drill", async (sandbox) => {
  twoOfThree(sandbox);
  const { text } = await sandbox.ok(`printf 'left alone' | ( ${verify} > said; cat )`);
  expect(text).toBe("left alone");
  await judge(sandbox, `${verify} <&-`, 0);
  await judge(sandbox, `${verify} < D`, 0);
  const never = `mkfifo never; ( exec 3<> never; ${verify} <&3 ); code=$?; rm never; exit $code`;
  await judge(sandbox, never, 0);
});

scenario(
  "--json is one object with set, generation and every holder, good or bad",
  async (sandbox) => {
    const { scheme } = twoOfThree(sandbox);
    const good = await judge(sandbox, `${verify} --json`, 0);
    const facts = JSON.parse(good.text) as Record<string, unknown>;
    expect(facts).toMatchObject({ set: scheme.set, generation: 1 });
    for (const { name } of scheme.holders) expect(good.text).toContain(`"${name}"`);
    put(sandbox, "D/sealed-1/node-b", "garbage\n");
    const bad = await judge(sandbox, `${verify} --json`, 5);
    expect(JSON.parse(bad.text)).not.toEqual(facts);
    await sandbox.ok("rm D/sealed-1/node-b");
    JSON.parse((await judge(sandbox, `${verify} --json`, 1)).text);
    await sandbox.fails(`${verify} --json > /dev/full`, 1, /space|full|writ/);
  },
);

/** What is done to the directory, with the exit status of looking and of a drill, and who is told of. */
const faults: Record<string, [script: string, code: number, says: RegExp]> = {
  "no scheme.json": ["rm D/scheme.json", 1, /scheme\.json/],
  "no vault": ["rm D/vault-1.wd", 1, /vault/],
  "no sealed file of a node": ["rm D/sealed-1/node-a", 1, /node-a.*missing|missing.*node-a/],
  "no sealed files": ["rm -r D/sealed-1", 1, /node-b.*missing|missing.*node-b/],
  "no directory": ["rm -r D", 1, /D/],
  "a directory for a vault": ["rm D/vault-1.wd; mkdir D/vault-1.wd", 5, /not a regular file/],
  "a vault with a byte more": ["printf x >> D/vault-1.wd", 5, /vault/],
  "a vault cut in its header": ["truncate -s 79 D/vault-1.wd", 5, /vault/],
  "another vault": ["cp vault D/vault-1.wd", 5, /vault/],
  "no line in a sealed file": [": > D/sealed-1/node-a", 5, /node-a/],
  "two lines in a sealed file": ["cat D/sealed-1/* > x; mv x D/sealed-1/node-a", 5, /node-a/],
  "a share for all to read": ["cp share-1 D/sealed-1/node-a", 5, /node-a/],
  "two sealed files exchanged": [
    "cd D/sealed-1; mv node-a x; mv node-b node-a; mv x node-b",
    5,
    /node-b/,
  ],
};
scenarios(
  faults,
  (what) => `${what} is seen, by looking and in a drill`,
  async (sandbox, [script, code, says]) => {
    twoOfThree(sandbox);
    await sandbox.ok(script);
    const { text, stderr } = await judge(sandbox, verify, code);
    expect(text + stderr).toMatch(says);
    expect(stderr).toMatch(/recovery-verify: error: /);
    await judge(sandbox, `${drill} < shares`, code);
  },
);

scenario("every fault is told, not only the first", async (sandbox) => {
  twoOfThree(sandbox, { nodes: keys });
  await sandbox.ok("rm D/sealed-1/node-a");
  put(sandbox, "D/sealed-1/node-c", "garbage\n");
  const { code, text } = await sandbox.run(verify);
  expect([1, 5]).toContain(code);
  const lineOf = (name: string) =>
    text
      .split("\n")
      .filter((said) => said.includes(name))
      .join("\n");
  const good = lineOf("node-b");
  expect(lineOf("node-a")).not.toBe(good.replaceAll("node-b", "node-a"));
  expect(lineOf("node-c")).not.toBe(good.replaceAll("node-b", "node-c"));
  expect(lineOf("node-d")).toBe(good.replaceAll("node-b", "node-d"));
});

scenario(
  "a node sees to its own share alone, and finds what no one else can see",
  async (sandbox) => {
    const made = twoOfThree(sandbox);
    await sandbox.ok("cp -r D E; rm D/vault-1.wd D/sealed-1/node-b");
    const { text } = await judge(sandbox, `${verify} --key node-a.key`, 0);
    expect(text).toMatch(/node-a/);
    const other = await judge(sandbox, `${verify} --key node-b.key`, 1);
    expect(other.text + other.stderr).toMatch(/node-b/);
    await judge(sandbox, `${verify} --key node-c.key`, 5);
    await judge(sandbox, `${verify} --key node-a.pub`, 3);
    await judge(sandbox, `${verify} --key nowhere`, 1);
    await sandbox.ok("rm -r D; mv E D");
    const bent = shareLine(bend(parseShare(nth(made.lines, 0))));
    put(sandbox, "D/sealed-1/node-a", `${sealedLine(seal(bent, makeKey("node-a").public))}\n`);
    await judge(sandbox, verify, 0);
    const found = await judge(sandbox, `${verify} --key node-a.key`, 5);
    expect(found.text + found.stderr).toMatch(/node-a/);
  },
  { smoke: true },
);

scenario(
  "a drill passes with enough shares, reveals nothing and is noted",
  async (sandbox) => {
    const { ok, file, text: textOf, dir } = sandbox;
    const { scheme, master } = twoOfThree(sandbox);
    file("a.secret", plaintext);
    file("b.secret", master);
    for (const [nodes, shares] of [
      [["node-a", "node-b"], ""],
      [["node-b"], "offline"],
      [["node-a", "node-b"], "offline"],
    ] as const) {
      const sealed = nodes.map((name) => `--key ${name}.key D/sealed-1/${name}`).join(" ");
      const { text, stderr } = await ok(`./unseal ${sealed} ${shares} | ${drill}`);
      expect(text + stderr).not.toMatch(/not authenticated|wdshare1|keys of the fleet/);
      expect(text + stderr).toContain(scheme.set);
      expect(textOf("D/drilled-1")).toMatch(/^[^\n]+\n$/);
      expect(statSync(join(dir, "D/drilled-1")).mode & 0o7777).toBe(0o600);
      await ok("rm D/drilled-1");
    }
    await ok(`cat share-3 | ${drill} share-1 -`);
    file("victim", "precious\n");
    await ok("rm D/drilled-1; ln -s ../victim D/drilled-1");
    await sandbox.run(`${drill} < shares`);
    expect(textOf("victim")).toBe("precious\n");
  },
  { smoke: true },
);

scenario("a drill that fails is not noted, and says what is wrong", async (sandbox) => {
  const made = twoOfThree(sandbox);
  const [one, two] = [nth(made.lines, 0), nth(made.lines, 1)];
  const bent = made.lines.map((line) => shareLine(bend(parseShare(line))));
  const stale = makeScheme({ nodes: twoNodes, seed: "stale" });
  const forged = makeSet("scheme", 2, 3, makeKey("forged").secret);
  const inputs: Record<string, [string[], number[]]> = {
    "one share twice": [[one, one], [4]],
    "all, one of them bent": [[one, two, nth(bent, 2)], [5]],
    "another scheme's": [stale.lines, [5]],
    "enough, and one of another scheme": [[...made.lines, nth(stale.lines, 0)], [5]],
    "forged under our set id": [forged.lines, [5]],
    "ours, one with another n": [[one, shareLine({ ...parseShare(two), n: 4 })], [5]],
    "a mistyped one": [[one, mistype(two, 40)], [3]],
    "sealed ones": [
      [sandbox.text("D/sealed-1/node-a"), two],
      [3, 4],
    ],
    nothing: [[], [3, 4]],
  };
  for (const [what, [lines, codes]] of Object.entries(inputs)) {
    sandbox.file("given", lines.map((line) => `${line.trim()}\n`).join(""));
    const { code, text, stderr } = await sandbox.run(`${drill} < given`);
    expect(codes, `${what}: ${text}${stderr}`).toContain(code);
    expect(stderr, what).toMatch(/^recovery-verify: error: /m);
    expect(text + stderr, what).not.toMatch(/wdshare1[02-9ac-hj-np-z]{20}/);
    expect(sandbox.has("D/drilled-1"), what).toBe(false);
  }
});

scenario("a drill finds files that somebody who holds the master made wrong", async (sandbox) => {
  const { scheme, master } = twoOfThree(sandbox);
  const vault = sandbox.read("D/vault-1.wd");
  const damaged = vault.with(85, nth([...vault], 85) ^ 1);
  const other = { ...scheme, vaultDigest: sha256(damaged) };
  put(sandbox, "D/vault-1.wd", damaged);
  put(sandbox, "D/scheme.json", schemeText(other, tagOfScheme(other, master)));
  await judge(sandbox, verify, 0);
  await judge(sandbox, `${drill} < shares`, 5);
});

scenario(
  "--expect-set tells a directory that was rolled back; later files are no harm",
  async (sandbox) => {
    const { scheme } = twoOfThree(sandbox);
    const later = makeScheme({ nodes: twoNodes, seed: "later", generation: 2 });
    await judge(sandbox, `${verify} --expect-set ${scheme.set}`, 0);
    const wanted = `--expect-set ${later.scheme.set}`;
    const { stderr } = await judge(sandbox, `${verify} ${wanted}`, 5);
    expect(stderr).toContain(scheme.set);
    await judge(sandbox, `${drill} ${wanted} < shares`, 5);
    await judge(sandbox, `${verify} --key node-a.key ${wanted}`, 5);
    later.files.delete("scheme.json");
    lay(sandbox, later);
    await judge(sandbox, verify, 0);
    await sandbox.ok(`${drill} < shares`);
  },
);

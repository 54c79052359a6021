// recovery-rotate: the next generation, changes of the plan, and what keeps the old one as it is. Plans
// that cannot be are test/scheme/{plan,holder-flags}.test.ts's; faults at every system call test/dev/faults.test.ts's.

import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hex, sample } from "../oracle/bytes.ts";
import { makeScheme, type Scheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import {
  audit,
  byPipes,
  expectedListing,
  init,
  keys,
  lay,
  listing,
  plaintext,
  prune,
  put,
  rotate,
  shareLines,
  twoNodes,
  twoOfThree,
} from "./ceremony.ts";
import { MiB } from "./fixtures.ts";
import { programFiles, type Sandbox, scenario, scenarios } from "./harness.ts";
import { anotherUser, asNobody, ownMounts, which } from "./needs.ts";

const verify = "./recovery-verify --dir D";
const namesIn = (made: { scheme: { holders: { name: string }[] } }) =>
  made.scheme.holders.map(({ name }) => name);
const drillOf = (generation: number, offline: string) =>
  `./unseal --key node-a.key D/sealed-${generation}/node-a ${offline} | ${verify} --drill`;

/** The files of generation 1, byte for byte. */
function filesOf({ dir }: Sandbox): string[] {
  const names = ["vault-1.wd", "sealed-1/node-a", "sealed-1/node-b"];
  return names.map((name) => readFileSync(join(dir, "D", name)).toString("hex"));
}

scenario(
  "a rotation leaves the old generation and adds a whole new one",
  async (sandbox) => {
    const { ok, fails, file } = sandbox;
    const old = twoOfThree(sandbox);
    const before = filesOf(sandbox);
    const { text, stderr } = await ok(`${rotate} < shares`);
    expect(shareLines(text).length).toBe(1);
    expect(await listing(sandbox)).toEqual(expectedListing(1, 2));
    expect(filesOf(sandbox)).toEqual(before);
    const made = audit(sandbox, text);
    expect(made.scheme).toMatchObject({ generation: 2, k: 2, n: 3 });
    expect(namesIn(made)).toEqual(["node-a", "node-b", "offline-1"]);
    expect(hex(made.plaintext)).toBe(hex(plaintext));
    expect(made.scheme.set).not.toBe(old.scheme.set);
    expect(hex(made.master)).not.toBe(hex(old.master));
    expect(new Date(made.scheme.created).getTime()).toBeGreaterThan(Date.now() - 60_000);
    for (const fact of ["sealed-2/node-a", "sealed-2/node-b", made.scheme.set]) {
      expect(stderr).toContain(fact);
    }
    const check = `recovery-verify --dir D --key KEY --expect-set ${made.scheme.set}\n`;
    expect(stderr).toContain(`until every node passes: worstday ${check}`);
    file("new", text);
    for (const line of [
      ...[byPipes(1, ["node-a", "node-b"]), byPipes(1, ["node-b"], "offline")],
      ...[byPipes(2, ["node-a", "node-b"]), byPipes(2, ["node-b"], "new")],
    ]) {
      await ok(`${line} | cmp - in.plain`);
    }
    await fails(byPipes(1, ["node-a"], "new"), 3, /2 sets|too few/);
    await fails(`${rotate} < shares`, 5, /set/);
  },
  { smoke: true },
);

scenario(
  "init, verify, rotate, drill and prune, one after another, up to generation 3",
  async (sandbox) => {
    const { ok, fails, file, text } = sandbox;
    twoOfThree(sandbox);
    await ok("rm -r D");
    file("first", (await ok(`${init} < in.plain`)).text);
    await ok(drillOf(1, "first"));
    const held = "./unseal --key node-a.key D/sealed-1/node-a first";
    file("second", (await ok(`${held} | ${rotate}`)).text);
    await ok(verify);
    await fails(prune, 6, /drill/);
    await ok(drillOf(2, "second"));
    const strange = [
      "README",
      "vault-x.wd",
      "vault-1.wd.bak",
      "vault-1",
      "sealed-1.wd",
      "vault-01.wd",
    ];
    for (const name of strange) put(sandbox, `D/${name}`, "mine\n");
    const pruned = await ok(`printf 'left alone' | ( ${prune}; cat )`, /vault-1\.wd/);
    expect(pruned.text).toBe("left alone");
    await ok(`cd D; rm drilled-2 ${strange.join(" ")}`); // all are there
    expect(await listing(sandbox)).toEqual(expectedListing(2));
    const again = `./unseal --key node-a.key D/sealed-2/node-a second | ${rotate}`;
    const made = audit(sandbox, (await ok(again)).text);
    expect([made.scheme.generation, text("second")]).toEqual([3, expect.any(String)]);
    expect(await listing(sandbox)).toEqual(expectedListing(2, 3));
  },
  { smoke: true },
);

scenario(
  "a generation is numbered past whatever is there, and past what scheme.json says",
  async (sandbox) => {
    const { ok, fails, text } = sandbox;
    const { scheme } = twoOfThree(sandbox);
    await ok("echo old > D/vault-4.wd; mkdir D/sealed-6; ln -s ../in.plain D/vault-7.wd");
    const expected = `${rotate} --expect-set ${scheme.set}`;
    const made = audit(sandbox, (await ok(`${expected} < shares | tee new`)).text);
    expect(made.scheme.generation).toBe(8);
    expect([text("D/vault-4.wd"), hex(sandbox.read("in.plain"))]).toEqual([
      "old\n",
      hex(plaintext),
    ]);
    await ok("mkdir away; mv D/vault* D/sealed* away");
    const held = "./unseal --key node-a.key away/sealed-8/node-a new";
    await ok(`${held} > given; ${rotate} --secrets in.plain given > newer`, /generation 9/);
    put(sandbox, "D/vault-999999.wd", "no vault of ours");
    const words = /there are files of generation 999999, the last possible one/;
    const latest = "./unseal --key node-a.key --dir D | cat - newer";
    const { set } = JSON.parse(text("D/scheme.json")) as Scheme;
    await fails(`${latest} | ${rotate} --expect-set ${set}`, 6, words);
  },
);

scenario("the plan changes: a holder more, one less, k and the offline shares", async (sandbox) => {
  twoOfThree(sandbox, { nodes: keys, k: 3, offline: 2 });
  const same = audit(sandbox, (await sandbox.ok(`${rotate} < shares`)).text);
  expect([same.scheme.k, same.scheme.n, same.offline.length]).toEqual([3, 6, 2]);
  sandbox.file("new", same.lines.join("\n"));
  const more = makeKey("more");
  const flags = `--drop node-a --holder more=${more.publicLine} -k 2 --offline 1`;
  const { text } = await sandbox.ok(`${rotate} ${flags} < new`);
  const made = audit(sandbox, text, "D", { more });
  expect(namesIn(made)).toEqual(["node-b", "node-c", "node-d", "more", "offline-1"]);
  expect([made.scheme.k, hex(made.plaintext)]).toEqual([2, hex(plaintext)]);
  await sandbox.ok(verify);
});

scenario("a holder's key is replaced, and the old key opens nothing new", async (sandbox) => {
  twoOfThree(sandbox);
  const fresh = makeKey("fresh");
  sandbox.file("fresh.pub", `${fresh.publicLine}\n`);
  const { text } = await sandbox.ok(`${rotate} --holder node-a=fresh.pub < shares`);
  audit(sandbox, text, "D", { "node-a": fresh });
  await sandbox.fails("./unseal --key node-a.key D/sealed-2/node-a", 5, /key/);
});

scenario(
  "--secrets closes new contents, and without it the old ones are carried over",
  async (sandbox) => {
    const { file, ok, fails } = sandbox;
    const [content, fresh] = [sample("large", 3 * MiB), sample("fresh", 2 * MiB + 5)];
    const old = twoOfThree(sandbox, { plaintext: content });
    file("fresh.plain", fresh);
    file("nothing", "");
    const kept = audit(sandbox, (await ok(`${rotate} < shares`)).text);
    expect(hex(kept.plaintext)).toBe(hex(content));
    const again = async () => {
      await ok("rm -r D");
      lay(sandbox, old);
    };
    await again();
    await fails(`${rotate} --secrets nothing < shares`, 3, /empty|no /);
    await fails(`${rotate} --secrets nowhere < shares`, 1, /nowhere/);
    const made = audit(sandbox, (await ok(`${rotate} --secrets fresh.plain < shares`)).text);
    expect(hex(made.plaintext)).toBe(hex(fresh));
    const { stdout } = await ok(byPipes(1, ["node-a"], "offline"));
    expect(hex(stdout)).toBe(hex(content));
  },
);

scenario(
  "shares that would go nowhere are refused unless forced, and others' eyes warned of",
  async (sandbox) => {
    const { ok, fails, file } = sandbox;
    twoOfThree(sandbox);
    await fails(`${rotate} < shares > /dev/null`, 6, /--force/);
    const closed = sandbox.target === "source" ? 6 : 1; // Bun opens /dev/null in its place
    await fails(`${rotate} < shares >&-`, closed, /--force|bad file descriptor/);
    await ok(`${rotate} --offline 0 < shares > /dev/null`);
    audit(sandbox, "");
    const opened = "./unseal --key node-a.key --key node-b.key D/sealed-2/*";
    file("again", (await ok(opened)).text);
    await ok(`${rotate} --offline 1 < again > open`, /recovery-rotate: warning: .*others/);
    file("again", (await ok(opened.replaceAll("sealed-2", "sealed-3"))).text);
    await ok(`${rotate} --force < again > /dev/null`);
    await ok(verify);
  },
);

scenarios<readonly [string, number]>(
  {
    "no directory": ["rm -r D", 1],
    "no vault": ["rm D/vault-1.wd", 1],
    "a vault cut short": ["truncate -s 100 D/vault-1.wd", 5],
    "a lock": ["echo 4194305 > D/lock", 6],
  },
  (what) => `${what} keeps a rotation from anything`,
  async (sandbox, [script, code]) => {
    const { master } = twoOfThree(sandbox);
    await sandbox.ok(script);
    const secrets = [plaintext, master];
    await sandbox.fails(`${rotate} < shares`, code, /error: /, { secrets });
    if (code !== 6) return;
    const { stderr } = await sandbox.fails(`${rotate} < shares`, 6, /lock/);
    expect(stderr).toMatch(/delete|remove/);
    await sandbox.ok("rm D/lock");
    audit(sandbox, (await sandbox.ok(`${rotate} < shares`)).text);
  },
);

scenario("links that wait in the directory are not written through", async (sandbox) => {
  const { file, ok, run, fails, text, dir } = sandbox;
  twoOfThree(sandbox);
  file("victim", "precious\n");
  await ok("mkdir elsewhere; ln -s ../victim D/lock");
  await fails(`${rotate} < shares`, 6, /lock/);
  await ok("rm D/lock; ln -s ../elsewhere D/sealed-2; ln -s ../victim D/vault-2.wd");
  await run(`${rotate} < shares`);
  expect([text("victim"), readdirSync(join(dir, "elsewhere"))]).toEqual(["precious\n", []]);
  await ok("mv D/scheme.json kept; ln -s ../kept D/scheme.json; cp kept copy");
  await run(`${rotate} < shares`);
  await ok("cmp kept copy");
});

scenario("offline shares that cannot be delivered leave the old generation", async (sandbox) => {
  twoOfThree(sandbox);
  for (const line of [
    `${rotate} < shares > /dev/full`,
    `( sleep 0.3; ${rotate} < shares; echo $? > code ) | true; code=$(cat code); rm code; exit $code`,
  ]) {
    const { code, stderr } = await sandbox.run(line);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/recovery-rotate: error: /);
    expect(await listing(sandbox)).toEqual(expectedListing(1));
  }
  await sandbox.ok(`${verify} --drill < shares`);
});

scenario(
  "a directory that may not be written, or not listed, is exit 1",
  async (sandbox) => {
    twoOfThree(sandbox);
    const line = `${rotate.replace("./", `${asNobody}./`)} < shares`;
    await sandbox.ok("chmod -R a+rX D; chmod 555 D; chmod 644 shares");
    await sandbox.fails(line, 1, /D/);
    await sandbox.ok("chown -R 65534:65534 D 2> /dev/null; chmod 300 D");
    await sandbox.fails(line, 1, /D/);
  },
  { needs: anotherUser(...programFiles) },
);

scenario(
  "of rotations that race one wins at a time, and no loser gives shares",
  async (sandbox) => {
    twoOfThree(sandbox);
    await sandbox.run(
      `for i in 1 2 3 4 5 6; do
      ( ${rotate} < shares > share.$i 2> said.$i; echo $? > code.$i ) & done; wait`,
    );
    const codes = [1, 2, 3, 4, 5, 6].map((i) => sandbox.text(`code.${i}`).trim());
    const said = (await sandbox.run("cat said.*")).text;
    expect(codes.filter((code) => code === "0").length, said).toBe(1);
    expect(codes.join(""), said).toMatch(/^[056]+$/);
    for (const [i, code] of codes.entries()) {
      const share = sandbox.text(`share.${i + 1}`);
      if (code === "0") expect(audit(sandbox, share).scheme.generation).toBe(2);
      else expect(share, said).toBe("");
    }
    expect(await listing(sandbox)).toEqual(expectedListing(1, 2));
  },
);

scenario(
  "prune removes nothing without a whole current generation and a drill of it",
  async (sandbox) => {
    const { ok, run, has, file, dir } = sandbox;
    for (const script of ["rm D/vault-2.wd", "rm D/scheme.json", "printf x >> D/scheme.json"]) {
      twoOfThree(sandbox);
      file("new", (await ok(`${rotate} < shares`)).text);
      await ok(`${drillOf(2, "new")}; ${script}`);
      const { code, stderr } = await run(prune);
      expect([1, 3, 5, 6], stderr).toContain(code);
      expect(has("D/vault-1.wd")).toBe(true);
      await ok("rm -r D");
    }
    twoOfThree(sandbox);
    await ok(`${verify} --drill < shares`);
    lay(sandbox, makeScheme({ nodes: twoNodes, seed: "restored" })); // the same number, another set
    put(sandbox, "D/vault-0.wd", "older\n");
    expect((await run(prune)).code).toBe(6);
    await ok("rm -r D");
    twoOfThree(sandbox);
    file("new", (await ok(`${rotate} < shares`)).text);
    await ok(`mv D/sealed-1 outside; ln -s ../outside D/sealed-1; ${drillOf(2, "new")}`);
    await run(prune); // it follows no link out of the directory
    expect(readdirSync(join(dir, "outside")).toSorted()).toEqual(["node-a", "node-b"]);
  },
);

/** Generation 2 is in force and has passed a drill; generation 1 can go. */
async function rotateAndDrill(sandbox: Sandbox): Promise<void> {
  twoOfThree(sandbox);
  sandbox.file("new", (await sandbox.ok(`${rotate} < shares`)).text);
  await sandbox.ok(drillOf(2, "new"));
}

scenario(
  "prune removes nothing where there is anything that is not worstday's",
  async (sandbox) => {
    const { ok, run, fails } = sandbox;
    await rotateAndDrill(sandbox);
    for (const [name, put] of [
      ["D/sealed-1/notes", "echo mine > D/sealed-1/notes"],
      ["D/sealed-1/notes", "mkdir D/sealed-1/notes"],
      ["D/sealed-1/link", "ln -s node-a D/sealed-1/link"],
      ["D/sealed-1/pipe", "mkfifo D/sealed-1/pipe"],
      ["D/sealed-1/new", "cp D/sealed-2/node-a D/sealed-1/new"],
      ["D/drilled-1", "mkfifo D/drilled-1"],
      ["D/vault-1.wd", "mv D/vault-1.wd kept; mkdir D/vault-1.wd"],
      ["D/sealed-1", "mv D/sealed-1 away; echo mine > D/sealed-1"],
    ] as const) {
      await run(put);
      await fails(prune, 6, new RegExp(`not part of the scheme: ${name}\n`));
      await run(`rm -r ${name}; mv kept D/vault-1.wd; mv away D/sealed-1`);
    }
    await ok("cp D/sealed-1/node-a D/sealed-1/node-z; echo damaged > D/sealed-1/node-b");
    await ok(`${prune}; test ! -e D/sealed-1`);
  },
);

scenario(
  "prune does not empty what is mounted in the directory",
  async (sandbox) => {
    await rotateAndDrill(sandbox);
    const { text, stderr } = await sandbox.run(
      `cp -r D/sealed-1 outside; ${which("unshare")} -m sh -c '
      mount --bind outside D/sealed-1; ${prune}; echo $?'; ls outside D`,
    );
    expect(stderr).toMatch(/error: cannot remove D\/sealed-1: resource busy/);
    expect(text.split("\n")[0]).toBe("1");
    for (const name of ["outside/node-a", "D/vault-1.wd", "D/sealed-1/node-a"]) {
      expect(sandbox.has(name), text).toBe(true);
    }
  },
  { needs: ownMounts() },
);

scenario("a pipe in the place of a scheme's file is not waited for", async (sandbox) => {
  const reconstruct = "./recovery-reconstruct --dir D shares";
  for (const [file, line, code] of [
    ["D/scheme.json", verify, 3],
    ["D/scheme.json", `${rotate} shares`, 3],
    ["D/scheme.json", reconstruct, 3],
    ["D/vault-1.wd", verify, 5],
    ["D/vault-1.wd", `${verify} --drill shares`, 5],
    ["D/vault-1.wd", `${rotate} shares`, 3],
    ["D/vault-1.wd", reconstruct, 3],
    ["D/sealed-1/node-a", verify, 5],
    ["D/drilled-1", prune, 3],
  ] as const) {
    twoOfThree(sandbox);
    await sandbox.run(`mv ${file} kept; mkfifo ${file}`);
    const done = await sandbox.run(line);
    expect([line, done.code], done.stderr).toEqual([line, code]);
    expect(done.text + done.stderr).toMatch(new RegExp(`${file} is not a regular file`));
    await sandbox.ok("rm -r D");
  }
});

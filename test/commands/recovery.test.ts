/** The recovery commands in process, on real folders. */

import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import * as fs from "node:fs";
import type { Output } from "../../lib/cli/io.ts";
import type { ErrorCode } from "../../lib/core/errors.ts";
import * as keygen from "../../scripts/keygen.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as prune from "../../scripts/recovery-prune.ts";
import * as reconstruct from "../../scripts/recovery-reconstruct.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as status from "../../scripts/recovery-status.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import * as unseal from "../../scripts/unseal.ts";
import { expectFailure } from "../core/helpers.ts";
import { sshA } from "../e2e/fixtures.ts";
import { at, attempt, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

setDefaultTimeout(60_000); // for a busy machine

afterAll(removeFolders);

const text = (name: string) => fs.readFileSync(at(name), "utf8");

/** The share line of a node. */
const ownShare = async (node: string, dir = "D") =>
  (await succeed(unseal, `--key @${node}.key --dir ${dir}`)).stdout;

/** A scheme of node-a, node-b and an offline share: its folder D, its keys, and the shares a, b, o. */
beforeEach(async () => {
  enterFolder();
  for (const node of ["a", "b", "c"])
    put(`${node}.pub`, (await succeed(keygen, `-o @${node}.key`)).stdout);
  put("secrets", "the secrets that open everything else\n");
  await succeed(
    init,
    "--dir D -k 2 --holder node-a=@a.pub --holder node-b=@b.pub --secrets @secrets -o @o",
  );
});

test("init takes keys of all forms, once each, and a folder with other things, but no scheme", async () => {
  put("ssh.pub", sshA.publicLine);
  const some = "-k 2 --secrets @secrets -o @new --holder node-a=@ssh.pub --holder b=";
  const line = `${some}${text("b.pub").trim()}`;
  fs.mkdirSync(at("E/sealed-4"), { recursive: true });
  put("E/vault-3.wd", "old");
  await succeed(init, `--dir @E ${line}`);
  expect([JSON.parse(text("E/scheme.json")).generation, text("E/vault-3.wd")]).toEqual([5, "old"]);
  put("ssh", sshA.privateFile);
  await succeed(verify, "--dir @E --key @ssh");
  put("twin.pub", sshA.node.publicLine);
  await refuse("refused", /same (key|recipient)/, init, `--dir @F ${some}@twin.pub`);
  for (const make of [
    () => fs.cpSync(at("D"), at("F"), { recursive: true }),
    () => put("F/scheme.json", ""),
    () => fs.symlinkSync("nowhere", at("F/scheme.json")),
    () => put("F/lock", ""),
  ]) {
    fs.rmSync(at("F"), { recursive: true, force: true });
    fs.mkdirSync(at("F"));
    make();
    const before = fs.readdirSync(at("F"), { recursive: true });
    await refuse("refused", /scheme|lock/, init, `--dir @F ${line}`);
    expect(fs.readdirSync(at("F"), { recursive: true })).toEqual(before);
  }
  const none = "--dir @G -k 2 --holder a=@a.pub --holder b=@b.pub --allow-empty -o @other";
  await succeed(init, none, "");
  const shares = (await ownShare("a", "@G")) + text("other");
  expect((await succeed(reconstruct, "--dir @G", shares)).stdout).toBe("");
});

test("reconstruct needs scheme.json, the vault and shares of the set that is wanted", async () => {
  const shares = (await ownShare("a")) + text("o");
  const { set } = JSON.parse(text("D/scheme.json"));
  fs.rmSync(at("D/sealed-1"), { recursive: true });
  put("D/lock", "");
  fs.mkdirSync(at("E"));
  for (const name of ["scheme.json", "vault-1.wd"]) fs.symlinkSync(`../D/${name}`, at(`E/${name}`));
  fs.symlinkSync("E", at("F"));
  for (const dir of ["D", "@E", "@F/"]) {
    const { told, stdout } = await succeed(reconstruct, `--dir ${dir} --expect-set ${set}`, shares);
    expect(stdout).toBe(text("secrets"));
    expect(told).toMatch(new RegExp(`set ${set}, generation 1, created 20`));
  }
  const other = "0123456789abcdef";
  await refuse("mismatch", new RegExp(set), reconstruct, `--dir D --expect-set ${other}`, shares);
});

test("rotate writes through no link, and does not undo what came in between without its lock", async () => {
  const shares = (await ownShare("a")) + text("o");
  const scheme = text("D/scheme.json");
  let between = "";
  const send = async () => {
    fs.rmSync(at("D/lock"));
    const { set } = JSON.parse(scheme);
    await succeed(rotate, `--dir D --expect-set ${set} -o @between`, shares);
    between = text("D/scheme.json");
  };
  const output = async () => ({ kind: "stdout", send, sync: async () => true }) as Output;
  const { run } = await attempt(rotate, "--dir D", shares, { output });
  await expectFailure("refused", /D was changed while this command ran$/, run);
  expect(text("D/scheme.json")).toBe(between);
  put("kept", scheme);
  fs.rmSync(at("D"), { recursive: true });
  fs.mkdirSync(at("D"));
  fs.symlinkSync("../kept", at("D/scheme.json"));
  await succeed(rotate, "--dir D --secrets @secrets -o @new", shares);
  expect([text("kept"), JSON.parse(text("D/scheme.json")).generation]).toEqual([scheme, 2]);
});

test("unseal --dir gives the share that the key's holder has in the generation in force", async () => {
  const { stdout } = await succeed(unseal, "--key @a.key @D/sealed-1/node-a");
  expect(await succeed(unseal, "--key @a.key --dir D")).toEqual({ told: "", stdout });
  const both = await succeed(unseal, "--key @a.key --key @b.key --dir D");
  expect(both.stdout.split("\n")).toHaveLength(3);
  await refuse("mismatch", /^no holder of this scheme has the key/, unseal, "--key @c.key --dir D");
  await refuse("usage", /^no FILE can be given with --dir$/, unseal, "--key @a.key --dir D @o");
  fs.copyFileSync(at("D/sealed-1/node-b"), at("D/sealed-1/node-a"));
  await refuse("mismatch", /sealed-1\/node-a: it is share 2/, unseal, "--key @a.key --dir D");
});

test("offline shares have the names that are given, and any lost share is too many with n of n", async () => {
  const nodes = "--holder node-a=@a.pub --holder node-b=@b.pub --secrets @secrets";
  const line = `--dir @E -k 3 ${nodes} --offline alice --offline bob -o @two`;
  const { told } = await succeed(init, line);
  expect(told).toMatch(/share 3 is offline: give it to alice\n.*share 4 .* to bob\n/);
  expect(told).not.toContain("warning");
  const rotated = await succeed(rotate, "--dir @E --drop alice @two -", await ownShare("a", "@E"));
  expect(rotated.told).toMatch(/warning: all 3 shares are needed.*give it to bob/s);
  const few = `--dir @F -k 2 ${nodes} --offline alice --offline bob`;
  const { hint } = await refuse("usage", /^2 offline shares could recover/, init, few);
  expect(hint).toMatch(/keep copies of one share$/);
});

test("rotate refuses where the folder has newer files, unless the set is confirmed", async () => {
  const shares = await ownShare("a");
  const { set } = JSON.parse(text("D/scheme.json"));
  put("D/vault-3.wd", "a newer one");
  const words = /^there are files of generation 3, but scheme\.json has generation 1$/;
  const { hint } = await refuse("refused", words, rotate, "--dir D @o -", shares);
  expect(hint).toContain(`--expect-set ${set} `);
  await succeed(rotate, `--dir D --expect-set ${set} @o -`, shares);
  expect(JSON.parse(text("D/scheme.json")).generation).toBe(4);
});

/** Rotates D, whose older state stays in E, and gives the new set. */
async function rotateBeside(flags = ""): Promise<string> {
  fs.cpSync(at("D"), at("E"), { recursive: true });
  await succeed(rotate, `--dir D${flags} -o @new @o -`, await ownShare("a"));
  return JSON.parse(text("D/scheme.json")).set;
}

/** verify writes its report, and then fails. */
async function finds(code: ErrorCode, words: RegExp, line: string) {
  const { run, stdout } = await attempt(verify, line);
  await expectFailure(code, words, run);
  expect(stdout()).toEndWith("\nfaults found\n");
}

test("verify says how it knows that a folder is current, or that it does not know", async () => {
  const { set } = JSON.parse(text("D/scheme.json"));
  const node = "--dir D --key @a.key";
  expect((await succeed(verify, node)).stdout).toContain("nothing to compare with");
  const expected = await succeed(verify, `${node} --expect-set ${set}`);
  expect(expected.stdout).toContain(
    "the generation is current: the same as the set that was expected\n",
  );
  const scheme = text("D/scheme.json");
  fs.rmSync(at("D/sealed-1/node-b"));
  const same = await succeed(verify, `${node} --against -`, scheme);
  expect(same.stdout).toMatch(
    /^node-b +not checked: .*\nthe generation is current: the same as stdin\n/ms,
  );
  const json = await succeed(verify, `${node} --against @D/scheme.json --json`);
  expect(JSON.parse(json.stdout).comparedWith).toBe(at("D/scheme.json"));
  await finds("io", /^missing: node-b \(cannot read .*no such file or directory\)$/, "--dir D");
  await refuse("malformed", /^no scheme\.json in stdin$/, verify, "--dir D --against -");
  await refuse("usage", /^stdin can be only one of/, verify, "--dir D --against - --drill", "");
});

test("verify finds a folder stale, newer or of another set, and a key that was dropped", async () => {
  const old = JSON.parse(text("D/scheme.json")).set;
  const set = await rotateBeside(" --holder node-b=@c.pub");
  const [here, there] = [`generation 1 \\(set ${old}\\)`, `generation 2 \\(set ${set}\\)`];
  const against = (dir: string, key = "a") =>
    `--dir @${dir} --key @${key}.key --against @${dir === "D" ? "E" : "D"}/scheme.json`;
  const stale = new RegExp(`^stale: ${here} is here, .*/D/scheme.json has ${there}$`);
  await refuse("mismatch", stale, verify, against("E"));
  const dropped = /D\/scheme\.json: no holder of this scheme has the key [0-9a-f]{16}$/;
  await refuse("mismatch", dropped, verify, against("E", "b"));
  await refuse("mismatch", new RegExp(`^newer: ${there} is here`), verify, against("D"));
  await refuse(
    "mismatch",
    new RegExp(`expected set ${set}$`),
    verify,
    `--dir @E --expect-set ${set}`,
  );
  const shares = (await ownShare("a", "@E")) + text("o");
  await succeed(rotate, "--dir @E -o @other", shares);
  await refuse("mismatch", /^different sets: /, verify, against("E"));
  fs.cpSync(at("D/scheme.json"), at("E/scheme.json")); // as if it were all that was copied
  await finds("mismatch", /^bad: vault \(.*, node-b \(it is of set/, "--dir @E");
  const altered = text("D/scheme.json").replace('"generation":2', '"generation":3');
  put("altered", altered.replace("vault-2", "vault-3"));
  await refuse("mismatch", /^altered: /, verify, "--dir D --against @altered");
});

test("a drill names those whose shares it was given, and notes them; prune wants it", async () => {
  await refuse("refused", /has not passed a drill$/, prune, "--dir D");
  const { stdout } = await succeed(verify, "--dir D --drill @o -", await ownShare("b"));
  expect(stdout).toMatch(/^node-a +good: sealed to the holder's key \(X25519\)$/m);
  expect(stdout).toMatch(/^node-b +good: .*; given: the share that was dealt( \(X25519\))?$/m);
  expect(stdout).toMatch(
    /^offline-1 +good: share 3, given: the share that was dealt( \(X25519\))?$/m,
  );
  expect(stdout).toMatch(/^passed with the shares of node-b, offline-1$/m);
  const { set } = JSON.parse(text("D/scheme.json"));
  expect(text("D/drilled-1")).toMatch(new RegExp(`^${set} [\\dT:-]{19}Z node-b offline-1\n$`));
  const both = (await ownShare("b")) + (await ownShare("a"));
  await succeed(verify, "--dir D --drill", both);
  expect(text("D/drilled-1")).toMatch(/Z node-a node-b\n$/);
  await succeed(prune, "--dir D");
  fs.writeFileSync(at("D/lock"), "");
  const { told } = await succeed(verify, "--dir D --drill", both);
  expect(told).toMatch(/warning: the drill passed, but was not recorded: .*lock exists/);
  for (const note of [
    "",
    `${set}\n`,
    `${set} 2026-01-01T00:00:00Z\n`,
    text("D/drilled-1").slice(1),
  ]) {
    fs.rmSync(at("D/lock"), { force: true });
    put("D/drilled-1", note);
    await refuse("refused", /has not passed a drill$/, prune, "--dir D");
  }
});

test("status shows what a folder is, what is left of others, and what to do next", async () => {
  const rows = async (dir = "D") => {
    const lines = (await succeed(status, `--dir ${dir}`)).stdout.split("\n").slice(1, -1);
    return Object.fromEntries(lines.map((line) => line.split(/ {2,}/)));
  };
  expect(await rows()).toEqual({
    ...{ "last drill": "none", vault: "vault-1.wd", updates: "none" },
    "node-a": "share 1, X25519, sealed-1/node-a is here",
    "node-b": "share 2, X25519, sealed-1/node-b is here",
    ...{ "offline-1": "share 3, offline", next: expect.stringContaining("--drill") },
  });
  expect((await succeed(status, "--dir D --holders")).stdout).toBe("node-a\nnode-b\n");
  const old = JSON.parse(text("D/scheme.json")).set;
  await rotateBeside();
  await succeed(verify, "--dir D --drill @new -", await ownShare("a"));
  const after = await rows();
  expect(after["last drill"]).toMatch(/^20.*Z, with the shares of node-a, offline-1$/);
  put("D/update-2.1", "");
  put("D/update-2.10", "");
  expect((await rows())["updates"]).toBe("10, 1");
  expect(after["generation 1"]).toMatch(`set ${old}: any 2 of its 3 shares open vault-1.wd`);
  expect(after["next"]).toMatch(/^when every node has passed the check: recovery-prune/);
  fs.cpSync(at("D/vault-2.wd"), at("E/vault-2.wd"));
  fs.rmSync(at("E/sealed-1"), { recursive: true });
  put("E/lock", "");
  const { stdout } = await succeed(status, "--dir @E --json");
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ set: old, generation: 1, k: 2, n: 3, vault: true, drill: null, locked: true },
    holders: [{ name: "node-a", index: 1, key: "X25519", here: false }, {}, { key: null }],
    others: [{ generation: 2, vault: true }],
    next: [/^see lock/, /^find out which set/, /--drill/].map((words) =>
      expect.stringMatching(words),
    ),
  });
});

test("prune --key is content with a folder that has the vault and the node's own share", async () => {
  await rotateBeside();
  await succeed(verify, "--dir D --drill @new -", await ownShare("a"));
  fs.rmSync(at("D/sealed-2/node-b"));
  await refuse("io", /^missing: node-b /, prune, "--dir D");
  fs.renameSync(at("D/vault-2.wd"), at("kept"));
  await refuse("io", /^missing: .*vault-2\.wd$/, prune, "--dir D --key @a.key");
  fs.renameSync(at("kept"), at("D/vault-2.wd"));
  const { told } = await succeed(prune, "--dir D --key @a.key");
  expect(told).toMatch(/removed .*vault-1\.wd/);
});

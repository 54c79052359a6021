/**
 * What may have become of a scheme's folder, by accident or by somebody who may write there and knows no
 * secret: every command that reads it says so, changes nothing and tells no secret. Every field of
 * scheme.json is changed in test/scheme/scheme.test.ts.
 */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import { dirname } from "node:path";
import type { Command } from "../../lib/cli/command.ts";
import { type ErrorCode, RecoveryError } from "../../lib/core/errors.ts";
import * as prune from "../../scripts/recovery-prune.ts";
import * as reconstruct from "../../scripts/recovery-reconstruct.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import { changes, findLeak, snapshot } from "../e2e/evidence.ts";
import { nth, sample, utf8 } from "../oracle/bytes.ts";
import { makeScheme, schemeText, sha256, tagOfScheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { bend, makeSet, parseShare, shareLine } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { closeVault } from "../oracle/vault.ts";
import { at, attempt, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

afterAll(removeFolders);

const nodes = { "node-a": makeKey("node-a"), "node-b": makeKey("node-b") };
const plaintext = utf8("keys of the fleet,\0 and a newline\n");
const made = makeScheme({ nodes, plaintext });
const { scheme, master, lines } = made;
const other = makeScheme({ nodes, plaintext, seed: "other" });
const later = makeScheme({ nodes, plaintext, seed: "later", generation: 2 });
const old = sample("last year's secrets", 40);
const vault = made.files.get("vault-1.wd") as Uint8Array;
const secrets = [...lines, master, plaintext, old];
const sealedA = Buffer.from(made.files.get("sealed-1/node-a") ?? "").toString();

function lay({ files }: { files: Map<string, Uint8Array> }): void {
  for (const [name, bytes] of files) {
    fs.mkdirSync(dirname(at(`D/${name}`)), { recursive: true, mode: 0o700 });
    put(`D/${name}`, bytes);
  }
}

beforeEach(() => {
  enterFolder();
  lay(made);
  put("shares", lines.slice(0, 2).join("\n"));
  put("new", "new secrets");
  put("c.pub", makeKey("node-c").publicLine);
});

const remove = (name: string) => fs.rmSync(at(name), { recursive: true });
const move = (from: string, to: string) => fs.renameSync(at(from), at(to));
const folder = (name: string) => fs.mkdirSync(at(name));
const link = (to: string, name: string) => fs.symlinkSync(to, at(name));
const pipe = (name: string) => {
  fs.rmSync(at(name), { force: true });
  Bun.spawnSync(["mkfifo", at(name)]);
};
/** Puts scheme.json with some fields changed, and the tag that it had or another. */
function alter(change: object, tag = tagOfScheme(scheme, master)): void {
  put("D/scheme.json", schemeText({ ...scheme, ...change }, tag));
}
const alterHolder = (change: object) => {
  const [one, ...rest] = scheme.holders;
  alter({ holders: [{ ...one, ...change }, ...rest] });
};
const flip = (digits: string) => (digits.startsWith("0") ? "1" : "0") + digits.slice(1);

/** Those behind the first four do not read the vault, and "look" and "drill" alone the sealed shares. */
const commands: [Command, string][] = [
  [verify, "--dir D"],
  [verify, "--dir D --drill @shares"],
  [reconstruct, "--dir D @shares"],
  [rotate, "--dir D @shares"],
  [reconstruct, "--dir D --master -o @out @shares"],
  [rotate, "--dir D --secrets @new --holder node-b=@c.pub -o @out @shares"],
];
const statuses: Record<ErrorCode, string> = {
  ...{ io: "1", usage: "2", malformed: "3", "too-few": "4", mismatch: "5", refused: "6" },
};

/** The exit status; nothing may have changed, and no secret be told. */
async function statusOf(command: Command, line: string, stdin?: string): Promise<string> {
  const before = snapshot(at(""));
  const { run, told, stdout } = await attempt(command, line, stdin);
  const error = await run().catch((error: unknown) => error);
  if (error !== undefined && !(error instanceof RecoveryError)) throw error;
  expect(changes(before, snapshot(at("")))).toEqual([]);
  const said = [...told, stdout(), error?.message, error?.hint].join("\n");
  expect(findLeak(said, secrets)).toBeUndefined();
  return error ? statuses[error.code] : "0";
}

const theVault = "D/vault-1.wd";
const [fileA, fileB] = ["D/sealed-1/node-a", "D/sealed-1/node-b"] as const;
/** What happens, and the exit status of each command, "-" for those that need not notice. */
const faults: Record<string, [apply: () => void, statuses: string]> = {
  "no folder": [() => remove("D"), "111111"],
  "no scheme.json": [() => remove("D/scheme.json"), "111111"],
  "a pipe for scheme.json": [() => pipe("D/scheme.json"), "333333"],
  "no vault": [() => remove(theVault), "1111--"],
  "a folder for the vault": [
    () => {
      remove(theVault);
      folder(theVault);
    },
    "5533--",
  ],
  "a pipe for the vault": [() => pipe(theVault), "5533--"],
  "a vault with a byte more": [() => fs.appendFileSync(at(theVault), "x"), "5555--"],
  "a vault cut short": [() => fs.truncateSync(at(theVault), 100), "5555--"],
  "a vault cut in its header": [() => fs.truncateSync(at(theVault), 79), "5533--"],
  "a vault of another key": [() => put(theVault, closeVault(sample("k", 32), old)), "5555--"],
  "another vault of the same key": [() => put(theVault, closeVault(master, old)), "5555--"],
  "no sealed file of a node": [() => remove(fileA), "11----"],
  "no sealed files": [() => remove("D/sealed-1"), "11----"],
  "an empty sealed file": [() => put(fileA, ""), "55----"],
  "a sealed file with two lines": [() => put(fileA, sealedA.repeat(2)), "55----"],
  "a share that all can read": [() => put(fileA, nth(lines, 0)), "55----"],
  "two sealed files exchanged": [
    () => {
      move(fileA, "x");
      move(fileB, fileA);
      move("x", fileB);
    },
    "55----",
  ],
  "a pipe for a sealed file": [() => pipe(fileA), "55----"],
  "another k": [() => alter({ k: 3 }), "555555"],
  "another update key": [() => alter({ updateKey: flip(scheme.updateKey) }), "055555"],
  "another date": [() => alter({ created: "2027-01-02T03:04:05Z" }), "055555"],
  "an attacker's key": [() => alterHolder({ recipient: makeKey("attacker").publicLine }), "555555"],
  "another commitment": [() => alterHolder({ commitment: "0".repeat(64) }), "055555"],
  "another tag": [() => alter({}, "0".repeat(64)), "055555"],
  "another scheme's scheme.json": [
    () => put("D/scheme.json", other.files.get("scheme.json") ?? ""),
    "555555",
  ],
  "another scheme": [() => lay(other), "055555"],
  "a vault made wrong by who has the key": [
    () => {
      const damaged = vault.with(85, nth([...vault], 85) ^ 1);
      put(theVault, damaged);
      const vaultDigest = sha256(damaged);
      alter({ vaultDigest }, tagOfScheme({ ...scheme, vaultDigest }, master));
    },
    "0555--",
  ],
};

test.each(Object.entries(faults))("%s", async (_, [apply, expected]) => {
  apply();
  let found = "";
  for (const [i, [command, line]] of commands.entries()) {
    found += expected[i] === "-" ? "-" : await statusOf(command, line);
  }
  expect(found).toBe(expected);
});

const [one = "", two = ""] = lines;
const bent = lines.map((line) => shareLine(bend(parseShare(line))));
/** Lines on stdin, and the exit status of drill, reconstruct and rotate. */
const given: Record<string, [string[], string]> = {
  "one share twice": [[one, one], "444"],
  "all, one of them bent": [[one, two, nth(bent, 2)], "555"],
  "another scheme's": [other.lines, "555"],
  "enough, and one of another scheme": [[...lines, nth(other.lines, 0)], "555"],
  "forged under the set id": [makeSet("scheme", 2, 3, sample("forged", 32)).lines, "555"],
  "one with another n": [[one, shareLine({ ...parseShare(two), n: 4 })], "555"],
  "a mistyped one": [[one, mistype(two, 40)], "333"],
  "a sealed one": [[sealedA, two], "444"],
  "no shares": [[], "444"],
};
test.each(Object.entries(given))("shares that will not do: %s", async (_, [shares, expected]) => {
  let found = "";
  for (const [command, line] of [
    [verify, "--dir D --drill"],
    [reconstruct, "--dir D"],
    [rotate, "--dir D"],
  ] as const) {
    found += await statusOf(command, line, shares.join("\n"));
  }
  expect(found).toBe(expected);
});

/** Generation 2 in force, that has passed a drill, beside generation 1. */
function pruneable(): void {
  lay(later);
  put("D/drilled-2", `${later.scheme.set} 2026-01-02T03:04:05Z node-a offline-1\n`);
}

test("prune removes nothing where there is anything that is not the scheme's", async () => {
  pruneable();
  const cases: [name: string, apply: (name: string) => void][] = [
    ["D/sealed-1/notes", (name) => put(name, "mine")],
    ["D/sealed-1/notes", folder],
    ["D/sealed-1/link", (name) => link("node-a", name)],
    ["D/sealed-1/pipe", pipe],
    ["D/sealed-1/new", (name) => fs.copyFileSync(at("D/sealed-2/node-a"), at(name))],
    ["D/drilled-1", pipe],
    [theVault, folder],
    ["D/sealed-1", (name) => put(name, "mine")],
    ["D/sealed-1", (name) => link("../outside", name)],
  ];
  const ours = [theVault, "D/sealed-1"];
  for (const [name, apply] of cases) {
    if (ours.includes(name)) move(name, "outside");
    apply(name);
    const before = snapshot(at(""));
    await refuse("refused", new RegExp(`not part of the scheme: ${at(name)}$`), prune, "--dir D");
    expect(changes(before, snapshot(at("")))).toEqual([]);
    remove(name);
    if (ours.includes(name)) move("outside", name);
  }
  fs.copyFileSync(at(fileA), at("D/sealed-1/node-z"));
  put(fileB, "damaged");
  const strange = [
    "README",
    "vault-x.wd",
    "vault-1.wd.bak",
    "vault-1",
    "sealed-1.wd",
    "vault-01.wd",
  ];
  for (const name of strange) put(`D/${name}`, "mine");
  await succeed(prune, "--dir D");
  const kept = ["drilled-2", "scheme.json", "sealed-2", "vault-2.wd", ...strange];
  expect(fs.readdirSync(at("D")).toSorted()).toEqual(kept.toSorted());
});

test.each<[what: string, apply: () => void, status: string]>([
  ["no vault", () => remove("D/vault-2.wd"), "1"],
  ["no scheme.json", () => remove("D/scheme.json"), "1"],
  ["a changed scheme.json", () => fs.appendFileSync(at("D/scheme.json"), "x"), "3"],
  ["a pipe for the note of the drill", () => pipe("D/drilled-2"), "3"],
  ["a damaged share", () => put("D/sealed-2/node-b", "damaged"), "5"],
  ["another scheme of that number", () => lay(makeScheme({ nodes, generation: 2 })), "6"],
])("prune removes nothing where the generation in force has %s", async (_, apply, status) => {
  pruneable();
  apply();
  expect(await statusOf(prune, "--dir D")).toBe(status);
});

/** What has the name of one of a scheme's files, and is something else: it is told, and all else is done. */

import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import type { RecoveryError } from "../../lib/core/errors.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as prune from "../../scripts/recovery-prune.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as status from "../../scripts/recovery-status.ts";
import * as update from "../../scripts/recovery-update.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import * as unseal from "../../scripts/unseal.ts";
import { nodeA, nodeB } from "../e2e/fixtures.ts";
import { at, attempt, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

setDefaultTimeout(60_000); // for a busy machine

afterAll(removeFolders);

const kinds = {
  "a file": (path: string) => fs.writeFileSync(path, ""),
  "a folder": (path: string) => fs.mkdirSync(path),
  "a pipe": (path: string) => void execFileSync("mkfifo", [path]),
  "a link to nothing": (path: string) => fs.symlinkSync("/nothing/here", path),
  "a link to itself": (path: string) => fs.symlinkSync(path, path),
};
type Kind = keyof typeof kinds;

/** Puts something of this kind in the place of a file of the scheme in D. */
function place(kind: Kind, name: string): void {
  fs.rmSync(at(`D/${name}`), { recursive: true, force: true });
  kinds[kind](at(`D/${name}`));
}

/** Generation 2 of a scheme with an update, drilled, beside generation 1: in D, and a copy of it. */
beforeEach(async () => {
  enterFolder();
  for (const [name, key] of Object.entries({ a: nodeA, b: nodeB })) {
    put(`${name}.key`, key.secretLine);
    put(`${name}.pub`, key.publicLine);
  }
  const nodes = "--holder node-a=@a.pub --holder node-b=@b.pub";
  await succeed(init, `--dir D -k 2 ${nodes} -o @o --writer @w`, "first");
  const own = async () => (await succeed(unseal, "--key @a.key --dir D")).stdout;
  await succeed(update, "--dir D --writer @w", "one");
  await succeed(rotate, "--dir D -o @o2 --writer @w2 @o -", await own());
  await succeed(verify, "--dir D --drill @o2 -", await own());
  await succeed(update, "--dir D --writer @w2", "two");
  put("D/drilled-1", "");
  fs.cpSync(at("D"), at("copy"), { recursive: true });
});

function putBack(name: string): void {
  fs.rmSync(at(`D/${name}`), { recursive: true });
  fs.cpSync(at(`copy/${name}`), at(`D/${name}`), { recursive: true });
}

const oldNames = ["drilled-1", "sealed-1", "update-1.1", "vault-1.1.wd", "vault-1.wd"];

test("recovery-status names each as what does not belong there, and tells all else", async () => {
  const names = [...oldNames, "drilled-2", "sealed-9", "update-2.9", "vault-2.wd", "vault-7.wd"];
  const said = async (line: string) => (await succeed(status, `--dir D${line}`)).stdout;
  expect(JSON.parse(await said(" --json")).strays).toEqual([]);
  for (const kind of Object.keys(kinds) as Kind[]) {
    const right = (name: string) => kind === (name.startsWith("sealed-") ? "a folder" : "a file");
    const strays = names.filter((name) => !right(name)).sort();
    for (const name of names) place(kind, name);
    const text = await said("");
    const rows = strays.map((name) => `${name.padEnd(12)}  does not belong here: move it away\n`);
    expect(text).toContain(rows.join(""));
    expect(text).toContain("sealed-2/node-b is here\n");
    const { strays: found, others, vault } = JSON.parse(await said(" --json"));
    expect([kind, found]).toEqual([kind, strays]);
    expect(vault).toBe(kind === "a file");
    if (kind !== "a file" && kind !== "a folder") expect(others).toEqual([]);
  }
  place("a file", "sealed-2");
  expect(await said("")).toContain("sealed-2/node-b is not here\n");
});

/** What recovery-verify reports of each, and how it ends. */
async function report(line = "--dir D"): Promise<{ rows: string; failure: RecoveryError }> {
  const { run, stdout } = await attempt(verify, line);
  const failure = await run().catch((error: RecoveryError) => error);
  return { rows: stdout(), failure: failure as RecoveryError };
}

test("recovery-verify reports what is wrong with one file, and all others beside it", async () => {
  const parts = { vault: "vault-2.wd", "node-a": "sealed-2/node-a", "update 1": "update-2.1" };
  for (const [part, name] of Object.entries({ ...parts, "update 1 ": "vault-2.1.wd" })) {
    for (const kind of Object.keys(kinds) as Kind[]) {
      place(kind, name);
      const { rows, failure } = await report();
      const isMissing = kind.startsWith("a link");
      const verdict = isMissing ? "missing: cannot read" : "bad: ";
      for (const other of ["vault", "node-a", "node-b", "update 1"]) {
        const says = other === part.trim() ? verdict : "good: ";
        const row = new RegExp(`^${other} +${says}`, "m").exec(rows)?.[0] ?? rows;
        expect([kind, name, row]).toEqual([kind, name, expect.stringContaining(says)]);
      }
      expect([kind, name, failure.code]).toEqual([kind, name, isMissing ? "io" : "mismatch"]);
      putBack(name);
    }
  }
  place("a link to itself", "update-2.1");
  place("a file", "sealed-2/node-a");
  const { rows, failure } = await report("--dir D --max-age 1");
  expect(rows).toMatch(/^update 1 +missing: cannot read \S+: too many symbolic links/m);
  expect(rows).toMatch(/^age +bad: the time of the newest update is unknown/m);
  expect([failure.code, failure.message]).toEqual([
    "mismatch",
    expect.stringMatching(/^bad: node-a/),
  ]);
});

test("recovery-prune removes nothing where something else has an old name", async () => {
  for (const name of [...oldNames, "sealed-1/node-a"]) {
    for (const kind of ["a pipe", "a link to itself"] as const) {
      place(kind, name);
      const before = fs.readdirSync(at("D"));
      const words = new RegExp(`^not part of the scheme: \\S+/${name}$`);
      await refuse("refused", words, prune, "--dir D");
      expect(fs.readdirSync(at("D"))).toEqual(before);
      putBack(name);
    }
  }
});

test("recovery-update --keep leaves a folder that has an update's name, and removes the others", async () => {
  place("a folder", "vault-2.1.wd");
  place("a folder", "update-2.2");
  await succeed(update, "--dir D --writer @w2 --keep 1", "three");
  const left = fs.readdirSync(at("D")).filter((name) => /-2\.\d/.test(name));
  expect(left.sort()).toEqual(["update-2.2", "update-2.3", "vault-2.1.wd", "vault-2.3.wd"]);
});

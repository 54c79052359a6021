/** The outcomes that SPEC, "Errors and exit status", gives in a table, and the order of the others. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import type { Command } from "../../lib/cli/command.ts";
import type { ErrorCode } from "../../lib/core/errors.ts";
import * as combine from "../../scripts/combine.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as prune from "../../scripts/recovery-prune.ts";
import * as reconstruct from "../../scripts/recovery-reconstruct.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import * as seal from "../../scripts/seal.ts";
import * as split from "../../scripts/split.ts";
import * as unseal from "../../scripts/unseal.ts";
import * as vaultClose from "../../scripts/vault-close.ts";
import * as vaultOpen from "../../scripts/vault-open.ts";
import { expectFailure } from "../core/helpers.ts";
import { nodeA, nodeB, nodeC, pick, twoOfThree, vault } from "../e2e/fixtures.ts";
import { at, attempt, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

afterAll(removeFolders);

const nodes = "--holder a=@a.pub --holder b=@b.pub";
const shares = pick(twoOfThree.lines, 1, 2);

/** A scheme in D, with its offline share in `o` and a's in `s`. */
beforeEach(async () => {
  enterFolder();
  for (const [name, key] of Object.entries({ a: nodeA, b: nodeB, c: nodeC })) {
    put(`${name}.key`, key.secretLine);
    put(`${name}.pub`, key.publicLine);
  }
  put("empty", "");
  put("secrets", "secrets");
  put("v.wd", vault);
  await succeed(init, `--dir D -k 2 ${nodes} --secrets @secrets -o @o`);
  put("s", (await succeed(unseal, "--key @a.key --dir D")).stdout);
});

test("counts, lengths and keys that do not fit", async () => {
  const cases: [ErrorCode, Command, line: string, stdin?: string][] = [
    ["malformed", vaultOpen, "@v.wd", "k".repeat(31)],
    ["malformed", vaultOpen, "@v.wd", "k".repeat(33)],
    ["malformed", split, "-k 2 -n 3", ""],
    ["malformed", vaultClose, "-o @new.wd", ""],
    ["malformed", init, `--dir @E -k 2 ${nodes} --secrets @empty -o @new`],
    ["malformed", rotate, "--dir D --secrets @empty -o @new @o @s"],
    ["usage", seal, "@a.pub", shares],
    ["usage", seal, "@a.pub @b.pub -", shares],
    ["usage", split, "-k 4 -n 3", "secret"],
    ["usage", init, `--dir @E -k 4 ${nodes} -o @new`],
    ["usage", init, "--dir @E -k 2 --holder A=@a.pub -o @new"],
    ["refused", seal, "@a.pub @a.pub", shares],
    ["refused", init, "--dir @E -k 2 --holder a=@a.pub --holder b=@a.pub -o @new"],
    ["refused", init, `--dir D -k 2 ${nodes} --secrets @secrets -o @new`],
    ["refused", prune, "--dir D"],
    ["too-few", combine, "-", "# nothing\n"],
    ["malformed", unseal, "--key @a.key", "# nothing\n"],
  ];
  for (const [code, command, line, stdin] of cases) await refuse(code, /./, command, line, stdin);
});

test("a lock, newer files and the last generation are in the way of a change", async () => {
  const change = "--dir D -o @new @o @s";
  put("D/vault-2.wd", "");
  await refuse("refused", /generation 2/, rotate, change);
  fs.renameSync(at("D/vault-2.wd"), at("D/vault-999999.wd"));
  const { set } = JSON.parse(fs.readFileSync(at("D/scheme.json"), "utf8"));
  await refuse("refused", /999999/, rotate, `${change} --expect-set ${set}`);
  fs.rmSync(at("D/vault-999999.wd"));
  put("D/lock", "");
  await refuse("refused", /lock/, rotate, change);
  await refuse("refused", /lock/, prune, "--dir D");
});

test("scheme.json comes first, then the shares, then the files; bad before missing", async () => {
  const foreign = shares.split("\n")[0] as string;
  const dealt = fs.readFileSync(at("s"), "utf8");
  const drill = async (code: ErrorCode, stdin: string) => {
    for (const [command, line] of [
      [verify, "--dir D --drill"],
      [reconstruct, "--dir D"],
    ] as const) {
      await refuse(code, /./, command, line, stdin);
    }
  };
  fs.rmSync(at("D/vault-1.wd"));
  await drill("mismatch", foreign); // alone too few, but of another set
  await drill("too-few", dealt);
  const missing = await attempt(verify, "--dir D");
  await expectFailure("io", /^missing: vault/, missing.run);
  expect(missing.stdout()).toMatch(/^vault +missing: .*\nfaults found\n$/ms);
  await succeed(verify, "--dir D --key @a.key");
  await refuse("mismatch", /^no holder/, verify, "--dir D --key @c.key");
  put("D/sealed-1/b", "x");
  const bad = await attempt(verify, "--dir D");
  await expectFailure("mismatch", /^bad: b/, bad.run);
  put("D/scheme.json", "{}");
  await drill("malformed", foreign);
  fs.rmSync(at("D/scheme.json"));
  await drill("io", foreign);
});

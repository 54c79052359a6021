/** The recovery commands in process, on real folders. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import * as keygen from "../../scripts/keygen.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as unseal from "../../scripts/unseal.ts";
import { at, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

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

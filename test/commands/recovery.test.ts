/** The recovery commands in process, on real folders. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import * as keygen from "../../scripts/keygen.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as unseal from "../../scripts/unseal.ts";
import { at, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

afterAll(removeFolders);

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

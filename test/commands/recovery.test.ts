/** The recovery commands in process, on real folders. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "../../lib/cli/arguments.ts";
import type { Command } from "../../lib/cli/command.ts";
import { openIo } from "../../lib/cli/io.ts";
import type { ErrorCode } from "../../lib/core/errors.ts";
import * as keygen from "../../scripts/keygen.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as unseal from "../../scripts/unseal.ts";
import { expectFailure } from "../core/helpers.ts";
import { fakeIo } from "./fake-io.ts";

const top = fs.mkdtempSync(join(tmpdir(), "worstday-recovery-"));
afterAll(() => fs.rmSync(top, { recursive: true }));

let count = 0;
let home = "";
const at = (name: string) => join(home, name);
const put = (name: string, content: string | Uint8Array) =>
  fs.writeFileSync(at(name), content, { mode: 0o600 });

/** Runs a command line, in which D is the scheme's folder and @NAME a file; what it says and writes. */
async function attempt(command: Command, line: string, stdin = "") {
  const argv = line
    .split(" ")
    .map((word) => word.replace(/(^|=)@/, `$1${home}/`).replace(/^D$/, at("D")));
  const real = openIo();
  const fake = fakeIo({ files: { stdin: Buffer.from(stdin) } });
  const io = {
    ...fake.io,
    open: (file?: string, options?: object) =>
      file === undefined || file === "-" ? fake.io.open(file) : real.io.open(file, options),
    read: (file?: string, options?: object) =>
      file === undefined || file === "-" ? fake.io.read(file) : real.io.read(file, options),
  };
  const run = async () => {
    try {
      await command.run((await parse(command.manual.args, argv)) as never, io);
    } finally {
      real.end();
      for (const [name, bytes] of Object.entries(fake.created()))
        fs.writeFileSync(name, bytes, { mode: 0o600 });
    }
  };
  return { run, told: fake.told, stdout: () => Buffer.from(fake.stdout()).toString() };
}

async function succeed(command: Command, line: string, stdin?: string) {
  const { run, told, stdout } = await attempt(command, line, stdin);
  await run();
  return { told: told.join("\n"), stdout: stdout() };
}

async function refuse(
  code: ErrorCode,
  words: RegExp,
  command: Command,
  line: string,
  stdin?: string,
) {
  const { run, stdout } = await attempt(command, line, stdin);
  const failure = await expectFailure(code, words, run);
  expect(stdout()).toBe("");
  return failure;
}

/** A scheme of node-a, node-b and an offline share: its folder D, its keys, and the shares a, b, o. */
beforeEach(async () => {
  home = join(top, `${count++}`);
  fs.mkdirSync(home);
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
  await refuse("usage", /^--dir takes no names/, unseal, "--key @a.key --dir D @o");
  fs.copyFileSync(at("D/sealed-1/node-b"), at("D/sealed-1/node-a"));
  await refuse("mismatch", /sealed-1\/node-a: it is share 2/, unseal, "--key @a.key --dir D");
});

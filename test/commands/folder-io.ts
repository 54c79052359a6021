/** Commands in process, on a real folder that is new for each test. */

import { expect } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "../../lib/cli/arguments.ts";
import type { Command } from "../../lib/cli/command.ts";
import { type Io, openIo } from "../../lib/cli/io.ts";
import type { ErrorCode } from "../../lib/core/errors.ts";
import { expectFailure } from "../core/helpers.ts";
import { fakeIo } from "./fake-io.ts";

const folders: string[] = [];

/** A new folder, for all that follows. */
export function enterFolder(): void {
  folders.push(fs.mkdtempSync(join(tmpdir(), "worstday-commands-")));
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true });
}

export const at = (name: string) => join(folders.at(-1) ?? "", name);
export const put = (name: string, content: string | Uint8Array) =>
  fs.writeFileSync(at(name), content, { mode: 0o600 });

/** Runs a command line, in which D is the scheme's folder and @NAME a file; what it says and writes. */
export async function attempt(
  command: Command,
  line: string,
  stdin: string | Uint8Array = "",
  more: Partial<Io> = {},
) {
  const argv = line
    .split(" ")
    .filter(Boolean)
    .map((word) => word.replace(/(^|=)@/, `$1${at("/")}`).replace(/^D$/, at("D")));
  const real = openIo();
  const fake = fakeIo({ files: { stdin: Buffer.from(stdin) } });
  const io = {
    ...fake.io,
    open: (file?: string, options?: object) =>
      file === undefined || file === "-" ? fake.io.open(file) : real.io.open(file, options),
    read: (file?: string, options?: object) =>
      file === undefined || file === "-" ? fake.io.read(file) : real.io.read(file, options),
    ...more,
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
  const output = () => new Uint8Array(fake.stdout());
  return { run, told: fake.told, output, stdout: () => Buffer.from(output()).toString() };
}

export async function succeed(command: Command, line: string, stdin?: string | Uint8Array) {
  const { run, told, stdout } = await attempt(command, line, stdin);
  await run();
  return { told: told.join("\n"), stdout: stdout() };
}

export async function refuse(
  code: ErrorCode,
  words: RegExp,
  command: Command,
  line: string,
  stdin?: string | Uint8Array,
) {
  const { run, stdout } = await attempt(command, line, stdin);
  const failure = await expectFailure(code, words, run);
  expect(stdout()).toBe("");
  return failure;
}

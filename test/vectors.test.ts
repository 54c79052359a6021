/** Every vector in test/vectors, against dist/, and with WORSTDAY_MATRIX=1 against the sources. */

import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, root } from "../scripts/dev/project.ts";

interface VectorFile {
  about: string;
  command: [string, ...string[]];
  stdin: string;
  files: Record<string, string>;
  error?: keyof typeof exitCodes;
  stdout?: string;
}

const exitCodes = { io: 1, usage: 2, malformed: 3, "too-few": 4, mismatch: 5, refused: 6 };

const source = (name: string) => [process.execPath, join(root, "scripts", `${name}.ts`)];
const dist = (name: string) => [join(bin, name)];
const { BUN_BE_BUN, WORSTDAY_MATRIX } = process.env;
const targets: Record<string, typeof source> = {
  ...(WORSTDAY_MATRIX === undefined ? {} : { source }),
  // On the static runtime the sources only: the run on Bun has tried the executables.
  ...(BUN_BE_BUN === undefined ? { dist } : {}),
};

for (const file of readdirSync(join(root, "test/vectors"))) {
  if (!file.endsWith(".json")) continue;
  const vector: VectorFile = JSON.parse(readFileSync(join(root, "test/vectors", file), "utf8"));
  for (const [target, programOf] of Object.entries(targets)) {
    test(`${file}, ${target}: ${vector.about}`, () => check(vector, programOf));
  }
}

function check(vector: VectorFile, programOf: (name: string) => string[]): void {
  const [name, ...flags] = vector.command;
  const cwd = mkdtempSync(join(tmpdir(), "worstday-vector-"));
  for (const [path, content] of Object.entries(vector.files)) {
    writeFileSync(join(cwd, path), bytesOf(content), { mode: 0o600 });
  }
  const { exitCode, stdout, stderr } = Bun.spawnSync([...programOf(name), ...flags], {
    cwd,
    stdin: bytesOf(vector.stdin),
    stderr: "pipe",
  });
  expect(exitCode).toBe(vector.error ? exitCodes[vector.error] : 0);
  expect(new Uint8Array(stdout)).toEqual(bytesOf(vector.stdout ?? ""));
  const errors = stderr.toString().match(new RegExp(`^${name}: error: .+$`, "gm")) ?? [];
  expect(errors).toHaveLength(vector.error ? 1 : 0);
  expect(readdirSync(cwd).sort()).toEqual(Object.keys(vector.files).sort());
  rmSync(cwd, { recursive: true });
}

function bytesOf(content: string): Uint8Array<ArrayBuffer> {
  if (content.startsWith("hex:")) return Uint8Array.fromHex(content.slice(4));
  return new TextEncoder().encode(content);
}

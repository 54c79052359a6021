/** The cases of test/vectors, read and run; scripts/dev/vectors.ts writes them and says what they hold. */

import { expect } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../scripts/dev/project.ts";

export interface VectorFile {
  name: string;
  about: string;
  command: [string, ...string[]];
  stdin: Uint8Array;
  files: Record<string, Uint8Array>;
  status: number;
  stdout: Uint8Array<ArrayBuffer>;
}

const statuses: Record<string, number> = {
  ...{ io: 1, usage: 2, malformed: 3, "too-few": 4, mismatch: 5, refused: 6 },
};

export const vectorFiles: VectorFile[] = readdirSync(join(root, "test/vectors"))
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => {
    const text = readFileSync(join(root, "test/vectors", name), "utf8");
    const { about, command, stdin, files, error, stdout = "" } = JSON.parse(text);
    const entries = Object.entries(files as Record<string, string>);
    return {
      ...{ name, about, command, stdin: bytesOf(stdin), stdout: bytesOf(stdout) },
      files: Object.fromEntries(entries.map(([path, content]) => [path, bytesOf(content)])),
      status: error === undefined ? 0 : (statuses[error] as number),
    };
  });

function bytesOf(content: string): Uint8Array<ArrayBuffer> {
  if (content.startsWith("hex:")) return Uint8Array.fromHex(content.slice(4));
  return new TextEncoder().encode(content);
}

/** Runs a program on a vector, which it must come out as; what it says on stderr. */
export function checkVector({ files, ...vector }: VectorFile, program: string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), "worstday-vector-"));
  for (const [path, bytes] of Object.entries(files)) {
    writeFileSync(join(cwd, path), bytes, { mode: 0o600 });
  }
  const command = [...program, ...vector.command.slice(1)];
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    ...{ cwd, stdin: Buffer.from(vector.stdin), stderr: "pipe" },
  });
  expect([exitCode, new Uint8Array(stdout)]).toEqual([vector.status, vector.stdout]);
  expect(readdirSync(cwd).sort()).toEqual(Object.keys(files).sort());
  rmSync(cwd, { recursive: true });
  return stderr.toString();
}

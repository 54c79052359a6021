/**
 * The cases of test/vectors: a command with its arguments, stdin and files (as text, or as `hex:…`), and
 * what must come of it: an error code and nothing on stdout, or these bytes. Each has one fault at most.
 */

import { readdirSync, readFileSync } from "node:fs";
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

export const statuses: Record<string, number> = {
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

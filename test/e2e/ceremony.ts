// Schemes in sandboxes: laid out by the oracle, or made by a command and audited by the oracle.

import { expect } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { auditScheme, type Made, makeScheme } from "../oracle/scheme.ts";
import { makeKey, type NodeKey } from "../oracle/sealed.ts";
import type { Sandbox } from "./harness.ts";

export const plaintext = new TextEncoder().encode("keys of the fleet,\0 and a newline\n");
export const twoNodes = { "node-a": makeKey("node-a"), "node-b": makeKey("node-b") };
const made = makeScheme({ nodes: twoNodes, plaintext });
const holders = "--holder node-a=node-a.pub --holder node-b=node-b.pub";
export const init = `./recovery-init --dir D -k 2 ${holders}`;
export const rotate = "./recovery-rotate --dir D";

/** Keys of three nodes and something to keep. */
export function prepare({ file }: Sandbox): void {
  for (const [name, key] of Object.entries({ ...twoNodes, "node-c": makeKey("node-c") })) {
    file(`${name}.key`, `${key.secretLine}\n`);
    file(`${name}.pub`, `${key.publicLine}\n`);
  }
  file("in.plain", plaintext);
}

/** Lays a scheme out as a directory, as a command leaves it. */
export function lay(sandbox: Sandbox, made: Made, dir = "D"): void {
  for (const [name, bytes] of made.files) put(sandbox, join(dir, name), bytes);
}

/** Writes a file, and directories on the way to it that are nobody else's business. */
export function put({ dir }: Sandbox, name: string, bytes: string | Uint8Array): void {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, bytes);
  chmodSync(path, 0o600);
}

/** A scheme of two nodes and one offline share, laid out in D, its shares in files of their own. */
export function twoOfThree(sandbox: Sandbox): Made {
  const { file } = sandbox;
  prepare(sandbox);
  lay(sandbox, made);
  made.lines.forEach((line, i) => {
    file(`share-${i + 1}`, `${line}\n`);
  });
  file("shares", `${made.lines.slice(0, 2).join("\n")}\n`);
  file("offline", `${made.offline[0]}\n`);
  return made;
}

/** Holds D to the design, with the offline shares that a command printed, and nothing else. */
export function audit({ dir }: Sandbox, printed: string, more: Record<string, NodeKey> = {}) {
  expect(printed).toMatch(/^(wdshare1[02-9ac-hj-np-z]+\n)*$/);
  const read = (name: string) => new Uint8Array(readFileSync(join(dir, "D", name)));
  return auditScheme(read, { ...twoNodes, ...more }, printed.split("\n").slice(0, -1));
}

/** D and everything in it, as `MODE NAME`, sorted by name. */
export async function listing({ dir }: Sandbox): Promise<string[]> {
  const names = readdirSync(join(dir, "D"), { recursive: true, encoding: "utf8" });
  return [".", ...names].toSorted().map((name) => {
    return `${(statSync(join(dir, "D", name)).mode & 0o7777).toString(8)} ${name}`;
  });
}

/** What a directory with two nodes' sealed shares has in it. */
export function expectedListing(...generations: number[]): string[] {
  const names = generations.flatMap((g) => [
    ...[`700 sealed-${g}`, `600 sealed-${g}/node-a`, `600 sealed-${g}/node-b`],
    `600 vault-${g}.wd`,
  ]);
  return [...names, "600 scheme.json"].toSorted((a, b) => (a.slice(4) < b.slice(4) ? -1 : 1));
}

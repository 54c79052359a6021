// Schemes in sandboxes: laid out by the oracle, or made by a command and audited by the oracle.

import { expect } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { auditScheme, type Made, makeScheme, type Plan } from "../oracle/scheme.ts";
import { makeKey, type NodeKey } from "../oracle/sealed.ts";
import { changes, findLeak, secretsIn, snapshot } from "./evidence.ts";
import { messages, type Result, type Sandbox } from "./harness.ts";

export const plaintext = new TextEncoder().encode("keys of the fleet,\0 and a newline\n");
const nodeNames = ["node-a", "node-b", "node-c", "node-d"];
export const keys: Record<string, NodeKey> = Object.fromEntries(
  nodeNames.map((name) => [name, makeKey(name)]),
);
export const twoNodes = { "node-a": makeKey("node-a"), "node-b": makeKey("node-b") };
export const holders = "--holder node-a=node-a.pub --holder node-b=node-b.pub";
export const init = `./recovery-init --dir D -k 2 ${holders}`;
export const rotate = "./recovery-rotate --dir D";
export const prune = "./recovery-prune --dir D";

/** Keys of four nodes and something to keep. */
export function prepare({ file }: Sandbox): void {
  for (const [name, key] of Object.entries(keys)) {
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
  for (const above of [dirname(dirname(path)), dirname(path)]) {
    if (!existsSync(above)) mkdirSync(above, { mode: 0o700 });
  }
  writeFileSync(path, bytes);
  chmodSync(path, 0o600);
}

/** A scheme of two nodes and one offline share, laid out in D, its shares in files of their own. */
export function twoOfThree(sandbox: Sandbox, plan: Partial<Plan> = {}): Made {
  const { file } = sandbox;
  prepare(sandbox);
  const made = makeScheme({ nodes: twoNodes, plaintext, ...plan });
  lay(sandbox, made);
  made.lines.forEach((line, i) => {
    file(`share-${i + 1}`, `${line}\n`);
  });
  file("shares", `${made.lines.slice(0, made.scheme.k).join("\n")}\n`);
  file("offline", made.offline.map((line) => `${line}\n`).join(""));
  return made;
}

/** What a command printed, as share lines and nothing else. */
export function shareLines(text: string): string[] {
  if (text !== "") expect(text).toMatch(/^(wdshare1[02-9ac-hj-np-z]+\n)+$/);
  return text.split("\n").slice(0, -1);
}

/** Holds a directory to the design, with the offline shares that were printed. */
export function audit(
  sandbox: Sandbox,
  printed: string,
  dir = "D",
  more: Record<string, NodeKey> = {},
) {
  const read = (name: string) => new Uint8Array(readFileSync(join(sandbox.dir, dir, name)));
  return auditScheme(read, { ...keys, ...more }, shareLines(printed));
}

/** Everything in a directory, as `MODE NAME`, sorted by name. */
export async function listing(sandbox: Sandbox, dir = "D"): Promise<string[]> {
  const names = await readdir(join(sandbox.dir, dir), { recursive: true });
  return names.toSorted().map((name) => {
    return `${(statSync(join(sandbox.dir, dir, name)).mode & 0o7777).toString(8)} ${name}`;
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

/** Runs a command that gives a verdict: nothing may change, and no secret be told anywhere. */
export async function judge({ dir, run }: Sandbox, script: string, code: number): Promise<Result> {
  const secrets = secretsIn(dir);
  const before = snapshot(dir);
  const result = await run(script);
  expect(result.code, `${script}\n${result.text}${result.stderr}`).toBe(code);
  messages(result.stderr);
  expect(result.stderr).not.toMatch(/a bug in worstday/);
  expect(findLeak(result.text + result.stderr, secrets), `a secret told by ${script}`).toBe(
    undefined,
  );
  expect(changes(before, snapshot(dir)), `changed by ${script}`).toEqual([]);
  return result;
}

/** The plaintext by way of the pipe commands, from sealed lines of a generation and share files. */
export function byPipes(generation: number, nodes: string[], shares = "", dir = "D"): string {
  const sealed = nodes.map((name) => `${dir}/sealed-${generation}/${name}`).join(" ");
  const unseal = nodes.map((name) => `--key ${name}.key`).join(" ");
  const opened = nodes.length > 0 ? `./unseal ${unseal} ${sealed} ${shares}` : `cat ${shares}`;
  return `${opened} | ./combine | ./vault-open ${dir}/vault-${generation}.wd`;
}

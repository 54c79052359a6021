/** Valid inputs to begin with: those of the vectors, and others that the oracle makes. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { master, nodeA, nodeB, otherMaster, sealed, sshA, twoOfThree } from "../e2e/fixtures.ts";
import { concat, hash, hex, sample, utf8 } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { closeVault, keyId } from "../oracle/vault.ts";

/** A vector that succeeds. */
export interface ValidVector {
  name: string;
  command: [string, ...string[]];
  stdin: Uint8Array;
  files: Record<string, Uint8Array>;
  stdout: Uint8Array;
}

const folder = join(import.meta.dir, "../vectors");

export const validVectors: ValidVector[] = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => ({ name, ...JSON.parse(readFileSync(join(folder, name), "utf8")) }))
  .filter(({ error }) => error === undefined)
  .map(({ name, command, stdin, files, stdout }) => {
    const entries = Object.entries(files as Record<string, string>);
    const bytes = Object.fromEntries(entries.map(([path, text]) => [path, bytesOf(text)]));
    return { name, command, stdin: bytesOf(stdin), files: bytes, stdout: bytesOf(stdout) };
  });

function bytesOf(content: string): Uint8Array {
  return content.startsWith("hex:") ? Uint8Array.fromHex(content.slice(4)) : utf8(content);
}

/** What the valid vectors of a command give it on stdin. */
export function stdinsOf(command: string): Uint8Array[] {
  return validVectors.filter((vector) => vector.command[0] === command).map(({ stdin }) => stdin);
}

const [first = "", second = ""] = twoOfThree.lines;
const short = makeSet("short", 2, 2, Uint8Array.of(0x2a)).lines[0] ?? "";
const long = makeSet("long", 3, 255, sample("long", 256)).lines[254] ?? "";

export const shareTokens = [first, second, first.toUpperCase(), short, long].map(utf8);
export const sealedTokens = [sealed(first, nodeA), sealed(short, nodeA), sealed(long, nodeA)].map(
  utf8,
);
export const publicTokens = [nodeA.publicLine, nodeB.publicLine.toUpperCase()].map(utf8);
export const privateTokens = [nodeA.secretLine, nodeB.secretLine.toUpperCase()].map(utf8);

export const sshLine = utf8(`${sshA.publicLine}\n`);
export const sshFile = utf8(sshA.privateFile);
export const publicFiles = [
  sshLine,
  utf8(`# node-a\n\n${nodeA.publicLine} rack 3, (since 2026) \u00e9\n`),
  utf8(`\u{feff}# node-b\r\n${nodeB.publicLine.toUpperCase()}\r\n`),
];
export const privateFiles = [sshFile, utf8(`# ${nodeA.publicLine}\n${nodeA.secretLine}\n`)];

export const vaults = [
  closeVault(master, utf8("the secrets that open everything else\n")),
  closeVault(master, new Uint8Array(0), "empty"),
  closeVault(otherMaster, utf8("another")),
];

/** The fields of a scheme.json in their order, each as it is written; the tag is not among them. */
export const schemeFields: [name: string, json: string][] = [
  ["version", "1"],
  ["set", JSON.stringify(twoOfThree.id)],
  ["generation", "1"],
  ["k", "2"],
  ["n", "3"],
  ["keyId", JSON.stringify(hex(keyId(master)))],
  ["vault", '"vault-1.wd"'],
  ["vaultDigest", JSON.stringify("0".repeat(64))],
  ["created", '"2026-01-01T00:00:00Z"'],
  [
    "holders",
    JSON.stringify(
      [nodeA.publicLine, nodeB.publicLine, "offline"].map((recipient, i) => {
        const name = ["node-a", "node-b", "offline-1"][i];
        const commitment = hex(hash("worstday commit", 32, utf8(twoOfThree.lines[i] ?? "")));
        return { name, index: i + 1, recipient, commitment };
      }),
    ),
  ],
];

/** A scheme.json of these fields, and its tag under the master key. */
export function schemeOf(fields: [name: string, json: string][]): Uint8Array {
  const text = fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",");
  const tag = hash("worstday scheme", 32, utf8(`{${text}}\n`), master);
  return concat(utf8(`{${text},"tag":"${hex(tag)}"}\n`));
}

export const scheme = schemeOf(schemeFields);

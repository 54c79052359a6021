/** Valid inputs to begin with, of the vectors and of the oracle; and commands that read them. */

import { parse } from "../../lib/cli/arguments.ts";
import type { Command } from "../../lib/cli/command.ts";
import { fakeIo } from "../commands/fake-io.ts";
import { master, nodeA, nodeB, otherMaster, sealed, sshA, twoOfThree } from "../e2e/fixtures.ts";
import { concat, hash, hex, sample, utf8 } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { closeVault, keyId } from "../oracle/vault.ts";
import { vectorFiles } from "../vector-files.ts";

export const validVectors = vectorFiles.filter(({ status }) => status === 0);

/** What the valid vectors of a command give it on stdin. */
export function stdinsOf(command: string): Uint8Array[] {
  return validVectors.filter((vector) => vector.command[0] === command).map(({ stdin }) => stdin);
}

const [first = "", second = ""] = twoOfThree.lines;
const vectorOf = (wanted: string) =>
  vectorFiles.find(({ name }) => name === wanted) as (typeof vectorFiles)[number];
const hybridOf = (bytes: Uint8Array) => bytes.slice(0, -1); // without its newline
export const hybridSealed = hybridOf(vectorOf("hybrid-opens.json").stdin);
export const hybridPrivate = hybridOf(vectorOf("hybrid-key-public.json").stdin);
export const hybridPublic = hybridOf(vectorOf("hybrid-key-public.json").stdout);
const short = makeSet("short", 2, 2, Uint8Array.of(0x2a)).lines[0] ?? "";
const long = makeSet("long", 3, 255, sample("long", 256)).lines[254] ?? "";

export const shareTokens = [first, second, first.toUpperCase(), short, long].map(utf8);
export const sealedTokens = [
  ...[first, short, long].map((line) => utf8(sealed(line, nodeA))),
  hybridSealed,
];
export const publicTokens = [
  ...[nodeA.publicLine, nodeB.publicLine.toUpperCase()].map(utf8),
  hybridPublic,
];
export const privateTokens = [
  ...[nodeA.secretLine, nodeB.secretLine.toUpperCase()].map(utf8),
  hybridPrivate,
];

export const sshLine = utf8(`${sshA.publicLine}\n`);
export const sshFile = utf8(sshA.privateFile);
export const publicFiles = [
  sshLine,
  utf8(`# node-a\n\n${nodeA.publicLine} rack 3, (since 2026) \u00e9\n`),
  utf8(`\u{feff}# node-b\r\n${nodeB.publicLine.toUpperCase()}\r\n`),
  concat(hybridPublic, utf8(" node-c\n")),
];
export const privateFiles = [sshFile, utf8(`# ${nodeA.publicLine}\n${nodeA.secretLine}\n`)];

export const vaults = [
  closeVault(master, utf8("the secrets that open everything else\n")),
  closeVault(master, new Uint8Array(0), "empty"),
  closeVault(otherMaster, utf8("another")),
];

const holders = [nodeA.publicLine, nodeB.publicLine, "offline"].map((recipient, i) => {
  const name = ["node-a", "node-b", "offline-1"][i];
  const commitment = hex(hash("worstday commit", 32, utf8(twoOfThree.lines[i] ?? "")));
  return { name, index: i + 1, recipient, commitment };
});

/** The fields of a scheme.json in their order, each as it is written; the tag is not among them. */
export const schemeFields = Object.entries({
  ...{ version: 1, set: twoOfThree.id, generation: 1, k: 2, n: 3, keyId: hex(keyId(master)) },
  ...{ vault: "vault-1.wd", vaultDigest: "0".repeat(64), created: "2026-01-01T00:00:00Z", holders },
}).map(([name, value]): [name: string, json: string] => [name, JSON.stringify(value)]);

/** A scheme.json of these fields, and its tag under the master key. */
export function schemeOf(fields: [name: string, json: string][]): Uint8Array {
  const text = fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",");
  const tag = hash("worstday scheme", 32, utf8(`{${text}}\n`), master);
  return concat(utf8(`{${text},"tag":"${hex(tag)}"}\n`));
}

export const scheme = schemeOf(schemeFields);

/** What a command in scripts/ makes of this; no folders. */
export async function runCommand(
  [name, ...argv]: [string, ...string[]],
  stdin: Uint8Array,
  files: Record<string, Uint8Array> = {},
): Promise<Uint8Array> {
  const { manual, run }: Command = await import(`../../scripts/${name}.ts`);
  const { io, stdout } = fakeIo({ files: { ...files, stdin } });
  await run((await parse(manual.args, argv)) as Parameters<typeof run>[0], io);
  return stdout();
}

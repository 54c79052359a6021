/** Valid inputs to begin with, of the vectors and of the oracle; and commands that read them. */

import { parse } from "../../lib/cli/arguments.ts";
import type { Command } from "../../lib/cli/command.ts";
import { fakeIo } from "../commands/fake-io.ts";
import { master, nodeA, nodeB, otherMaster, sealed, sshA, twoOfThree } from "../e2e/fixtures.ts";
import { concat, sample, utf8 } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { closeVault } from "../oracle/vault.ts";
import { fields, file, type Written } from "../scheme/scheme-file.ts";
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

const tokenIn = (name: string) => vectorOf(`${name}.json`).files["u"]?.slice(0, -1) as Uint8Array;
export const updateTokens = [tokenIn("update-opens")];
export const writerTokens = [tokenIn("update-is-writer")];

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

/** A scheme.json of these fields, each as it is written, and the tag that is right for them. */
export const schemeOf = (fields: Written): Uint8Array => utf8(file(fields));
export const schemeFields = fields;
export const scheme = schemeOf(fields);

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

/** Every parser, as the fuzzer and the tests execute it. */

import { parse } from "../../lib/cli/arguments.ts";
import type { Command, Flags } from "../../lib/cli/command.ts";
import { wholeNumber } from "../../lib/cli/whole-number.ts";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { closeVault, decodeHeader, openVault } from "../../lib/core/vault.ts";
import { sealBase } from "../../lib/hybrid/hpke.ts";
import { parsePrivateKeyFile } from "../../lib/pipes/private-key.ts";
import { parseRecipient, parseRecipientFile } from "../../lib/pipes/recipient.ts";
import { splitHolder } from "../../lib/scheme/holder-flags.ts";
import { decodeScheme } from "../../lib/scheme/scheme.ts";
import { decodeBase64 } from "../../lib/ssh/base64.ts";
import { decodeUpdate } from "../../lib/update/token.ts";
import { decodeWriter, encodeWriter } from "../../lib/update/writer.ts";
import { checksum } from "../../lib/wire/checksum.ts";
import {
  decodePrivateKey,
  decodePublicKey,
  encodePrivateKey,
  encodePublicKey,
} from "../../lib/wire/keys.ts";
import { readLines } from "../../lib/wire/lines.ts";
import {
  decodeSealedShare,
  encodeSealedShare,
  isSealedHybrid,
  openSealedShare,
  sealShare,
} from "../../lib/wire/sealed-share.ts";
import { decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { toCharacter, toSymbol } from "../../lib/wire/symbols.ts";
import { decodeText, encodeText, hrps } from "../../lib/wire/text.ts";
import { commandNames } from "../../scripts/dev/project.ts";
import { collect, readerOf, repeatable } from "../core/helpers.ts";
import { master, nodeA } from "../e2e/fixtures.ts";
import { boxSeal, sealedAround, sealedLine } from "../oracle/sealed.ts";
import { armor, publicLine } from "../oracle/ssh-file.ts";
import { makeHeader, sealChunk } from "../oracle/vault.ts";
import type { Layer, Target } from "./execute.ts";
import * as seeds from "./seeds.ts";

/** Ties the types of `write` to those of `read`. */
function target<T>(definition: Target<T>): Target {
  return definition as unknown as Target;
}

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
/** As the arguments of a command come in. */
const argument = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const utf8 = (argument: string): Uint8Array => new TextEncoder().encode(argument);

/** Tokens have one form but for their case. */
const lowerCase = (token: Uint8Array): Uint8Array =>
  token.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));
const itself = (input: Uint8Array): Uint8Array => input;

/** The data of tokens, with a right checksum put behind whatever becomes of it. */
function inside(hrp: (typeof hrps)[number], tokens: Uint8Array[]): Layer {
  const data = tokens.map((token) => decodeText(token).data);
  return { seeds: data, wrap: (inner) => encodeText(hrp, inner), weight: 20 };
}

/**
 * Tokens, as they are and with their last symbols made a right checksum of whatever became of them.
 * Most have to be right: else little gets past the checksum, and locating takes milliseconds.
 */
function lined(seeds: Uint8Array[]): Layer[] {
  return [{ seeds }, { seeds, wrap: makeRight, weight: 20 }];
}

const tokenPattern = /(wd(?:share|sealed|pub|key))1([02-9ac-hj-np-z]+)[02-9ac-hj-np-z]{15}/gi;

function makeRight(input: Uint8Array): Uint8Array {
  const rightToken = (token: string, hrp: string, data: string) => {
    const symbols = checksum(hrp.toLowerCase(), ascii(data).map(toSymbol));
    const end = String.fromCharCode(...symbols.map(toCharacter));
    return `${hrp}1${data}${token === token.toUpperCase() ? end.toUpperCase() : end}`;
  };
  const lines = Buffer.from(input).toString("latin1");
  return Uint8Array.from(Buffer.from(lines.replace(tokenPattern, rightToken), "latin1"));
}

/** Of one HRP: a line, and the data in it. */
function token<T>(
  hrp: (typeof hrps)[number],
  tokens: Uint8Array[],
  read: (token: Uint8Array) => T | Promise<T>,
  write: (value: T) => Uint8Array,
): Target {
  const layers = [...lined(tokens), inside(hrp, tokens)];
  return target({ name: hrp, layers, read, write, canonical: lowerCase });
}

const anyHrp: Layer = {
  seeds: seeds.shareTokens.map((token) => decodeText(token).data),
  wrap: ([first = 0, ...rest]) =>
    encodeText(hrps[first % hrps.length] as "wdpub", Uint8Array.from(rest)),
  weight: 20,
};

const tokens: Target[] = [
  target({
    name: "text",
    layers: [...lined([seeds.shareTokens, seeds.sealedTokens, seeds.publicTokens].flat()), anyHrp],
    read: decodeText,
    write: ({ hrp, data }) => encodeText(hrp, data),
    canonical: lowerCase,
  }),
  token("wdshare", seeds.shareTokens, decodeShare, encodeShare),
  token("wdsealed", seeds.sealedTokens, decodeSealedShare, encodeSealedShare),
  token("wdpub", seeds.publicTokens, decodePublicKey, encodePublicKey),
  token("wdkey", seeds.privateTokens, decodePrivateKey, encodePrivateKey),
  token("wdwriter", seeds.writerTokens, decodeWriter, encodeWriter),
  token("wdupdate", seeds.updateTokens, decodeUpdate, ({ data }) => encodeText("wdupdate", data)),
];

/** The bytes that stand in base64 in the lines of these files. */
function base64In(file: Uint8Array, pattern: RegExp): Uint8Array {
  return Uint8Array.fromBase64(pattern.exec(text(file))?.[1] ?? "");
}

const sshBlob = { seeds: [base64In(seeds.sshLine, /^ssh-ed25519 (\S+)/)], wrap: publicLine };
const sshBytes = { seeds: [base64In(seeds.sshFile, /KEY-----\n([^-]+)/)], wrap: armor };

const keys: Target[] = [
  target({
    name: "private-key-file",
    layers: [...lined(seeds.privateFiles), inside("wdkey", seeds.privateTokens), sshBytes],
    read: (input) => parsePrivateKeyFile(input, "f"),
    write: encodePrivateKey,
    spends: true,
  }),
  target({
    name: "recipient-file",
    layers: [...lined(seeds.publicFiles), inside("wdpub", seeds.publicTokens), sshBlob],
    read: (input) => parseRecipientFile(input, "f"),
    write: encodePublicKey,
    spends: true,
  }),
  target({
    name: "recipient",
    layers: [...lined([seeds.sshLine, ...seeds.publicTokens]), sshBlob],
    read: (input) => parseRecipient(argument(input)),
    write: (publicKey) => (publicKey ? encodePublicKey(publicKey) : ascii("a file's name")),
  }),
  target({
    name: "base64",
    layers: [{ seeds: ["", "AA==", "AAA=", "AAAA", "+/+/Zm9v"].map(ascii) }],
    read: decodeBase64,
    write: (bytes) => ascii(bytes.toBase64()),
    canonical: itself,
  }),
];

const sealedInside: Layer = {
  seeds: seeds.shareTokens.slice(0, 2),
  wrap: (line) => {
    const box = boxSeal(line, nodeA.public, "fuzz");
    return ascii(
      sealedLine(sealedAround(box, text(seeds.shareTokens[0] as Uint8Array), nodeA.public)),
    );
  },
};

const hybridKey = decodePrivateKey(seeds.hybridPrivate);
const hybridPublic = decodePublicKey(seeds.hybridPublic);
const hybridInside: Layer = {
  seeds: seeds.shareTokens.slice(0, 2),
  wrap: async (line) => {
    const sealed = decodeSealedShare(seeds.hybridSealed);
    const aad = decodeText(seeds.hybridSealed).data.slice(0, 20);
    const context = { info: ascii("worstday sealed share"), aad };
    return encodeSealedShare({ ...sealed, box: await sealBase(line, hybridPublic, context) });
  },
};

const files: Target[] = [
  target({
    name: "open-sealed-share",
    layers: [
      ...lined(seeds.sealedTokens),
      ...[inside("wdsealed", seeds.sealedTokens), sealedInside, hybridInside],
    ],
    read: (input) => {
      const sealed = decodeSealedShare(input);
      return openSealedShare(sealed, isSealedHybrid(sealed) ? hybridKey : nodeA.secret);
    },
    write: (share) => sealShare(share, nodeA.public, repeatable(1)),
    codes: ["malformed", "mismatch"],
  }),
  target({
    name: "vault-header",
    layers: [{ seeds: seeds.vaults }],
    read: decodeHeader,
    write: ({ keyId, salt }) => concat(ascii("worstday vault 1"), keyId, salt),
    canonical: (input) => input.subarray(0, 80),
  }),
  target({
    name: "vault",
    layers: [
      { seeds: seeds.vaults },
      { seeds: [ascii("plaintext")], wrap: (inner) => collect(close(inner)) },
      // A chunk of somebody who has the key, with any number and any flag.
      {
        seeds: [ascii("\0\x01one chunk"), ascii("\x01\0second")],
        wrap: ([number = 0, last = 0, ...rest]) => {
          const header = makeHeader(master);
          const chunk = Uint8Array.from(rest);
          return concat(header, sealChunk(master, header, chunk, number, last % 2 === 1));
        },
      },
    ],
    read: (input) => collect(openVault(master, readerOf(input))),
    write: (plaintext) => collect(close(plaintext)),
    codes: ["malformed", "mismatch"],
  }),
  target({
    name: "scheme",
    layers: [{ seeds: [seeds.scheme] }, { seeds: [Uint8Array.of(2, 0, 0)], wrap: editScheme }],
    read: decodeScheme,
    write: (scheme) => utf8(`${JSON.stringify(scheme)}\n`),
    canonical: itself,
  }),
];

function close(plaintext: Uint8Array) {
  return closeVault(master, readerOf(plaintext), repeatable(1));
}

const values = [
  ...["null", "true", "0", "1", "2", "3", "4", "255", "256", "-1", "1.5", "1e999", "1.0", "2e0"],
  ...['""', '"x"', "[]", "{}", '"offline"', '["x"]', '{"toString":1,"valueOf":1}', '{"length":3}'],
  ...['"2026-02-30T00:00:00Z"', '"2024-02-29T23:59:59Z"', '"vault-2.wd"'],
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
];

/** scheme.json with whole values replaced, left out, doubled or renamed, three bytes a change. */
function editScheme(changes: Uint8Array): Uint8Array {
  let fields = [...seeds.schemeFields];
  for (let i = 0; i + 2 < Math.min(changes.length, 30); i += 3) {
    const [kind = 0, place = 0, which = 0] = changes.subarray(i, i + 3);
    const at = place % fields.length;
    const [name, json] = fields[at] ?? ["", ""];
    const value = values[which % values.length] as string;
    const renamed = ["__proto__", "toJSON", "tag", "n"][which % 4] as string;
    if (kind % 8 === 0) fields.splice(at, 1);
    else if (kind % 8 === 1) fields.splice(which % fields.length, 0, [name, json]);
    else if (kind % 8 === 2) fields[at] = [renamed, json];
    else if (kind % 8 < 6) fields[at] = [name, value];
    else fields = fields.map(([name, json]) => [name, withInner(json, place % 12, value)]);
  }
  return seeds.schemeOf(fields);
}

/** The value with one of the values in it replaced. */
function withInner(json: string, place: number, value: string): string {
  let count = 0;
  return json.replace(/("\w+":)("[^"]*"|\d+)/g, (all, key) =>
    count++ === place ? key + value : all,
  );
}

const secrets = new Set(
  seeds.validVectors.filter(({ command }) => command[0] === "combine").map((v) => v.stdout.toHex()),
);

const lines: Target[] = [
  target({
    name: "lines",
    layers: [{ seeds: seeds.stdinsOf("combine") }, { seeds: seeds.publicFiles }],
    read: (input) => readLines(input, "f").map(({ token }) => token),
    write: (found) => ascii(found.map((token) => `-${text(token)}\n`).join("")), // "#" may be first
    spends: true,
  }),
  target({
    name: "combine",
    layers: lined(seeds.stdinsOf("combine")),
    read: async (input) => {
      const secret = await seeds.runCommand(["combine"], input);
      if (!secrets.has(secret.toHex())) throw new Error("another secret");
      return secret;
    },
    write: (secret) => encodeShare(deal(secret, 1, 1, repeatable(1))[0] as Share),
    codes: ["malformed", "too-few", "mismatch", "refused"],
  }),
  target({
    name: "inspect",
    layers: [
      ...lined([...seeds.privateFiles, ...seeds.publicFiles, ...seeds.vaults, seeds.scheme]),
      ...lined([...seeds.stdinsOf("combine"), ...seeds.stdinsOf("unseal")]),
    ],
    read: (input) => seeds.runCommand(["inspect"], input),
    codes: ["malformed", "mismatch"],
  }),
];

const commands = new Map<string, Command>();
for (const name of commandNames()) {
  commands.set(name, await import(`../../scripts/${name}.ts`));
}

/** Every flag of a command, long and short, and an operand; each behind a NUL as the kernel has them. */
function commandLines(args: Flags): Uint8Array[] {
  const flags = Object.entries(args);
  const long = flags.map(([name, { type }]) => {
    return type === "positional" ? "x" : `--${name}${type === "string" ? "=2" : ""}`;
  });
  const short = flags.flatMap(([, flag]) => {
    return "alias" in flag ? [`-${flag.alias}`, ...(flag.type === "string" ? ["2"] : [])] : [];
  });
  const lines = [long, [...short, "--", "-"], ["--help"], ["--version"]];
  return lines.map((words) => ascii(words.map((word) => `\0${word}`).join("")));
}

const argumentLines: Target[] = [
  target({
    name: "arguments",
    layers: [...commands].map(([name, { manual }]) => ({
      seeds: commandLines(manual.args),
      wrap: (inner) => concat(ascii(name), inner[0] === 0 ? inner : concat(ascii("\0"), inner)),
    })),
    read: async (input) => {
      const [name = "", ...argv] = argument(input).split("\0");
      return { name, values: await parse((commands.get(name) as Command).manual.args, argv) };
    },
    write: ({ name, values }) => {
      const args = (commands.get(name) as Command).manual.args;
      return utf8([name, ...argumentsFor(args, values)].join("\0"));
    },
    codes: ["usage"],
    echoes: true,
  }),
  target({
    name: "holder",
    layers: [{ seeds: ["node-a=node-a.pub", "b=ssh-ed25519 AAAA", "0.x_-=="].map(ascii) }],
    read: (input) => splitHolder(argument(input)),
    write: ({ name, key }) => utf8(`${name}=${key}`),
    canonical: (input) => utf8(argument(input)),
    codes: ["usage"],
  }),
  target({
    name: "whole-number",
    layers: [{ seeds: ["1", "255", "007", "999999"].map(ascii) }],
    read: (input) => wholeNumber("-k", argument(input), 1, 255),
    write: (number) => ascii(`${number}`),
    codes: ["usage"],
  }),
];

/** The plainest command line of these values. */
function argumentsFor(args: Flags, values: unknown): string[] {
  if (typeof values === "string") return [`--${values}`];
  const given = Object.keys(args).map((name) => {
    const value = (values as Record<string, boolean | string | string[] | undefined>)[name] ?? [];
    return { name, isOperand: args[name]?.type === "positional", value };
  });
  const operands = given.filter(({ isOperand }) => isOperand).flatMap(({ value }) => value);
  const flags = given
    .filter(({ isOperand }) => !isOperand)
    .flatMap(({ name, value }) => {
      if (typeof value === "boolean") return value ? [`--${name}`] : [];
      return [value].flat().map((one) => `--${name}=${one}`);
    });
  return [...flags, "--", ...(operands as string[])];
}

export const targets: Target[] = [...tokens, ...keys, ...files, ...lines, ...argumentLines];

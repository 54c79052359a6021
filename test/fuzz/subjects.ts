/** Valid inputs, what reads them in lib/, and their form. */

import { ascii, concat } from "../../lib/core/bytes.ts";
import { fail } from "../../lib/core/errors.ts";
import { recover } from "../../lib/core/recover.ts";
import { masterBytes, openVault } from "../../lib/core/vault.ts";
import { gather, type LocatedShare } from "../../lib/pipes/gather.ts";
import { parsePrivateKeyFile } from "../../lib/pipes/private-key.ts";
import { parseRecipientFile } from "../../lib/pipes/recipient.ts";
import { decodeShares, makeKeyring, unseal as unsealShare } from "../../lib/pipes/unseal.ts";
import { schemeFile } from "../../lib/scheme/fields.ts";
import { recoverMaster } from "../../lib/scheme/recover-master.ts";
import { decodeScheme } from "../../lib/scheme/scheme.ts";
import { encodePublicKey } from "../../lib/wire/keys.ts";
import { readLines } from "../../lib/wire/lines.ts";
import { isSealed } from "../../lib/wire/sealed-share.ts";
import { publicKeyOf } from "../../lib/wire/x25519-key.ts";
import { collect, readerOf } from "../core/helpers.ts";
import {
  type Form,
  keyForm,
  linesForm,
  rawKeyForm,
  schemeForm,
  sshFileForm,
  sshLineForm,
  vaultForm,
} from "./forms.ts";
import { publicFiles, sshLine, type ValidVector, validVectors } from "./seeds.ts";

export interface Subject {
  name: string;
  bytes: Uint8Array;
  form: Form;
  read(bytes: Uint8Array): Promise<Uint8Array>;
  /** How the executable is given it, where a vector says so; undefined for stdin. */
  vector?: { of: ValidVector; file: string | undefined };
}

/** What a command makes of the input of a vector. */
async function run({ command, stdin, files }: ValidVector): Promise<Uint8Array> {
  const [name, ...flags] = command;
  switch (name) {
    case "combine":
      return await combine(stdin, flags[0] === "--set" ? flags[1] : undefined);
    case "unseal":
      return await unseal(stdin, files[flags[1] as string] as Uint8Array);
    case "keygen":
      return await keygen(stdin);
    case "vault-open": {
      const vault = files[flags[0] as string] as Uint8Array;
      if (stdin.length !== masterBytes) fail("malformed", "no key");
      return await collect(openVault(stdin, readerOf(vault)));
    }
    case "recovery-reconstruct":
      return await reconstruct(flags, stdin, files);
    default:
      throw new Error(`${name} is not known here`);
  }
}

async function locate(stdin: Uint8Array): Promise<LocatedShare[]> {
  const lines = readLines(stdin.slice());
  if (lines.length === 0) fail("too-few", "no shares");
  const shares = await decodeShares(lines);
  return shares.filter((one): one is LocatedShare => !isSealed(one.share));
}

async function combine(stdin: Uint8Array, wanted?: string): Promise<Uint8Array> {
  const { shares } = gather(await locate(stdin), wanted);
  return recover(shares.map(({ share }) => share)).secret;
}

async function unseal(stdin: Uint8Array, keyFile: Uint8Array): Promise<Uint8Array> {
  const keyring = await makeKeyring([await parsePrivateKeyFile(keyFile.slice(), "f")]);
  const lines = readLines(stdin.slice());
  if (lines.length === 0) fail("malformed", "no shares");
  const shares = await decodeShares(lines);
  const opened = await Promise.all(shares.map((one) => unsealShare(one, keyring)));
  const states = opened.map(({ state }) => state);
  if (states.includes("foreign") && !states.includes("opened")) fail("mismatch", "no key");
  return concat(...opened.flatMap(({ line }) => [line, ascii("\n")]));
}

async function keygen(stdin: Uint8Array): Promise<Uint8Array> {
  const publicKey = await publicKeyOf(await parsePrivateKeyFile(stdin.slice()));
  return concat(encodePublicKey(publicKey), ascii("\n"));
}

async function reconstruct(
  flags: string[],
  stdin: Uint8Array,
  files: Record<string, Uint8Array>,
): Promise<Uint8Array> {
  const scheme = decodeScheme(files[schemeFile] as Uint8Array);
  const expected = flags.indexOf("--expect-set") + 1;
  if (expected > 0 && flags[expected] !== scheme.set) fail("mismatch", "another set");
  const master = recoverMaster(scheme, await locate(stdin));
  if (flags.includes("--master")) return master;
  return await collect(openVault(master, readerOf(files[scheme.vault] as Uint8Array)));
}

const privateForm = (bytes: Uint8Array): Form => (bytes[0] === 0x2d ? sshFileForm : keyForm(false));

/** Each input of a vector, its stdin and its files. */
function subjectsOf(vector: ValidVector): Subject[] {
  const stdinForms: Record<string, Form> = {
    combine: linesForm("too-few"),
    unseal: linesForm("malformed"),
    keygen: privateForm(vector.stdin),
    "vault-open": rawKeyForm,
    "recovery-reconstruct": linesForm("too-few"),
  };
  const stdin: Subject = {
    name: vector.name,
    bytes: vector.stdin,
    form: stdinForms[vector.command[0]] as Form,
    read: (bytes) => run({ ...vector, stdin: bytes }),
    vector: { of: vector, file: undefined },
  };
  const files = Object.entries(vector.files).map(
    ([file, whole]): Subject => ({
      name: `${vector.name}, ${file}`,
      bytes: whole,
      form: formOf(file, whole),
      read: (bytes) => run({ ...vector, files: { ...vector.files, [file]: bytes } }),
      vector: { of: vector, file },
    }),
  );
  return [stdin, ...files];
}

function formOf(file: string, bytes: Uint8Array): Form {
  if (file === schemeFile) return schemeForm;
  return file.endsWith(".wd") ? vaultForm : privateForm(bytes);
}

const recipients = publicFiles.map(
  (bytes, i): Subject => ({
    name: `recipient ${i + 1}`,
    bytes,
    form: bytes === sshLine ? sshLineForm : keyForm(true),
    read: (damaged) => parseRecipientFile(damaged.slice(), "f"),
  }),
);

/** Whether the command reads that file at all. */
function isRead({ vector }: Subject): boolean {
  return !(vector?.of.command.includes("--master") && vector.file?.endsWith(".wd"));
}

export const subjects = [...validVectors.flatMap(subjectsOf).filter(isRead), ...recipients];

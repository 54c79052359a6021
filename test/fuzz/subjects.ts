/** Valid inputs, what reads them, and their form. */

import { fail } from "../../lib/core/errors.ts";
import { openVault } from "../../lib/core/vault.ts";
import type { LocatedShare } from "../../lib/pipes/gather.ts";
import { parseRecipientFile } from "../../lib/pipes/recipient.ts";
import { decodeShares } from "../../lib/pipes/unseal.ts";
import { schemeFile } from "../../lib/scheme/files.ts";
import { recoverMaster } from "../../lib/scheme/recover-master.ts";
import { decodeScheme } from "../../lib/scheme/scheme.ts";
import { readLines } from "../../lib/wire/lines.ts";
import { isSealed } from "../../lib/wire/sealed-share.ts";
import { collect, readerOf } from "../core/helpers.ts";
import type { VectorFile } from "../vector-files.ts";
import * as forms from "./forms.ts";
import { publicFiles, runCommand, sshLine, validVectors } from "./seeds.ts";

export interface Subject {
  name: string;
  bytes: Uint8Array;
  form: forms.Form;
  read(bytes: Uint8Array): Promise<Uint8Array>;
}

/** What comes of a vector's input. */
async function run(vector: VectorFile): Promise<Uint8Array> {
  const { command, stdin, files } = vector;
  if (command[0] === "recovery-reconstruct") return await reconstruct(vector);
  return await runCommand(command, stdin, files);
}

/** Not by the command, which reads a folder. */
async function reconstruct({ command, stdin, files }: VectorFile): Promise<Uint8Array> {
  const scheme = decodeScheme(files[schemeFile] as Uint8Array);
  const expected = command.indexOf("--expect-set") + 1;
  if (expected > 0 && command[expected] !== scheme.set) fail("mismatch", "another set");
  const lines = readLines(stdin.slice());
  if (lines.length === 0) fail("too-few", "no shares");
  const shares = await decodeShares(lines);
  const plain = shares.filter((one): one is LocatedShare => !isSealed(one.share));
  const master = recoverMaster(scheme, plain);
  if (command.includes("--master")) return master;
  return await collect(openVault(master, readerOf(files[scheme.vault] as Uint8Array)));
}

const { linesForm, keyForm, rawKeyForm, schemeForm, sshFileForm, sshLineForm, vaultForm } = forms;
const keyFileForm = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString("latin1").startsWith("-----") ? sshFileForm : keyForm(false);

function formOf(file: string, bytes: Uint8Array): forms.Form {
  if (file === schemeFile) return schemeForm;
  return file.endsWith(".wd") ? vaultForm : keyFileForm(bytes);
}

/** Each input of a vector, its stdin and the files that are read. */
function subjectsOf(vector: VectorFile): Subject[] {
  const { name, command, files } = vector;
  const stdinForms: Record<string, forms.Form> = {
    combine: linesForm("too-few"),
    unseal: linesForm("malformed"),
    keygen: keyFileForm(vector.stdin),
    "vault-open": rawKeyForm,
    "recovery-reconstruct": linesForm("too-few"),
  };
  const stdin: Subject = {
    ...{ name, bytes: vector.stdin, form: stdinForms[command[0]] as forms.Form },
    read: (bytes) => run({ ...vector, stdin: bytes }),
  };
  const others = Object.entries(files).map(([file, bytes]): Subject => {
    const read: Subject["read"] = (damaged) =>
      run({ ...vector, files: { ...files, [file]: damaged } });
    return { name: `${name}, ${file}`, bytes, form: formOf(file, bytes), read };
  });
  const isRead = ({ form }: Subject) => !(command.includes("--master") && form === vaultForm);
  return [stdin, ...others.filter(isRead)];
}

const recipients = publicFiles.map((bytes, i): Subject => {
  const form = bytes === sshLine ? sshLineForm : keyForm(true);
  const read: Subject["read"] = (damaged) => parseRecipientFile(damaged.slice(), "f");
  return { name: `recipient ${i + 1}`, bytes, form, read };
});

export const subjects = [...validVectors.flatMap(subjectsOf), ...recipients];

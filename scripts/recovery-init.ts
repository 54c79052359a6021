#!/usr/bin/env bun
/**
 * recovery-init: make a scheme for a fleet
 *
 *   recovery-init --dir DIR -k K --holder NAME=KEY… [--offline N|NAME…] < SECRETS
 */

import { type Args, defineManual, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { wholeNumber } from "../lib/cli/whole-number.ts";
import { openPlaintext } from "../lib/pipes/plaintext.ts";
import { nextGeneration, schemeFile } from "../lib/scheme/files.ts";
import { changeFolder } from "../lib/scheme/folder.ts";
import { makeGeneration } from "../lib/scheme/generation.ts";
import { handOut, openHandOut } from "../lib/scheme/hand-out.ts";
import { offlineNames, readSeats } from "../lib/scheme/holder-flags.ts";
import { makePlan } from "../lib/scheme/plan.ts";
import { dirFlag, refuseScheme, tellPlaces } from "../lib/scheme/read.ts";
import { openWriterFile, writerOutFlag } from "../lib/update/writer-file.ts";

export const manual = defineManual({
  meta: { name: "recovery-init", description: "make a scheme for a fleet" },
  description: `
    Encrypts the secrets into a vault, splits its key, seals a share to each
    holder's key, and gives out the offline shares, once. On a terminal they are
    shown, and you retype part of each to prove that you copied it; elsewhere
    they are written as share lines.

    The scheme takes effect only when all of this is done and the shares have
    been tested. KEY is a public key, or a file that holds one. Keep the
    plaintext until recovery-verify --drill has passed.

    The offline shares alone are never enough: there are fewer than K. Operators
    who stand in for each other can keep copies of one share: each of them can
    recover with a node, and together they still have only that share.
  `,
  args: {
    dir: { ...dirFlag, description: "the scheme's folder; created if needed" },
    threshold: {
      type: "string",
      alias: "k",
      required: true,
      valueHint: "K",
      description: "how many shares recover the key, 2 or more",
    },
    holder: {
      type: "string",
      multiple: true,
      valueHint: "NAME=KEY",
      description: "seal a share to this key; may be repeated",
    },
    offline: {
      type: "string",
      multiple: true,
      valueHint: "N|NAME",
      description: "how many offline shares (default 1), or a name for each",
    },
    secrets: { type: "string", valueHint: "FILE", description: "the secrets, instead of stdin" },
    writer: writerOutFlag,
    "allow-empty": { type: "boolean", description: "allow an empty vault" },
    force: { type: "boolean", description: "run even if the offline shares would be lost" },
    out: { ...outFlag, description: "write the offline shares to this new file, mode 0600" },
  },
  exit: {
    6: "the folder already has a scheme, or the offline shares would be lost",
  },
  examples: `
    Make a scheme for two nodes and an operator:

      ./recovery-init --dir scheme -k 2 --secrets secrets.tar \\
        --holder node-a=node-a.pub --holder node-b=node-b.pub -o offline.txt

    The same, and print the offline share:

      ./recovery-init --dir scheme -k 2 --secrets secrets.tar \\
        --holder node-a=node-a.pub --holder node-b=node-b.pub -o offline.txt &&
        ./card offline.txt | lp
  `,
});

export async function run(
  { dir, threshold, holder, offline, secrets, writer, force, out, ...rest }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const names = offlineNames(offline.length > 0 ? offline : ["1"]) ?? [];
  const k = wholeNumber("-k", threshold, 1, 255);
  const plan = makePlan(k, await readSeats(io, holder), names);
  const to = await openHandOut(io, out, plan, force);
  const giveWriter = await openWriterFile(io, writer);
  await refuseScheme(dir);
  const allowEmpty = rest["allow-empty"];
  const read = await openPlaintext(io, secrets, { wanted: "secrets", allowEmpty });
  const made = await changeFolder(dir, { make: true }, async (folder) => {
    await refuseScheme(dir);
    const when = { number: nextGeneration(await folder.names()), now: new Date() };
    const generation = await makeGeneration(plan, when, read, folder);
    await handOut(io, to, generation, folder, () => {
      return giveWriter(generation.writer, () => {
        return folder.commit(schemeFile, generation.schemeBytes, { replace: false });
      });
    });
    return generation.scheme;
  });
  tellPlaces(io, dir, made);
  io.tell("hint", "keep the plaintext until recovery-verify --drill has passed");
}

if (import.meta.main) await main({ manual, run });

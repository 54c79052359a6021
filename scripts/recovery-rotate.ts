#!/usr/bin/env bun
/**
 * recovery-rotate: renew a scheme's key, vault and shares
 *
 *   recovery-rotate --dir DIR [--holder NAME=KEY…] [--drop NAME…] [-k K] [--offline N|NAME…] < SHARES
 */

import { type Args, defineManual, filesArgument, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { wholeNumber } from "../lib/cli/whole-number.ts";
import { eachAt, fail } from "../lib/core/errors.ts";
import { openPlaintext } from "../lib/pipes/plaintext.ts";
import { readShares, shareFlags } from "../lib/pipes/shares.ts";
import { nextGeneration, refuseNewer, schemeFile } from "../lib/scheme/files.ts";
import { changeFolder, namesIn } from "../lib/scheme/folder.ts";
import { makeGeneration } from "../lib/scheme/generation.ts";
import { handOut, openHandOut } from "../lib/scheme/hand-out.ts";
import { offlineNames, readSeats } from "../lib/scheme/holder-flags.ts";
import { changePlan } from "../lib/scheme/plan.ts";
import {
  dirFlag,
  expectSetFlag,
  readScheme,
  refuseChanged,
  tellPlaces,
} from "../lib/scheme/read.ts";
import { readFrom } from "../lib/scheme/read-from.ts";
import { recoverMaster } from "../lib/scheme/recover-master.ts";
import { openContents, updateFlags } from "../lib/update/contents.ts";
import { openWriterFile, writerOutFlag } from "../lib/update/writer-file.ts";

export const manual = defineManual({
  meta: { name: "recovery-rotate", description: "renew a scheme's key, vault and shares" },
  description: `
    Makes a new generation, from shares of the current one.

    It gives out new offline shares as recovery-init does. The new vault has the
    newest contents of the old generation, or those of --secrets. Updates need a
    new writer file: --writer. The new generation takes effect only when all of
    it is in place and tested.

    Do not destroy the old offline share until every node has the new generation,
    and recovery-verify has passed there with the new set. The old generation's
    files stay until recovery-prune.

    If the folder has files of a newer generation than scheme.json, it refuses,
    unless --expect-set confirms the set.

    Rotation does not revoke anything: k old shares and any copy of the old
    vault still open what was in it. If k of them may be in the wrong hands,
    replace the secrets themselves. A compromised node needs a new key.
  `,
  args: {
    dir: dirFlag,
    holder: {
      type: "string",
      multiple: true,
      valueHint: "NAME=KEY",
      description: "add a holder, or change one's key; may be repeated",
    },
    drop: {
      type: "string",
      multiple: true,
      valueHint: "NAME",
      description: "give this holder no new share; may be repeated",
    },
    threshold: {
      type: "string",
      alias: "k",
      valueHint: "K",
      description: "how many of the new shares recover the key",
    },
    offline: {
      type: "string",
      multiple: true,
      valueHint: "N|NAME",
      description: "how many new offline shares, or a name for each",
    },
    secrets: {
      type: "string",
      valueHint: "FILE",
      description: "put this file in the new vault",
    },
    "expect-set": {
      ...expectSetFlag,
      description: "rotate this set, whatever newer files there are",
    },
    ...updateFlags,
    writer: writerOutFlag,
    ...shareFlags,
    force: { type: "boolean", description: "run even if the offline shares would be lost" },
    out: { ...outFlag, description: "write the offline shares to this new file, mode 0600" },
    files: filesArgument,
  },
  examples: `
    Renew everything:

      cat a.txt offline.txt | ./recovery-rotate --dir scheme -o new.txt

    Change a node's key:

      cat a.txt offline.txt |
        ./recovery-rotate --dir scheme --holder node-b=new-b.pub -o new.txt
  `,
});

export async function run(
  { dir, holder, drop, threshold, offline, secrets, writer, out, ...rest }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (secrets === "-") fail("usage", "--secrets cannot be stdin", "name the file with the secrets");
  if (secrets !== undefined && (rest.update ?? rest["expect-update"]) !== undefined) {
    fail("usage", "--secrets replaces the contents: it takes no --update or --expect-update");
  }
  const changes = {
    holders: await readSeats(io, holder),
    drop,
    k: threshold === undefined ? undefined : wholeNumber("-k", threshold, 1, 255),
    offline: offlineNames(offline),
  };
  const expectSet = rest["expect-set"];
  const scheme = await readScheme(io, dir, expectSet);
  if (expectSet === undefined) refuseNewer(scheme, await namesIn(dir));
  const plan = changePlan(scheme, changes);
  const to = await openHandOut(io, out, plan, rest.force);
  const giveWriter = await openWriterFile(io, writer);
  const shares = await readShares(io, rest.files, { wanted: scheme.set, ...rest });
  const made = await changeFolder(dir, { make: false }, async (folder) => {
    await refuseChanged(io, dir, scheme);
    const master = io.secret(recoverMaster(scheme, shares)); // which authenticates scheme.json
    const read =
      secrets === undefined
        ? readFrom(await contentsOf(io, dir, scheme, master, rest))
        : await openPlaintext(io, secrets, { wanted: "secrets" });
    const number = nextGeneration([...(await folder.names()), scheme.vault]);
    const generation = await makeGeneration(plan, { number, now: new Date() }, read, folder);
    await handOut(io, to, generation, folder, async () => {
      await refuseChanged(io, dir, scheme); // the lock may have been removed while a person wrote
      await giveWriter(generation.writer, () => {
        return folder.commit(schemeFile, generation.schemeBytes, { replace: true });
      });
    });
    return generation.scheme;
  });
  tellPlaces(io, dir, made);
  const check = `worstday recovery-verify --dir ${dir} --key KEY --expect-set ${made.set}`;
  io.tell("hint", `keep the old offline share until every node passes: ${check}`);
  io.tell("hint", "the old generation stays until recovery-prune, which requires a drill first");
}

async function contentsOf(...of: Parameters<typeof openContents>) {
  const { vault, decrypt } = await openContents(...of);
  return eachAt(vault.name, decrypt());
}

if (import.meta.main) await main({ manual, run });

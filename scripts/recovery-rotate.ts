#!/usr/bin/env bun
/**
 * recovery-rotate: renew a scheme's key, vault and shares
 *
 *   recovery-rotate --dir DIR [--holder NAME=KEY…] [--drop NAME…] [-k K] [--offline N] < SHARES
 */

import { join } from "node:path";
import { wholeNumber } from "../lib/cli/arguments.ts";
import { type Args, defineManual, filesArgument, outFlag } from "../lib/cli/command.ts";
import type { Input, Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { eachAt, fail } from "../lib/core/errors.ts";
import { openVault } from "../lib/core/vault.ts";
import { openPlaintext } from "../lib/pipes/plaintext.ts";
import { readShares, shareFlags } from "../lib/pipes/shares.ts";
import { changeFolder } from "../lib/scheme/folder.ts";
import { makeGeneration } from "../lib/scheme/generation.ts";
import { handOut, openHandOut } from "../lib/scheme/hand-out.ts";
import { changePlan, isOffline, nextGeneration } from "../lib/scheme/plan.ts";
import { dirFlag, readScheme, refuseChanged, tellPlaces } from "../lib/scheme/read.ts";
import { readFrom } from "../lib/scheme/read-from.ts";
import { recoverMaster } from "../lib/scheme/recover-master.ts";
import { readSeats } from "../lib/scheme/seats.ts";

export const manual = defineManual({
  meta: { name: "recovery-rotate", description: "renew a scheme's key, vault and shares" },
  description: `
    Takes shares of the generation in force, whose files stay until recovery-prune.

    Gives out new offline shares as recovery-init does. The new vault has what the
    old one had, or what --secrets names. The new generation is in force when all of
    it is there and proved. Keep the old offline share until recovery-verify passes
    on every node, then destroy it.

    Rotation does not revoke: k old shares with any copy of the old vault still open
    it. If k of them may be in the wrong hands, replace what was in it. A
    compromised node needs a new key.
  `,
  args: {
    dir: dirFlag,
    holder: {
      type: "string",
      multiple: true,
      valueHint: "NAME=KEY",
      description: "add a holder, or give one another key; may be repeated",
    },
    drop: {
      type: "string",
      multiple: true,
      valueHint: "NAME",
      description: "a holder who gets no new share; may be repeated",
    },
    threshold: {
      type: "string",
      alias: "k",
      valueHint: "K",
      description: "how many shares recover from now on",
    },
    offline: { type: "string", valueHint: "N", description: "how many offline shares from now on" },
    secrets: {
      type: "string",
      valueHint: "FILE",
      description: "put this in the new vault instead",
    },
    "allow-empty": { type: "boolean", description: "even if there is nothing in it" },
    prune: { type: "boolean", description: "is recovery-prune now" },
    ...shareFlags,
    force: { type: "boolean", description: "even if the offline shares go nowhere" },
    out: { ...outFlag, description: "write the offline shares to this new file, mode 0600" },
    files: filesArgument,
  },
  examples: `
    Renew everything:

      cat a.txt offline.txt | ./recovery-rotate --dir scheme > new.txt

    Give a node another key:

      cat a.txt offline.txt |
        ./recovery-rotate --dir scheme --holder node-b=new-b.pub > new.txt
  `,
});

export async function run(
  { dir, holder, drop, threshold, offline, secrets, out, ...rest }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (rest.prune) fail("usage", "--prune is a command of its own", `recovery-prune --dir ${dir}`);
  if (secrets === "-") fail("usage", "stdin has the shares", "name the secrets' file");
  const changes = {
    holders: await readSeats(io, holder),
    drop,
    k: threshold === undefined ? undefined : wholeNumber("-k", threshold, 1, 255),
    offlineCount: offline === undefined ? undefined : wholeNumber("--offline", offline, 0, 254),
  };
  const scheme = await readScheme(io, dir);
  const plan = changePlan(scheme, changes);
  const offlineCount = plan.seats.filter(isOffline).length;
  const to = await openHandOut(io, out, { offlineCount, force: rest.force });
  const shares = await readShares(io, rest.files, { wanted: scheme.set, ...rest });
  const made = await changeFolder(dir, { make: false }, async (folder) => {
    await refuseChanged(io, dir, scheme);
    const master = io.secret(recoverMaster(scheme, shares)); // from here on scheme.json is trusted
    const allowEmpty = rest["allow-empty"];
    const read =
      secrets === undefined
        ? readFrom(contents(await io.open(join(dir, scheme.vault)), master))
        : await openPlaintext(io, secrets, { wanted: "secrets", allowEmpty });
    const number = nextGeneration([...(await folder.names()), scheme.vault]);
    const generation = await makeGeneration(plan, { number, now: new Date() }, read, folder);
    await handOut(io, to, generation, folder, { replace: true });
    return generation.scheme;
  });
  tellPlaces(io, dir, made);
  const until = "until recovery-verify passes on every node, then destroy it";
  io.tell("hint", `keep the old offline share ${until}`);
  io.tell("hint", "the old generation stays until recovery-prune, which wants a drill first");
}

function contents(vault: Input, master: Uint8Array) {
  return eachAt(vault.name, openVault(master, vault.read));
}

if (import.meta.main) await main({ manual, run });

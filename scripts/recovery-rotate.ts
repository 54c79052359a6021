#!/usr/bin/env bun
/**
 * recovery-rotate: renew a scheme's key, vault and shares
 *
 *   recovery-rotate --dir DIR [--holder NAME=KEY…] [--drop NAME…] [-k K] [--offline N] < SHARES
 *   recovery-rotate --dir DIR --prune
 */

import { wholeNumber } from "../lib/cli/arguments.ts";
import { defineCommand } from "../lib/cli/command.ts";
import { main } from "../lib/cli/main.ts";
import { tell } from "../lib/cli/messages.ts";
import { openPieces, refuseEmpty } from "../lib/cli/pieces.ts";
import { wipe } from "../lib/core/bytes.ts";
import { readFrom } from "../lib/core/chunk-stream.ts";
import { eachAt, fail } from "../lib/core/errors.ts";
import { openVault } from "../lib/core/vault.ts";
import { schemeFile } from "../lib/scheme/fields.ts";
import { changeFolder } from "../lib/scheme/folder.ts";
import { makeGeneration } from "../lib/scheme/generation.ts";
import { checkHandOut, handOut } from "../lib/scheme/hand-out.ts";
import { changePlan, isOffline, nextGeneration } from "../lib/scheme/plan.ts";
import { prune } from "../lib/scheme/prune.ts";
import { dirFlag, readScheme, refuseChanged, tellPlaces } from "../lib/scheme/read.ts";
import { rebuildMaster } from "../lib/scheme/rebuild.ts";
import { readSeats } from "./common/keys.ts";
import { readShares, shareFlags } from "./common/shares.ts";

export const command = defineCommand({
  meta: { name: "recovery-rotate", description: "renew a scheme's key, vault and shares" },
  description: `
    Takes shares of the generation in force, whose files stay until --prune.

    Gives out new offline shares as recovery-init does. The new vault has what the
    old one had, or what --secrets names. The new generation is in force when all of
    it is there and proved. Keep the old offline share until recovery-verify passes
    on every node, then destroy it. --prune stands alone, and wants a drill of the
    new generation.

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
    prune: { type: "boolean", description: "remove older generations, after a drill of this one" },
    ...shareFlags,
    force: { type: "boolean", description: "even if the offline shares go nowhere" },
    files: { type: "positional", multiple: true, required: false, description: "instead of stdin" },
  },
  exit: {
    6: "--prune before the generation in force has passed a drill",
  },
  examples: `
    Renew everything:

      cat a.txt offline.txt | ./recovery-rotate --dir scheme > new.txt

    Give a node another key:

      cat a.txt offline.txt |
        ./recovery-rotate --dir scheme --holder node-b=new-b.pub > new.txt

    Remove the old generation, once the new one has passed a drill:

      ./recovery-verify --dir scheme --drill a.txt offline.txt > drill.txt &&
        ./recovery-rotate --dir scheme --prune
  `,
  async run({ dir, holder, drop, threshold, offline, secrets, ...rest }) {
    if (rest.prune) {
      const others = [...holder, ...drop, ...rest.files, threshold, offline, secrets];
      if (others.some((value) => value !== undefined)) fail("usage", "--prune stands alone");
      return await prune(dir);
    }
    if (secrets === "-") fail("usage", "stdin has the shares", "name the secrets' file");
    const changes = {
      holders: await readSeats(holder),
      drop,
      k: threshold === undefined ? undefined : wholeNumber("-k", threshold, 1, 255),
      offlineCount: offline === undefined ? undefined : wholeNumber("--offline", offline, 0, 254),
    };
    const scheme = await readScheme(dir);
    const plan = changePlan(scheme, changes);
    await checkHandOut(plan.seats.filter(isOffline).length, rest.force);
    const shares = await readShares(rest.files, { wanted: scheme.set, ...rest });
    const made = await changeFolder(dir, { make: false }, async (folder) => {
      await refuseChanged(dir, scheme);
      const master = rebuildMaster(scheme, shares); // from here on scheme.json can be trusted
      const source =
        secrets === undefined ? await folder.open(scheme.vault) : await openPieces(secrets);
      const fresh = () =>
        rest["allow-empty"] ? source.read : refuseEmpty(source, "secrets", "--allow-empty");
      const carried = () => readFrom(eachAt(source.name, openVault(master, source.read)));
      const read = secrets === undefined ? carried() : fresh();
      const names = [...(await folder.names()), scheme.vault];
      const when = { number: nextGeneration(names), now: new Date() };
      const generation = await makeGeneration(plan, when, read, folder);
      source.close();
      wipe(master, ...shares.map(({ share }) => share.y));
      await handOut(generation, folder);
      await refuseChanged(dir, scheme); // the lock may have been removed while a person wrote
      await folder.commit(schemeFile, generation.schemeBytes, { replace: true });
      return generation.scheme;
    });
    tellPlaces(dir, made);
    const until = "until recovery-verify passes on every node, then destroy it";
    tell("hint", `keep the old offline share ${until}`);
    tell(
      "hint",
      "the old generation stays until --prune, which wants recovery-verify --drill first",
    );
  },
});

if (import.meta.main) await main(command);

#!/usr/bin/env bun
/**
 * recovery-init: make a scheme over a fleet
 *
 *   recovery-init --dir DIR -k K --holder NAME=KEY… [--offline N] < SECRETS
 */

import { wholeNumber } from "../lib/cli/arguments.ts";
import { defineCommand } from "../lib/cli/command.ts";
import { main } from "../lib/cli/main.ts";
import { tell } from "../lib/cli/messages.ts";
import { openPieces, refuseEmpty } from "../lib/cli/pieces.ts";
import { schemeFile } from "../lib/scheme/fields.ts";
import { changeFolder } from "../lib/scheme/folder.ts";
import { makeGeneration } from "../lib/scheme/generation.ts";
import { checkHandOut, handOut } from "../lib/scheme/hand-out.ts";
import { makePlan, nextGeneration } from "../lib/scheme/plan.ts";
import { dirFlag, refuseScheme, tellPlaces } from "../lib/scheme/read.ts";
import { readSeats } from "./common/keys.ts";

export const command = defineCommand({
  meta: { name: "recovery-init", description: "make a scheme over a fleet" },
  description: `
    Closes a vault over the secrets, splits its key, seals a share to each holder's
    key, and gives out the offline shares, once: on a terminal they are shown, and
    part of them must be typed back; into a pipe they are written as share lines.

    The scheme is put in force only when all this is done and every way to recover
    has been tried. KEY is a public key, or a file that holds one. Keep the
    plaintext until recovery-verify --drill has passed.
  `,
  args: {
    dir: { ...dirFlag, description: "the scheme's folder; made if need be" },
    threshold: {
      type: "string",
      alias: "k",
      required: true,
      valueHint: "K",
      description: "how many shares recover them, 2 or more",
    },
    holder: {
      type: "string",
      multiple: true,
      valueHint: "NAME=KEY",
      description: "seal a share to this key; may be repeated",
    },
    offline: { type: "string", valueHint: "N", description: "offline shares; 1 if not given" },
    secrets: { type: "string", valueHint: "FILE", description: "the plaintext, instead of stdin" },
    "allow-empty": { type: "boolean", description: "make a scheme with nothing in its vault" },
    force: { type: "boolean", description: "even if the offline shares go nowhere" },
  },
  exit: {
    6: "the folder has a scheme, or the offline shares would go nowhere",
  },
  examples: `
    Make a scheme of two nodes and an operator:

      ./recovery-init --dir scheme -k 2 --secrets secrets.tar \\
        --holder node-a=node-a.pub --holder node-b=node-b.pub > offline.txt

    Print the offline share instead of keeping it in a file:

      ./recovery-init --dir scheme -k 2 --secrets secrets.tar \\
        --holder node-a=node-a.pub --holder node-b=node-b.pub | ./card | lp
  `,
  async run({ dir, threshold, holder, offline = "1", secrets, force, "allow-empty": allowEmpty }) {
    const offlineCount = wholeNumber("--offline", offline, 0, 254);
    const k = wholeNumber("-k", threshold, 1, 255);
    const plan = makePlan(k, await readSeats(holder), offlineCount);
    await checkHandOut(offlineCount, force);
    await refuseScheme(dir);
    const plaintext = await openPieces(secrets);
    const read = allowEmpty ? plaintext.read : refuseEmpty(plaintext, "secrets", "--allow-empty");
    const made = await changeFolder(dir, { make: true }, async (folder) => {
      await refuseScheme(dir);
      const when = { number: nextGeneration(await folder.names()), now: new Date() };
      const generation = await makeGeneration(plan, when, read, folder);
      await handOut(generation, folder);
      await folder.commit(schemeFile, generation.schemeBytes, { replace: false });
      return generation.scheme;
    });
    plaintext.close();
    tellPlaces(dir, made);
    tell("hint", "keep the plaintext until recovery-verify --drill has passed");
  },
});

if (import.meta.main) await main(command);

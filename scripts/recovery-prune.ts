#!/usr/bin/env bun
/**
 * recovery-prune: remove the generations before the one in force
 *
 *   recovery-prune --dir DIR
 */

import { type Args, defineManual } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { prune } from "../lib/scheme/prune.ts";
import { dirFlag } from "../lib/scheme/read.ts";

export const manual = defineManual({
  meta: { name: "recovery-prune", description: "remove the generations before the one in force" },
  description: `
    Removes the vaults, sealed shares and drill notes of every older generation. It
    needs no share, but it wants all of the generation in force to be there, and a
    drill of it to have passed: recovery-verify --drill.

    Whoever kept k old shares and a copy of the old vault can still open that copy.
  `,
  args: { dir: dirFlag },
  exit: {
    6: "the generation in force has not passed a drill",
  },
  examples: `
    Remove the old generation, once the new one has passed a drill:

      ./recovery-verify --dir scheme --drill a.txt offline.txt > drill.txt &&
        ./recovery-prune --dir scheme
  `,
});

export async function run({ dir }: Args<typeof manual>, io: Io): Promise<void> {
  await prune(io, dir);
}

if (import.meta.main) await main({ manual, run });

#!/usr/bin/env bun
/**
 * recovery-prune: remove a scheme's old generations
 *
 *   recovery-prune --dir DIR [--key FILE]
 */

import { type Args, defineManual } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { readPrivateKey } from "../lib/pipes/private-key.ts";
import { prune } from "../lib/scheme/prune.ts";
import { dirFlag } from "../lib/scheme/read.ts";

export const manual = defineManual({
  meta: { name: "recovery-prune", description: "remove a scheme's old generations" },
  description: `
    Removes the vaults, updates, sealed shares and drill records of all older
    generations. It needs no share, but the vault and the sealed shares of the
    current generation must be present and good, and it must have passed a drill
    (recovery-verify --drill). With --key, the sealed shares of other holders may
    be absent.

    Anyone who kept k old shares and a copy of the old vault can still open that
    copy.
  `,
  args: {
    dir: dirFlag,
    key: {
      type: "string",
      valueHint: "FILE",
      description: "on a node: open the share of this key",
    },
  },
  exit: {
    6: "the current generation has not passed a drill",
  },
  examples: `
    Remove the old generation, once the new shares have passed a drill:

      ssh node-a ./unseal --key node-a.key --dir scheme | cat - new.txt |
        ./recovery-verify --dir scheme --drill && ./recovery-prune --dir scheme
  `,
});

export async function run({ dir, key }: Args<typeof manual>, io: Io): Promise<void> {
  await prune(io, dir, key === undefined ? undefined : await readPrivateKey(io, key));
}

if (import.meta.main) await main({ manual, run });

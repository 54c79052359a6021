#!/usr/bin/env bun
/**
 * vault-open: decrypt a vault
 *
 *   vault-open VAULT [-o FILE] < KEY
 */

import { type Args, defineManual, forceFlag, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { fail } from "../lib/core/errors.ts";
import { openVault } from "../lib/core/vault.ts";
import { readVaultKey, releaseVault } from "../lib/pipes/vault.ts";

export const manual = defineManual({
  meta: { name: "vault-open", description: "decrypt a vault" },
  description: `
    Reads the key from stdin, 32 raw bytes, as combine writes it. Nothing
    reaches stdout until the whole vault is authenticated. With -o, the file
    appears only when all of it is verified.

    Without -o, up to 64 MiB are held in memory. A larger file is read twice and
    must not change in between; if it is not a regular file, it needs -o.
  `,
  args: {
    vault: { type: "positional", required: true, description: "the vault; its key is on stdin" },
    update: {
      type: "string",
      valueHint: "FILE",
      description: "open the vault of this update, update-G.U",
    },
    force: forceFlag,
    out: outFlag,
  },
  exit: {
    5: "the key is another vault's, or the vault is damaged",
  },
  examples: `
    Open a vault with node a's share and the offline share:

      cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine |
        ./vault-open vault.wd -o secrets.tar

    Compare the contents with the original:

      ./combine a.txt offline.txt | ./vault-open vault.wd | cmp - secrets.tar
  `,
});

export async function run(
  { vault, update, force, out }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (vault === "-") fail("usage", "the vault must be a named file: its key is on stdin");
  const to = await io.output(out, "secret", { force });
  const input = await io.open(vault);
  const master = await readVaultKey(io);
  const hint = "the vault of an update opens with --update and its update- file";
  if (update === undefined) {
    return await releaseVault(to, input, () => openVault(master, input.read, hint));
  }
  const { openByToken } = await import("../lib/update/open.ts");
  await releaseVault(to, input, await openByToken(io, update, input.read, master));
}

if (import.meta.main) await main({ manual, run });

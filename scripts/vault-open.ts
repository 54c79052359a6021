#!/usr/bin/env bun

/**
 * vault-open: decrypt a vault
 *
 *   vault-open VAULT [-o FILE] < KEY
 */

import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { readKey } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { destination } from "../lib/cli/output.ts";
import { openPieces } from "../lib/cli/pieces.ts";
import { wipe } from "../lib/core/bytes.ts";
import { fail } from "../lib/core/errors.ts";
import { masterBytes } from "../lib/core/vault.ts";
import { releaseVault } from "./common/release.ts";

export const command = defineCommand({
  meta: { name: "vault-open", description: "decrypt a vault" },
  description: `
    Takes the 32 raw key bytes that combine writes on stdin. Nothing reaches stdout
    before the whole vault has been authenticated; with -o, the file appears when
    all of it is verified.

    Without -o, up to 64 MiB are held in memory, and a larger file is read twice and
    must not change meanwhile. A larger vault that is no regular file needs -o.
  `,
  args: {
    vault: { type: "positional", required: true, description: "the vault; its key is on stdin" },
    force: { type: "boolean", description: "write the plaintext even to a terminal" },
    out: outFlag,
  },
  exit: {
    5: "the key is another vault's, or the vault is damaged",
  },
  examples: `
    Open a vault with node a's share and the offline one:

      cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine |
        ./vault-open vault.wd -o secrets.tar

    Compare it with what was closed:

      ./combine a.txt offline.txt | ./vault-open vault.wd | cmp - secrets.tar
  `,
  async run({ vault, force, out }) {
    if (vault === "-") fail("usage", "the vault must be a named file: its key is on stdin");
    const to = await destination(out, "raw", { force });
    const input = await openPieces(vault);
    const master = await readKey(undefined, masterBytes);
    await releaseVault(to, input, master);
    wipe(master);
    input.close();
  },
});

if (import.meta.main) await main(command);

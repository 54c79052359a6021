#!/usr/bin/env bun
/**
 * vault-open: decrypt a vault
 *
 *   vault-open VAULT [-o FILE] < KEY
 *
 * Takes the 32 raw bytes that combine writes. Nothing reaches stdout before the whole vault has
 * been authenticated: up to 64 MiB are held in memory, a larger file is read twice and must not
 * change meanwhile. With -o it is read once, and the file appears when all is verified; larger
 * vaults that are not regular files need it.
 *
 *   cat node-a.sealed offline.txt | unseal --key node-a.key | combine | vault-open vault.wd
 */

import { wipe } from "../lib/bytes.ts";
import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { readKey } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { destination } from "../lib/cli/output.ts";
import { openPieces } from "../lib/cli/pieces.ts";
import { fail } from "../lib/errors.ts";
import { masterBytes } from "../lib/format/vault.ts";
import { releaseVault } from "./common/release.ts";

export const command = defineCommand({
  meta: { name: "vault-open", description: "Decrypt a vault" },
  args: {
    vault: { type: "positional", required: true, description: "the vault; its key is on stdin" },
    force: { type: "boolean", description: "write the plaintext even to a terminal" },
    out: outFlag,
  },
  example: "cat node-a.txt offline.txt | combine | vault-open vault.wd -o secrets.tar",
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

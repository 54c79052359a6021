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
import { destination, send } from "../lib/cli/output.ts";
import { type Input, openPieces } from "../lib/cli/pieces.ts";
import { isNull } from "../lib/cli/terminal.ts";
import { eachAt, fail } from "../lib/errors.ts";
import { masterBytes, openVault } from "../lib/format/vault.ts";

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
    const open = () => eachAt(vault, openVault(master, input.read));
    // A file appears only when all is verified, and /dev/null releases nothing: one pass will do.
    await send(to, to.file !== undefined || isNull(1) ? open() : authenticated(input, open));
    wipe(master);
    input.close();
  },
});

const maxHeldBytes = 64 * 1_048_576;

/** The plaintext, from memory or in a second pass, once a first pass has verified all of it. */
async function* authenticated(input: Input, open: () => AsyncGenerator<Uint8Array>) {
  const twice = input.stats.isFile() && input.stats.size > maxHeldBytes;
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of open()) {
    if (twice) {
      wipe(chunk);
      continue;
    }
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes > maxHeldBytes) {
      fail("refused", `${input.name} is no regular file and holds more than 64 MiB`, "use -o FILE");
    }
  }
  yield* held;
  if (!twice) return;
  input.rewind();
  yield* open();
}

if (import.meta.main) await main(command);

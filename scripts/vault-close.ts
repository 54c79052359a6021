#!/usr/bin/env bun

/**
 * vault-close: encrypt into a new vault, and give out its key once
 *
 *   vault-close -o VAULT [FILE] < PLAINTEXT          the 32 raw key bytes go to stdout
 *   vault-close -o VAULT --key-file KEY < PLAINTEXT  with an existing key, nothing to stdout
 */

import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { readKey } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { destination, refuseNowhere, send } from "../lib/cli/output.ts";
import { openPieces, refuseEmpty } from "../lib/cli/pieces.ts";
import { wipe } from "../lib/core/bytes.ts";
import { fail } from "../lib/core/errors.ts";
import { randomBytes } from "../lib/core/random.ts";
import { closeVault, masterBytes } from "../lib/core/vault.ts";

export const command = defineCommand({
  meta: { name: "vault-close", description: "encrypt into a new vault, and give out its key once" },
  description: `
    The 32 raw bytes of the key go to stdout: pipe them into split. The key is made
    afresh and stored nowhere. Keep the plaintext until combine and vault-open have
    given it back.

    The vault is durable before a byte of its key leaves, and is removed again if
    the key cannot be written. With --key-file an existing key is used and nothing
    goes to stdout; it must be 32 uniformly random bytes.
  `,
  args: {
    out: { ...outFlag, required: true, description: "the vault to create, mode 0600" },
    "key-file": {
      type: "string",
      valueHint: "FILE",
      description: "use this key, 32 raw bytes (- for stdin), and print none",
    },
    "allow-empty": { type: "boolean", description: "close a vault with nothing in it" },
    force: { type: "boolean", description: "write the key even to a terminal" },
    file: { type: "positional", required: false, description: "the plaintext, instead of stdin" },
  },
  examples: `
    Close a vault, split its key, seal two shares and leave the third:

      ./vault-close -o vault.wd secrets.tar | ./split -k 2 -n 3 |
        ./seal node-a.pub node-b.pub - -o shares.txt

    Close one more vault under the same key:

      ./combine a.txt offline.txt | ./vault-close -o more.wd --key-file - more.tar
  `,
  async run({ out, file, force, "key-file": keyFile, "allow-empty": allowEmpty }) {
    if (keyFile === "-" && (file === undefined || file === "-")) {
      fail("usage", "stdin cannot be both the key and the plaintext", "name the plaintext's file");
    }
    const keyTo =
      keyFile === undefined ? await destination(undefined, "raw", { force }) : undefined;
    if (keyTo && !force) refuseNowhere("the only key to the vault would be lost");
    const vault = await destination(out, "public");
    const master =
      keyFile === undefined ? randomBytes(masterBytes) : await readKey(keyFile, masterBytes);
    const plaintext = await openPieces(file);
    const read = allowEmpty ? plaintext.read : refuseEmpty(plaintext, "plaintext", "--allow-empty");
    // A vault whose key could not be written is taken back: nobody could open it.
    await send(vault, closeVault(master, read), async () => {
      if (keyTo) await send(keyTo, [master]);
    });
    plaintext.close();
    wipe(master);
  },
});

if (import.meta.main) await main(command);

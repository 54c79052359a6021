#!/usr/bin/env bun
/**
 * vault-close: encrypt into a new vault, and write its key once
 *
 *   vault-close -o VAULT [FILE] < PLAINTEXT          the 32 raw key bytes go to stdout
 *   vault-close -o VAULT --key-file KEY < PLAINTEXT  with an existing key, nothing to stdout
 */

import { type Args, defineManual, forceFlag, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { fail } from "../lib/core/errors.ts";
import { randomBytes } from "../lib/core/random.ts";
import { closeVault, masterBytes } from "../lib/core/vault.ts";
import { openPlaintext, refuseNowhere } from "../lib/pipes/plaintext.ts";
import { readVaultKey } from "../lib/pipes/vault.ts";

export const manual = defineManual({
  meta: { name: "vault-close", description: "encrypt into a new vault, and write its key once" },
  description: `
    Makes a key, encrypts the plaintext under it, and writes the key to stdout,
    32 raw bytes: pipe them into split. The key is stored nowhere. Keep the
    plaintext until combine and vault-open have recovered it once.

    The vault is on disk before any byte of its key is written, and is removed
    again if the key cannot be written. With --key-file, an existing key is used
    and nothing goes to stdout. That key must be 32 uniformly random bytes.
  `,
  args: {
    out: { ...outFlag, required: true, description: "the vault to create, mode 0600" },
    "key-file": {
      type: "string",
      valueHint: "FILE",
      description: "use this key, 32 raw bytes (- for stdin), and write none",
    },
    "allow-empty": { type: "boolean", description: "allow an empty vault" },
    force: forceFlag,
    file: { type: "positional", required: false, description: "the plaintext, instead of stdin" },
  },
  examples: `
    Close a vault, split its key, seal two shares and leave the third:

      ./vault-close -o vault.wd secrets.tar | ./split -k 2 -n 3 |
        ./seal node-a.pub node-b.pub - -o shares.txt

    Close one more vault under the same key:

      ./combine a.txt offline.txt | ./vault-close -o more.wd --key-file - more.tar
  `,
});

export async function run(
  { out, file, force, "key-file": keyFile, "allow-empty": allowEmpty }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (keyFile === "-" && (file === undefined || file === "-")) {
    fail(
      "usage",
      "stdin cannot be both the key and the plaintext",
      "name the file with the plaintext",
    );
  }
  const keyTo = keyFile === undefined ? await io.output(undefined, "secret", { force }) : undefined;
  if (keyTo?.kind === "nowhere" && !force) refuseNowhere("the only key to the vault would be lost");
  const vault = await io.output(out, "public");
  const master =
    keyFile === undefined ? io.secret(randomBytes(masterBytes)) : await readVaultKey(io, keyFile);
  const read = await openPlaintext(io, file, { wanted: "plaintext", allowEmpty });
  // If the key cannot be written, the vault is removed: nobody could open it.
  await vault.send(closeVault(master, read), async () => keyTo?.send([master]));
}

if (import.meta.main) await main({ manual, run });

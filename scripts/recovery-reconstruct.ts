#!/usr/bin/env bun
/**
 * recovery-reconstruct: open a scheme's vault with its shares
 *
 *   recovery-reconstruct --dir DIR [-o FILE] [FILE…] < SHARES
 *   recovery-reconstruct --dir DIR --master < SHARES
 */

import { type Args, defineManual, filesArgument, forceFlag, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { ascii } from "../lib/core/bytes.ts";
import { fail } from "../lib/core/errors.ts";
import { readShares, shareFlags } from "../lib/pipes/shares.ts";
import { releaseVault } from "../lib/pipes/vault.ts";
import { dirFlag, expectSetFlag, readScheme, summary } from "../lib/scheme/read.ts";
import { recoverMaster } from "../lib/scheme/recover-master.ts";
import { openContents, updateFlags } from "../lib/update/contents.ts";
import { writerLineOf } from "../lib/update/writer.ts";
import { writerOutFlag } from "../lib/update/writer-file.ts";

export const manual = defineManual({
  meta: { name: "recovery-reconstruct", description: "open a scheme's vault with its shares" },
  description: `
    Writes the secrets: those of the newest update or, if there is none, of the
    first vault. With --master, writes the 32-byte key instead. Every share must
    be one that was dealt, and scheme.json must carry the tag of the key. On a
    terminal, it asks for one share at a time.

    --expect-set detects an older copy of the folder, and --expect-update one
    without the newest update. combine and vault-open recover the same without
    scheme.json.
  `,
  args: {
    dir: dirFlag,
    master: { type: "boolean", description: "write the vault's key instead, 32 raw bytes" },
    "expect-set": expectSetFlag,
    ...updateFlags,
    writer: { ...writerOutFlag, description: "write a writer file instead, mode 0600" },
    ...shareFlags,
    force: forceFlag,
    out: outFlag,
    files: filesArgument,
  },
  exit: {
    4: "fewer shares than the scheme's threshold",
    5: "a share is not one of the scheme's, or a file of the scheme was altered",
  },
  examples: `
    Open the vault with the share of a running node and the offline share:

      ssh node-a ./unseal --key node-a.key node-a.sealed | cat - offline.txt |
        ./recovery-reconstruct --dir scheme -o secrets.tar

    Compare the contents with the original:

      ./recovery-reconstruct --dir scheme a.txt offline.txt | cmp - secrets.tar
  `,
});

export async function run(
  {
    dir,
    master: onlyMaster,
    "expect-set": expectSet,
    writer,
    force,
    out,
    files,
    ...asked
  }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (writer !== undefined && (onlyMaster || out !== undefined)) {
    fail("usage", "--writer writes nothing else: it takes no -o and no --master");
  }
  const to = await io.output(writer ?? out, "secret", { force });
  const scheme = await readScheme(io, dir, expectSet);
  io.tell("hint", summary(scheme));
  const shares = await readShares(io, files, { wanted: scheme.set, ...asked });
  const master = io.secret(recoverMaster(scheme, shares));
  if (writer !== undefined) {
    const line = await writerLineOf(Uint8Array.fromHex(scheme.set), master);
    return await to.send([line, ascii("\n")]);
  }
  if (onlyMaster) return await to.send([master]);
  const { vault, decrypt } = await openContents(io, dir, scheme, master, asked);
  await releaseVault(to, vault, decrypt);
}

if (import.meta.main) await main({ manual, run });

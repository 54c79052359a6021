#!/usr/bin/env bun
/**
 * recovery-reconstruct: open a scheme's vault with its shares
 *
 *   recovery-reconstruct --dir DIR [-o FILE] [FILE…] < SHARES
 *   recovery-reconstruct --dir DIR --master < SHARES
 */

import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { openRegular } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { tell } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { fileIn } from "../lib/cli/paths.ts";
import { openPieces } from "../lib/cli/pieces.ts";
import { wipe } from "../lib/core/bytes.ts";
import { describe, dirFlag, expectSetFlag, readScheme } from "../lib/scheme/read.ts";
import { rebuildMaster } from "../lib/scheme/rebuild.ts";
import { releaseVault } from "./common/release.ts";
import { readShares, shareFlags } from "./common/shares.ts";

export const command = defineCommand({
  meta: { name: "recovery-reconstruct", description: "open a scheme's vault with its shares" },
  description: `
    Writes what is in the vault or, with --master, its 32-byte key. Every share must
    be one that was dealt, and scheme.json must bear the key's tag. On a terminal it
    asks for one share after another.

    --expect-set tells an older copy of the folder from the one that is meant. The
    pipe commands do the same with the vault alone.
  `,
  args: {
    dir: dirFlag,
    master: { type: "boolean", description: "write the vault's key, 32 raw bytes" },
    "expect-set": expectSetFlag,
    ...shareFlags,
    force: { type: "boolean", description: "write the plaintext even to a terminal" },
    out: outFlag,
    files: { type: "positional", multiple: true, required: false, description: "instead of stdin" },
  },
  exit: {
    4: "fewer shares of the scheme's set than it takes",
    5: "a share is none of the scheme's, or the folder was changed",
  },
  examples: `
    Open the vault with a share of a node that still runs and the offline one:

      ssh node-a ./unseal --key node-a.key node-a.sealed | cat - offline.txt |
        ./recovery-reconstruct --dir scheme -o secrets.tar

    Compare it with what was closed:

      ./recovery-reconstruct --dir scheme a.txt offline.txt | cmp - secrets.tar
  `,
  async run({ dir, master: onlyMaster, "expect-set": expectSet, force, out, files, ...asked }) {
    const to = await destination(out, "raw", { force });
    const scheme = await readScheme(dir, expectSet);
    tell("hint", describe(scheme));
    const shares = await readShares(files, { wanted: scheme.set, ...asked });
    const master = rebuildMaster(scheme, shares);
    wipe(...shares.map(({ share }) => share.y));
    if (onlyMaster) return await send(to, [master]);
    const input = await openPieces(fileIn(dir, scheme.vault), openRegular);
    await releaseVault(to, input, master);
    input.close();
    wipe(master);
  },
});

if (import.meta.main) await main(command);

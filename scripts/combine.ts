#!/usr/bin/env bun
/**
 * combine: recover a secret from any k of its shares
 *
 *   combine [--set ID] [--strict] [FILE…] < SHARES
 */

import { setId } from "../lib/cli/arguments.ts";
import { type Args, defineManual, filesArgument, forceFlag, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { fail } from "../lib/core/errors.ts";
import { recover } from "../lib/core/recover.ts";
import { gather } from "../lib/pipes/gather.ts";
import { readShares, shareFlags } from "../lib/pipes/shares.ts";

export const manual = defineManual({
  meta: { name: "combine", description: "recover a secret from any k of its shares" },
  description: `
    Writes the secret exactly as it was split. If more than k shares are given,
    all are used: those that disagree with the others are named, and the secret
    is still written, unless --strict is given. If shares of several sets are
    given, --set must choose one. Sealed shares are skipped: unseal them first.

    On a terminal, it asks for one share at a time. A mistyped line is rejected;
    if there are few errors, the message says where they are. With
    --accept-corrections, they are corrected.
  `,
  args: {
    set: { type: "string", valueHint: "ID", description: "use this set only (16 hex digits)" },
    strict: { type: "boolean", description: "write nothing if any share disagrees" },
    ...shareFlags,
    force: forceFlag,
    out: outFlag,
    files: filesArgument,
  },
  exit: {
    4: "no set reaches its threshold, or there are no lines at all",
    5: "the shares contradict each other, or at least one is wrong",
    6: "the shares are of several sets",
  },
  examples: `
    Open a vault with node a's share and the offline share:

      cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine |
        ./vault-open vault.wd -o secrets.tar

    Recover a secret into a new file:

      ./combine -o master a.txt offline.txt
  `,
});

export async function run(
  { set, strict, force, out, files, ...asked }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const wanted = setId("--set", set);
  const to = await io.output(out, "secret", { force });
  const { shares, repeated } = gather(await readShares(io, files, { wanted, ...asked }), wanted);
  for (const { where, first } of repeated) io.tell("warning", `${where} repeats ${first}`);
  const { secret, disagreeing } = recover(shares.map(({ share }) => share));
  io.secret(secret);
  if (shares[0]?.share.k === 1) io.tell("warning", "with k = 1 every share is the secret itself");
  for (const { where, share } of shares.filter(({ share }) => disagreeing.includes(share))) {
    io.tell("warning", `${where}: share ${share.x} disagrees with the others`);
  }
  if (strict && disagreeing.length > 0) {
    fail("mismatch", `${disagreeing.length} of ${shares.length} shares disagree with the others`);
  }
  await to.send([secret]);
}

if (import.meta.main) await main({ manual, run });

#!/usr/bin/env bun
/**
 * recovery-update: encrypt new contents for a scheme, without its shares
 *
 *   recovery-update --dir DIR --writer FILE [--keep N] < SECRETS
 */

import { type Args, defineManual } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { wholeNumber } from "../lib/cli/whole-number.ts";
import { openPlaintext } from "../lib/pipes/plaintext.ts";
import { changeFolder } from "../lib/scheme/folder.ts";
import { dirFlag, readScheme, refuseChanged } from "../lib/scheme/read.ts";
import { fileIn } from "../lib/system/paths.ts";
import { dropOlder } from "../lib/update/files.ts";
import { maxUpdate } from "../lib/update/token.ts";
import { writeUpdate } from "../lib/update/write.ts";
import { readWriter } from "../lib/update/writer-file.ts";

export const manual = defineManual({
  meta: {
    name: "recovery-update",
    description: "encrypt new contents for a scheme, without its shares",
  },
  description: `
    Encrypts the secrets into a new vault, which becomes the contents of the
    scheme. A writer file, from recovery-init --writer, is enough: it can write
    updates but not read them. recovery-reconstruct takes the newest update.

    It is made for cron: it asks nothing, and prints nothing if all is well. The
    update takes effect when its token, update-G.U, is put in place. By then the
    new vault is on disk, and has been read back and opened. If the command stops
    earlier, the contents stay as they were. It refuses to run during another
    update or a rotation. A run that was killed leaves a file named lock, and the
    next run says what to do.

    Keep the writer file on the host that writes updates, mode 0600, outside the
    scheme's folder. Whoever steals it can write false contents, but read none:
    rotate, and it is refused. recovery-rotate --writer writes a new one, and
    recovery-reconstruct --writer another copy.

    Afterwards, copy the folder to the nodes, tokens last, so that no node has a
    token without its vault. The script "Distribute" in RUNBOOK.md does that. If
    it is interrupted, run it again.

    To do both every night, put the second example and that script into a file,
    here worstday-nightly. Cron mails what it prints: 17 3 * * * worstday-nightly.
    For systemd, add a timer with OnCalendar=daily and Persistent=true:

      [Service]
      Type=oneshot
      ExecStart=/usr/local/sbin/worstday-nightly

    Watch the exit status. On each node, check that recovery-verify --max-age 2
    passes, or watch the age of the newest update in recovery-verify --json.
  `,
  args: {
    dir: dirFlag,
    writer: {
      type: "string",
      required: true,
      valueHint: "FILE",
      description: "the writer file of this scheme",
    },
    keep: {
      type: "string",
      valueHint: "N",
      description: "then remove all but the newest N updates",
    },
    "allow-empty": { type: "boolean", description: "allow an empty vault" },
    verbose: { type: "boolean", description: "say in one line what was written" },
  },
  exit: {
    5: "the writer file is not this scheme's, as after a rotation",
    6: "another change of the folder is under way, or was interrupted",
  },
  examples: `
    Encrypt today's secrets:

      ./recovery-update --dir scheme --writer writer.txt < secrets.tar

    Every night, keeping the newest 30 updates:

      ./recovery-update --dir scheme --writer writer.txt --keep 30 < secrets.tar
  `,
});

export async function run(
  { dir, writer: writerFile, keep, verbose, "allow-empty": allowEmpty }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const kept = keep === undefined ? undefined : wholeNumber("--keep", keep, 1, maxUpdate);
  const scheme = await readScheme(io, dir);
  const writer = await readWriter(io, writerFile, scheme);
  await io.open(fileIn(dir, scheme.vault), { regular: true }); // no writer file tells the generation
  const read = await openPlaintext(io, undefined, { wanted: "secrets", allowEmpty });
  const number = await changeFolder(dir, { make: false }, async (folder) => {
    const unchanged = () => refuseChanged(io, dir, scheme);
    await unchanged();
    const to = { dir, scheme, writer, now: new Date() };
    const written = await writeUpdate(folder, to, read, unchanged);
    if (kept !== undefined) await dropOlder(io, dir, scheme, kept);
    return written;
  });
  if (verbose) io.tell("hint", `update ${number} of generation ${scheme.generation} is in place`);
}

if (import.meta.main) await main({ manual, run });

#!/usr/bin/env bun
/**
 * recovery-update: close new contents for a scheme, without its shares
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
import { dropOlder } from "../lib/update/files.ts";
import { maxUpdate } from "../lib/update/token.ts";
import { writeUpdate } from "../lib/update/write.ts";
import { readWriter } from "../lib/update/writer-file.ts";

export const manual = defineManual({
  meta: {
    name: "recovery-update",
    description: "close new contents for a scheme, without its shares",
  },
  description: `
    Encrypts the secrets into a new vault, which counts as the scheme's contents
    from then on. The writer file, from recovery-init --writer, is enough: it
    can write, and never read. recovery-reconstruct takes the newest update.

    It is made for cron: it asks nothing, and says nothing if all is well. The
    new vault is on disk, has been read back and has opened before its token,
    update-G.U, makes it count. Whatever stops the command before that leaves
    the contents as they were. Two at a time, or an update during a rotation,
    are refused; a run that was killed leaves a file named lock, and the next
    one says what to do.

    Keep the writer file on the host that writes updates, mode 0600, outside the
    scheme's folder. Whoever steals it can write false contents, but open none;
    rotate then. After a rotation the old one is refused: recovery-rotate
    --writer gives out a new one, and recovery-reconstruct --writer another copy.

    Then copy the folder to the nodes, tokens last, so that no node has a token
    without its vault: rsync -a --exclude "update-*" scheme/ node-a:scheme/ and
    then the same without --exclude. If that is interrupted, run it again.

    As a systemd service, with a timer that says OnCalendar=daily, Persistent=true:

      [Service]
      Type=oneshot
      ExecStart=/usr/local/sbin/worstday-nightly

    As cron, which mails what it prints: 17 3 * * * worstday-nightly. That is a
    script of the second example and of the copies above. What to watch is its
    exit status, and on each node that recovery-verify --max-age 2 passes, or
    the age of the newest update in recovery-verify --json.
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
      description: "then remove all updates but the newest N",
    },
    "allow-empty": { type: "boolean", description: "allow an empty vault" },
    verbose: { type: "boolean", description: "say in one line what was written" },
  },
  exit: {
    5: "the writer file is not this scheme's, as after a rotation",
    6: "another change of the folder is under way, or was interrupted",
  },
  examples: `
    Close today's secrets:

      ./recovery-update --dir scheme --writer writer.txt < secrets.tar

    Every night, keep 30 of them:

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

#!/usr/bin/env bun
/**
 * recovery-verify: check a scheme, or rehearse a recovery
 *
 *   recovery-verify --dir DIR                      checks that need no secret
 *   recovery-verify --dir DIR --key FILE           on a node: opens its share, needs no other
 *   recovery-verify --dir DIR --against FILE|-     the same, if it is the scheme.json in FILE
 *   recovery-verify --dir DIR --drill < SHARES     a recovery that reveals nothing
 */

import { type Args, defineManual } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { wholeNumber } from "../lib/cli/whole-number.ts";
import { fail } from "../lib/core/errors.ts";
import { readPrivateKey } from "../lib/pipes/private-key.ts";
import { readShares, shareFlags } from "../lib/pipes/shares.ts";
import { noteDrill } from "../lib/scheme/drill.ts";
import { findAll, refuseFindings } from "../lib/scheme/findings.ts";
import { dirFlag, expectSetFlag, readScheme } from "../lib/scheme/read.ts";
import { recoverMaster } from "../lib/scheme/recover-master.ts";
import { reportJson, reportText } from "../lib/scheme/report.ts";
import { refuseStale } from "../lib/scheme/stale.ts";
import { findUpdates, judgeAge, newestFacts } from "../lib/update/check.ts";
import { chooseUpdate, updateFlags } from "../lib/update/contents.ts";
import { writerKeyOf } from "../lib/update/writer.ts";
import { readWriter } from "../lib/update/writer-file.ts";

export const manual = defineManual({
  meta: { name: "recovery-verify", description: "check a scheme, or rehearse a recovery" },
  description: `
    Reports whether the vault, each update and each holder's sealed share are
    good. Without a drill, nothing proves who wrote scheme.json. With --key,
    that node's share is opened, and the files of other holders may be absent.

    With --writer, each update must have been written with that file. For
    monitoring, --json has the age of the newest update in seconds, and with
    --max-age, contents that are too old are a mismatch. Only --writer or a drill
    proves the date of an update: without them, --max-age believes its token.

    Only a comparison shows whether the folder is current: with a set id
    (--expect-set), or with the primary's scheme.json (--against). A stale
    folder, or a key that no longer has a share, is then a mismatch.
    --expect-update and --max-age detect missing updates.

    A drill recovers the master key in memory, checks the tags of scheme.json and
    of all updates, and opens the vault and the newest update. It reveals nothing,
    and records in the folder when it passed, and with whose shares.
  `,
  args: {
    dir: dirFlag,
    key: { type: "string", valueHint: "FILE", description: "open the share of this private key" },
    drill: {
      type: "boolean",
      description: "recover the master key from shares, and reveal nothing",
    },
    "expect-set": expectSetFlag,
    against: {
      type: "string",
      valueHint: "FILE",
      description: "the scheme.json that is in force; - for stdin",
    },
    ...updateFlags,
    writer: { type: "string", valueHint: "FILE", description: "check who wrote the updates" },
    "max-age": {
      type: "string",
      valueHint: "DAYS",
      description: "fail if the newest contents are older",
    },
    json: { type: "boolean", description: "write JSON" },
    ...shareFlags,
    files: {
      type: "positional",
      multiple: true,
      required: false,
      description: "shares, with --drill",
    },
  },
  exit: {
    1: "also if a file of the scheme is missing",
    5: "also if a share or the vault is bad, or the scheme is not the expected one",
  },
  examples: `
    Run a drill with two shares:

      cat a.txt offline.txt | ./recovery-verify --dir scheme --drill

    Check a node's folder and share against the primary's scheme.json:

      ssh node-a ./recovery-verify --dir scheme --key node-a.key \\
        --against - < scheme/scheme.json
  `,
});

export async function run(
  { dir, key, drill, against, writer, json, files, ...asked }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (!drill && files.length > 0) fail("usage", "shares are used only with --drill");
  const shareFiles = drill && files.length === 0 ? ["-"] : files;
  const fromStdin = [key, against, ...shareFiles].filter((file) => file === "-");
  if (fromStdin.length > 1) fail("usage", "stdin can be only one of key, shares and scheme.json");
  if (!drill && asked.update !== undefined) fail("usage", "--update is used only with --drill");
  const most = asked["max-age"];
  const days = most === undefined ? undefined : wholeNumber("--max-age", most, 0, 999_999);
  const to = await io.output(undefined, "public");
  const scheme = await readScheme(io, dir, asked["expect-set"]);
  const { number } = await chooseUpdate(dir, scheme, asked);
  const given = writer === undefined ? undefined : (await readWriter(io, writer, scheme)).key;
  const privateKey = key === undefined ? undefined : await readPrivateKey(io, key);
  const same =
    against === undefined ? undefined : await refuseStale(io, scheme, against, privateKey);
  const shares = drill ? await readShares(io, files, { wanted: scheme.set, ...asked }) : [];
  const master = drill ? io.secret(recoverMaster(scheme, shares)) : undefined;
  const writerKey = master ? io.secret(writerKeyOf(master)) : given;
  const names = scheme.holders.flatMap(({ index, name }) =>
    shares.some(({ share }) => share.x === index) ? [name] : [],
  );
  const findings = await findAll(io, dir, scheme, { privateKey, master, given: names });
  const opened = master && { number, master };
  const { updates, newest } = await findUpdates(io, dir, scheme, { writerKey, opened });
  if (days !== undefined) updates.push(judgeAge(newest, days));
  const report = {
    ...{ scheme, findings, updates, newest: newestFacts(newest) },
    drill: drill ? names : undefined,
    comparedWith: same ?? (asked["expect-set"] && "the set that was expected"),
  };
  const text = json ? reportJson(report) : reportText(report);
  await to.send([new TextEncoder().encode(text)]);
  refuseFindings([...findings, ...updates]);
  if (drill) await noteDrill(io, dir, scheme, names);
}

if (import.meta.main) await main({ manual, run });

#!/usr/bin/env bun
/**
 * recovery-verify: check a scheme, or rehearse a recovery
 *
 *   recovery-verify --dir DIR                      checks that need no secret
 *   recovery-verify --dir DIR --key FILE           on a node: opens its share, needs no other
 *   recovery-verify --dir DIR --drill < SHARES     a recovery that reveals nothing
 */

import { type Args, defineManual } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { fail, RecoveryError } from "../lib/core/errors.ts";
import { readPrivateKey } from "../lib/pipes/private-key.ts";
import { readShares, shareFlags } from "../lib/pipes/shares.ts";
import { drillNote } from "../lib/scheme/fields.ts";
import { findAll, refuseFindings } from "../lib/scheme/findings.ts";
import { dirFlag, expectSetFlag, readScheme, summary } from "../lib/scheme/read.ts";
import { recoverMaster } from "../lib/scheme/recover-master.ts";
import type { TaggedScheme } from "../lib/scheme/scheme.ts";
import type { Finding } from "../lib/scheme/verify.ts";
import { createFile } from "../lib/system/exclusive-file.ts";
import { toJson } from "../lib/system/json.ts";
import { escapeControls } from "../lib/system/messages.ts";
import { fileIn } from "../lib/system/paths.ts";

export const manual = defineManual({
  meta: { name: "recovery-verify", description: "check a scheme, or rehearse a recovery" },
  description: `
    Reports whether the vault and each holder's sealed share are good. Without
    --drill, stdin is not read, and nothing proves who wrote scheme.json. With
    --key, that node's share is opened, and the files of other holders may be
    absent.

    A drill recovers the master key in memory, checks the tag of scheme.json,
    opens the vault, reveals nothing, and records in the folder that it passed.
  `,
  args: {
    dir: dirFlag,
    key: { type: "string", valueHint: "FILE", description: "open the share of this private key" },
    drill: {
      type: "boolean",
      description: "recover the master key from shares, and reveal nothing",
    },
    "expect-set": expectSetFlag,
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
    5: "also if a share or the vault is bad",
  },
  examples: `
    Run a drill with two shares:

      cat a.txt offline.txt | ./recovery-verify --dir scheme --drill

    Check a node's own share, on that node:

      ./recovery-verify --dir scheme --key node-a.key
  `,
});

export async function run(
  { dir, key, drill, "expect-set": expectSet, json, files, ...asked }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (!drill && files.length > 0) fail("usage", "shares are used only with --drill");
  const to = await io.output(undefined, "public");
  const scheme = await readScheme(io, dir, expectSet);
  const privateKey = key === undefined ? undefined : await readPrivateKey(io, key);
  const shares = drill ? await readShares(io, files, { wanted: scheme.set, ...asked }) : [];
  const master = drill ? io.secret(recoverMaster(scheme, shares)) : undefined;
  const findings = await findAll(io, dir, scheme, { privateKey, master });
  const report = json ? asJson(scheme, findings, drill) : asText(scheme, findings, drill);
  await to.send([new TextEncoder().encode(report)]);
  refuseFindings(findings);
  if (drill) await noteDrill(io, dir, scheme);
}

function asText(scheme: TaggedScheme, findings: Finding[], drill: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, verdict, reason, key }) => {
    const kind = key === undefined ? "" : ` (${key})`;
    return `${name.padEnd(width)}  ${verdict}: ${escapeControls(reason)}${kind}`;
  });
  const verdict = drill ? "authenticated by the master key" : "consistent, not authenticated";
  const good = findings.every((one) => one.verdict === "good" || one.verdict === "not checked");
  return [summary(scheme), ...lines, good ? verdict : "faults found", ""].join("\n");
}

function asJson(scheme: TaggedScheme, findings: Finding[], drill: boolean): string {
  const { set, generation, created, k, n } = scheme;
  const [vault, ...holders] = findings;
  const facts = { set, generation, created, k, n, authenticated: drill, vault, holders };
  return toJson(facts);
}

/** Records the drill, which recovery-prune requires. */
async function noteDrill(io: Io, dir: string, scheme: TaggedScheme): Promise<void> {
  const { file, content } = drillNote(scheme);
  try {
    await createFile(fileIn(dir, file), [content]);
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    if (error.code !== "refused")
      io.tell("warning", `the drill passed, but was not recorded: ${error.message}`);
  }
}

if (import.meta.main) await main({ manual, run });

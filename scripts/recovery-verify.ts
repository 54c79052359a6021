#!/usr/bin/env bun
/**
 * recovery-verify: check a scheme, any day
 *
 *   recovery-verify --dir DIR                      all that needs no secret
 *   recovery-verify --dir DIR --key FILE           on a node: its own share as well, and alone
 *   recovery-verify --dir DIR --drill < SHARES     a recovery that reveals nothing
 */

import { defineCommand } from "../lib/cli/command.ts";
import { createFile } from "../lib/cli/exclusive-file.ts";
import { main } from "../lib/cli/main.ts";
import { escapeControls, tell } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { fileIn } from "../lib/cli/paths.ts";
import { wipe } from "../lib/core/bytes.ts";
import { fail, RecoveryError } from "../lib/core/errors.ts";
import { drillNote } from "../lib/scheme/fields.ts";
import { findAll, refuseFindings } from "../lib/scheme/findings.ts";
import { describe, dirFlag, expectSetFlag, readScheme } from "../lib/scheme/read.ts";
import { rebuildMaster } from "../lib/scheme/rebuild.ts";
import type { TaggedScheme } from "../lib/scheme/scheme.ts";
import type { Finding } from "../lib/scheme/verify.ts";
import { readPrivateKey } from "./common/keys.ts";
import { readShares, shareFlags } from "./common/shares.ts";

export const command = defineCommand({
  meta: { name: "recovery-verify", description: "check a scheme, any day" },
  description: `
    Says of the vault and of each holder whether what is there is good. Without
    --drill stdin is not read, and nothing proves who wrote scheme.json. With --key
    that node's share is opened, and the others need not be there.

    The drill rebuilds the master key in memory, checks the tag over scheme.json,
    opens the vault, reveals nothing, and notes in the folder that it has passed.
  `,
  args: {
    dir: dirFlag,
    key: { type: "string", valueHint: "FILE", description: "a node's private key" },
    drill: {
      type: "boolean",
      description: "rebuild the master key from shares, and reveal nothing",
    },
    "expect-set": expectSetFlag,
    json: { type: "boolean", description: "write JSON" },
    ...shareFlags,
    files: {
      type: "positional",
      multiple: true,
      required: false,
      description: "shares, for --drill",
    },
  },
  exit: {
    1: "also where a holder's file is missing",
    5: "also where a share or the vault is bad",
  },
  examples: `
    A drill with two shares:

      cat a.txt offline.txt | ./recovery-verify --dir scheme --drill

    What a node can check by itself:

      ./recovery-verify --dir scheme --key node-a.key
  `,
  async run({ dir, key, drill, "expect-set": expectSet, json, files, ...asked }) {
    if (!drill && files.length > 0) fail("usage", "shares are for --drill");
    const to = await destination(undefined, "public");
    const scheme = await readScheme(dir, expectSet);
    const privateKey = key === undefined ? undefined : await readPrivateKey(key);
    const shares = drill ? await readShares(files, { wanted: scheme.set, ...asked }) : [];
    const master = drill ? rebuildMaster(scheme, shares) : undefined;
    const findings = await findAll(dir, scheme, { privateKey, master });
    wipe(privateKey, master, ...shares.map(({ share }) => share.y));
    const report = json ? asJson(scheme, findings, drill) : asText(scheme, findings, drill);
    await send(to, [new TextEncoder().encode(report)]);
    refuseFindings(findings);
    if (drill) await noteDrill(dir, scheme);
  },
});

function asText(scheme: TaggedScheme, findings: Finding[], drill: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, verdict, reason }) => {
    return `${name.padEnd(width)}  ${verdict}: ${escapeControls(reason)}`;
  });
  const verdict = drill ? "authenticated by the master key" : "consistent, not authenticated";
  const good = findings.every((one) => one.verdict === "good" || one.verdict === "not checked");
  return [describe(scheme), ...lines, good ? verdict : "not good", ""].join("\n");
}

function asJson(scheme: TaggedScheme, findings: Finding[], drill: boolean): string {
  const { set, generation, created, k, n } = scheme;
  const [vault, ...holders] = findings;
  const facts = { set, generation, created, k, n, authenticated: drill, vault, holders };
  return `${JSON.stringify(facts, undefined, 2)}\n`;
}

/** What lets `recovery-rotate --prune` remove older generations. */
async function noteDrill(dir: string, scheme: TaggedScheme): Promise<void> {
  const { file, content } = drillNote(scheme);
  try {
    await createFile(fileIn(dir, file), [content]);
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    if (error.code !== "refused") tell("warning", `the drill passed, but: ${error.message}`);
  }
}

if (import.meta.main) await main(command);

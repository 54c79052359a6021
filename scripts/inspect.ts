#!/usr/bin/env bun
/**
 * inspect: say what a line or file of ours is
 *
 *   inspect [--json] [--recipients FILE…] [FILE…] < INPUT
 */

import { type Args, defineManual, filesArgument, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { escapeControls } from "../lib/cli/messages.ts";
import { inspectSets } from "../lib/show/inspect.ts";
import { type Located, table } from "../lib/show/inspect-text.ts";
import { readFacts } from "../lib/show/read-facts.ts";

export const manual = defineManual({
  meta: { name: "inspect", description: "say what a line or file of ours is" },
  description: `
    Takes shares, sealed shares, keys (SSH's too), vaults and scheme.json, and tells
    what anyone may know of them: set, index, how many recover it, whom a share is
    sealed to, a vault's key id and size, and whether the shares of a set are
    enough. Needs no key and shows no secret.

    Recipients are told by their ids; with --recipients by the names of the files
    that hold their keys, or of the holders in a scheme.json.
  `,
  args: {
    json: { type: "boolean", description: "write JSON" },
    recipients: {
      type: "string",
      multiple: true,
      valueHint: "FILE",
      description: "a key or scheme.json to name them by; may be repeated",
    },
    out: outFlag,
    files: filesArgument,
  },
  examples: `
    Whom the shares are sealed to, and to which key the vault is closed:

      ./inspect shares.txt vault.wd

    The same by name:

      ./inspect --recipients node-a.pub --recipients node-b.pub shares.txt

    The same for a program:

      ./inspect --json shares.txt vault.wd
  `,
});

export async function run(
  { json, recipients, out, files }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const to = await io.output(out, "public");
  const items: Located[] = [];
  for (const file of files.length > 0 ? files : ["-"]) items.push(...(await readFacts(io, file)));
  const names = await readNames(io, recipients);
  for (const item of items) {
    const recipientName = names.get(String(item["recipient"]));
    if (item.kind === "sealed share" && recipientName) Object.assign(item, { recipientName });
  }
  const sets = inspectSets(items);
  const text = json
    ? JSON.stringify({ items, sets }, undefined, 2)
    : table(items, sets).map(escapeControls).join("\n");
  await to.send([new TextEncoder().encode(`${text}\n`)]);
}

/** The names of recipient ids: of key files their own, of scheme.json its holders'. */
async function readNames(io: Io, files: string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const file of files) {
    for (const { recipient, name = file } of await readFacts(io, file)) {
      if (recipient !== undefined) names.set(String(recipient), String(name));
    }
  }
  return names;
}

if (import.meta.main) await main({ manual, run });

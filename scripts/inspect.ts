#!/usr/bin/env bun
/**
 * inspect: show public facts about shares, keys and vaults
 *
 *   inspect [--json] [--recipients FILE…] [FILE…] < INPUT
 */

import { type Args, defineManual, filesArgument, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { inspectSets } from "../lib/show/inspect.ts";
import { type Located, table } from "../lib/show/inspect-text.ts";
import { readFacts } from "../lib/show/read-facts.ts";
import { toJson } from "../lib/system/json.ts";
import { escapeControls } from "../lib/system/messages.ts";

export const manual = defineManual({
  meta: { name: "inspect", description: "show public facts about shares, keys and vaults" },
  description: `
    Reads shares, sealed shares, keys (SSH keys too), vaults and scheme.json,
    and shows what anyone may know: set, index and threshold, the key that a
    share is sealed to, a vault's key id and size, and whether the shares of a
    set are enough. It needs no key and shows no secret.

    Recipients are shown as ids. With --recipients they are also named: after
    the file that holds their key, or after the holder in a scheme.json.
  `,
  args: {
    json: { type: "boolean", description: "write JSON" },
    recipients: {
      type: "string",
      multiple: true,
      valueHint: "FILE",
      description: "names from this key file or scheme.json; repeatable",
    },
    out: outFlag,
    files: filesArgument,
  },
  examples: `
    Show which keys the shares are sealed to, and the key id of the vault:

      ./inspect shares.txt vault.wd

    The same, with the names of the recipients:

      ./inspect --recipients node-a.pub --recipients node-b.pub shares.txt

    The same as JSON:

      ./inspect --json shares.txt vault.wd
  `,
});

export async function run(
  { json, recipients, out, files }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const to = await io.output(out, "public");
  const items: Located[] = [];
  for (const file of files.length > 0 ? files : ["-"]) {
    for (const item of await readFacts(io, file)) items.push(item);
  }
  const names = await readNames(io, recipients);
  for (const item of items) {
    const recipientName = names.get(String(item["recipient"]));
    if (item.kind === "sealed share" && recipientName) Object.assign(item, { recipientName });
  }
  const sets = inspectSets(items);
  const rows = () => table(items, sets).map((row) => `${escapeControls(row)}\n`);
  await to.send([new TextEncoder().encode(json ? toJson({ items, sets }) : rows().join(""))]);
}

/** Names by recipient id: a key file's own name, or the names of the holders in a scheme.json. */
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

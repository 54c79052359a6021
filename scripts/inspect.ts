#!/usr/bin/env bun
/**
 * inspect: say what a line or file of ours is
 *
 *   inspect [--json] [--recipients FILE…] [FILE…] < INPUT
 */

import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { failEmpty } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { escapeControls } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { type Input, measure, openPieces, readRest } from "../lib/cli/pieces.ts";
import { at } from "../lib/core/errors.ts";
import { headerBytes, looksLikeVault } from "../lib/core/vault.ts";
import {
  inspectScheme,
  inspectSets,
  inspectSshKey,
  inspectToken,
  inspectVault,
  looksLikeScheme,
} from "../lib/show/inspect.ts";
import { type Located, table } from "../lib/show/inspect-text.ts";
import { readLines } from "../lib/wire/lines.ts";

export const command = defineCommand({
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
    files: { type: "positional", multiple: true, required: false, description: "instead of stdin" },
  },
  examples: `
    Whom the shares are sealed to, and to which key the vault is closed:

      ./inspect shares.txt vault.wd

    The same by name:

      ./inspect --recipients node-a.pub --recipients node-b.pub shares.txt

    The same for a program:

      ./inspect --json shares.txt vault.wd
  `,
  async run({ json, recipients, out, files }) {
    const to = await destination(out, "public");
    const items: Located[] = [];
    for (const file of files.length > 0 ? files : ["-"]) items.push(...(await inspectInput(file)));
    const names = await readNames(recipients);
    for (const item of items) {
      const recipientName = names.get(String(item["recipient"]));
      if (item.kind === "sealed share" && recipientName) Object.assign(item, { recipientName });
    }
    const sets = inspectSets(items);
    const text = json
      ? JSON.stringify({ items, sets }, undefined, 2)
      : table(items, sets).map(escapeControls).join("\n");
    await send(to, [new TextEncoder().encode(`${text}\n`)]);
  },
});

async function inspectInput(name: string): Promise<Located[]> {
  const input = await openPieces(name);
  try {
    return await inspect(input, name);
  } finally {
    input.close();
  }
}

async function inspect(input: Input, name: string): Promise<Located[]> {
  const file = input.name === "stdin" ? undefined : name;
  const start = new Uint8Array(headerBytes);
  const startBytes = start.subarray(0, await input.read(start));
  if (startBytes.length === 0) failEmpty([{ file }], "malformed", "input to inspect");
  if (looksLikeVault(startBytes)) {
    const fileBytes = await measure(input, startBytes.length);
    const facts = await at(input.name, () => inspectVault(startBytes, fileBytes));
    return [{ where: input.name, ...facts }];
  }
  const bytes = await readRest(input, startBytes);
  const sshKey = await at(input.name, () => inspectSshKey(bytes));
  if (sshKey) return [{ where: input.name, ...sshKey }];
  if (looksLikeScheme(bytes)) {
    const found = await at(input.name, () => inspectScheme(bytes));
    return found.map((facts) => ({ where: input.name, ...facts }));
  }
  const lines = readLines(bytes, file);
  if (lines.length === 0) failEmpty([{ file }], "malformed", "lines to inspect");
  const items: Located[] = [];
  for (const { where, token } of lines) {
    items.push({ where, ...(await at(where, () => inspectToken(token))) });
  }
  return items;
}

/** The names of recipient ids: of key files their own, of scheme.json its holders'. */
async function readNames(files: string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const file of files) {
    for (const { recipient, name = file } of await inspectInput(file)) {
      if (recipient !== undefined) names.set(String(recipient), String(name));
    }
  }
  return names;
}

if (import.meta.main) await main(command);

#!/usr/bin/env bun
/**
 * inspect: say what a line or file of ours is
 *
 *   inspect [--json] [FILE…] < INPUT
 *
 * Takes shares, sealed shares, keys (SSH's too) and vaults, and tells what anyone may know of
 * them: set, index, how many recover it, whom a share is sealed to, a vault's key and size, and
 * whether the shares of a set are enough. Needs no key and shows no secret.
 *
 *   inspect shares.txt vault.wd
 */

import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { failEmpty } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { escapeControls } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { measure, openPieces, readRest } from "../lib/cli/pieces.ts";
import { at } from "../lib/errors.ts";
import { readLines } from "../lib/format/lines.ts";
import { headerBytes, looksLikeVault } from "../lib/format/vault.ts";
import {
  type Facts,
  inspectSets,
  inspectSshKey,
  inspectToken,
  inspectVault,
  type SetFacts,
} from "../lib/recovery/inspect.ts";

type Located = Facts & { where: string };

export const command = defineCommand({
  meta: { name: "inspect", description: "Say what a line or file of ours is" },
  args: {
    json: { type: "boolean", description: "write JSON" },
    out: outFlag,
    files: { type: "positional", multiple: true, required: false, description: "instead of stdin" },
  },
  example: "inspect shares.txt vault.wd",
  async run({ json, out, files }) {
    const to = await destination(out, "public");
    const items: Located[] = [];
    for (const file of files.length > 0 ? files : ["-"]) items.push(...(await inspectInput(file)));
    const sets = inspectSets(items);
    const text = json
      ? JSON.stringify({ items, sets }, undefined, 2)
      : [...items.map(describe), ...sets.map(describeSet)].join("\n");
    await send(to, [new TextEncoder().encode(`${text}\n`)]);
  },
});

async function inspectInput(name: string): Promise<Located[]> {
  const input = await openPieces(name);
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
  const lines = readLines(bytes, file);
  if (lines.length === 0) failEmpty([{ file }], "malformed", "lines to inspect");
  const items: Located[] = [];
  for (const { where, token } of lines) {
    items.push({ where, ...(await at(where, () => inspectToken(token))) });
  }
  return items;
}

function describe({ where, kind, ...facts }: Located): string {
  const known = Object.entries(facts).map(([name, value]) => `${labels[name] ?? name} ${value}`);
  return `${escapeControls(where)}: ${kind}, ${known.join(", ")}`;
}

const labels: Record<string, string> = {
  publicKey: "public key",
  keyId: "key id",
  fileBytes: "bytes",
  plaintextBytes: "bytes of plaintext",
  secretBytes: "bytes of secret",
};

function describeSet({ set, k, n, shares, sealed, complete }: SetFacts): string {
  const plain = shares.length > 0 ? shares.join(", ") : "none";
  const behind = sealed.length > 0 ? `, sealed ${sealed.join(", ")}` : "";
  const verdict = complete ? "complete" : `${k - shares.length} more needed`;
  return `set ${set}: any ${k} of ${n} recover; shares here ${plain}${behind}: ${verdict}`;
}

if (import.meta.main) await main(command);

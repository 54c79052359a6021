#!/usr/bin/env bun
/**
 * unseal: open sealed shares with a node's private key
 *
 *   unseal --key FILE… [FILE…] < SEALED
 *
 * Writes the share lines that were sealed to the key; --key may be given several times. Share
 * lines that are not sealed pass through as they are, so does, with a warning, what is sealed
 * to others. If none of the sealed lines opens, nothing is written and the exit status is 5.
 *
 *   cat node-a.sealed offline.txt | unseal --key node-a.key | combine | vault-open vault.wd
 */

import { ascii, concat, toHex, wipe } from "../lib/bytes.ts";
import { defineCommand, outFlag } from "../lib/cli/command.ts";
import {
  failEmpty,
  maxTextBytes,
  readSources,
  readWhole,
  warnIfOthersRead,
} from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { tell } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { publicKeyOf } from "../lib/crypto/x25519-key.ts";
import { at, fail } from "../lib/errors.ts";
import { parsePrivateKeyFile, recipientId } from "../lib/format/keys.ts";
import { readLines } from "../lib/format/lines.ts";
import {
  decodeSealedShare,
  encodeSealedShare,
  openSealedShare,
} from "../lib/format/sealed-share.ts";
import { decodeShare, encodeShare } from "../lib/format/share.ts";
import { hrpOf } from "../lib/format/text.ts";

export const command = defineCommand({
  meta: { name: "unseal", description: "Open sealed shares with a node's private key" },
  args: {
    key: {
      type: "string",
      multiple: true,
      required: true,
      valueHint: "FILE",
      description: "a private key that keygen made; may be repeated",
    },
    out: outFlag,
    files: { type: "positional", multiple: true, required: false, description: "instead of stdin" },
  },
  example: "cat node-a.sealed offline.txt | unseal --key node-a.key | combine > master",
  async run({ key, out, files }) {
    if (key.includes("-") && files.length === 0) {
      fail("usage", "stdin cannot be both the key and the shares", "name the shares' files");
    }
    const to = await destination(out, "text");
    const keys = new Map<string, Uint8Array>();
    for (const file of key) {
      const privateKey = await readKey(file);
      keys.set(toHex(recipientId(await publicKeyOf(privateKey))), privateKey);
    }
    const sources = await readSources(files);
    const lines = sources.flatMap(({ bytes, file }) => readLines(bytes, file));
    if (lines.length === 0) failEmpty(sources, "malformed", "shares to unseal");
    const results: Result[] = [];
    for (const { where, token } of lines) {
      const unsealed = await at(where, () => unsealLine(token, keys));
      results.push({ where, ...unsealed });
    }
    wipe(...keys.values());
    const foreign = results.filter(({ state }) => state === "foreign");
    if (foreign.length > 0 && !results.some(({ state }) => state === "opened")) {
      fail("mismatch", "none of the sealed shares is sealed to this key", named(foreign));
    }
    for (const one of foreign) tell("warning", `left as it is: ${named([one])}`);
    await send(
      to,
      results.map(({ line }) => concat(line, ascii("\n"))),
    );
    wipe(...results.map(({ line }) => line), ...sources.map(({ bytes }) => bytes));
  },
});

interface Result {
  where: string;
  state: "plain" | "opened" | "foreign";
  line: Uint8Array;
  recipient?: Uint8Array;
}

async function readKey(file: string): Promise<Uint8Array> {
  const source = await readWhole(file, maxTextBytes);
  if (source.file !== undefined) warnIfOthersRead(source.file);
  const privateKey = await parsePrivateKeyFile(source.bytes, source.file);
  wipe(source.bytes);
  return privateKey;
}

async function unsealLine(token: Uint8Array, keys: Map<string, Uint8Array>) {
  if (hrpOf(token) !== "wdsealed") {
    return { state: "plain" as const, line: encodeShare(decodeShare(token)) };
  }
  const sealed = decodeSealedShare(token);
  const { recipient } = sealed;
  const privateKey = keys.get(toHex(recipient));
  if (!privateKey) return { state: "foreign" as const, line: encodeSealedShare(sealed), recipient };
  const share = await openSealedShare(sealed, privateKey);
  const line = encodeShare(share);
  wipe(share.y);
  return { state: "opened" as const, line };
}

function named(results: Result[]): string {
  return results
    .map(({ where, recipient }) => `${where} is sealed to ${toHex(recipient as Uint8Array)}`)
    .join("; ");
}

if (import.meta.main) await main(command);

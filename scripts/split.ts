#!/usr/bin/env bun
/**
 * split: split a secret into n shares, any k of which recover it
 *
 *   split -k K -n N < SECRET
 *
 * Takes 1 to 256 bytes, exactly as they come, a newline included. Writes n share lines. Fewer
 * than k of them say nothing but the secret's length. Larger things go into a vault, whose key
 * is then what is split. A share line is itself short enough to be split once more.
 *
 *   vault-close -o vault.wd secrets.tar | split -k 2 -n 3 -o shares.txt
 */

import { ascii, wipe } from "../lib/bytes.ts";
import { wholeNumber } from "../lib/cli/arguments.ts";
import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { failEmpty, readWhole } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { tell } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { deal, maxSecretBytes } from "../lib/crypto/sharing.ts";
import { encodeShare } from "../lib/format/share.ts";

export const command = defineCommand({
  meta: { name: "split", description: "Split a secret into n shares, any k of which recover it" },
  args: {
    threshold: {
      type: "string",
      alias: "k",
      required: true,
      valueHint: "K",
      description: "how many shares recover the secret, 1 to N",
    },
    count: {
      type: "string",
      alias: "n",
      required: true,
      valueHint: "N",
      description: "how many shares there are, 1 to 255",
    },
    out: outFlag,
  },
  example: "vault-close -o vault.wd secrets.tar | split -k 2 -n 3 -o shares.txt",
  async run({ threshold, count, out }) {
    const n = wholeNumber("-n", count, 1, 255);
    const k = wholeNumber("-k", threshold, 1, n);
    const to = await destination(out, "text");
    const source = await readWhole(undefined, maxSecretBytes);
    if (source.bytes.length === 0) failEmpty([source], "malformed", "secret to split");
    if (k === 1) tell("warning", "with -k 1 every share is the secret itself");
    const shares = deal(source.bytes, k, n);
    wipe(source.bytes);
    const lines = shares.flatMap((share) => [encodeShare(share), ascii("\n")]);
    await send(to, lines);
    wipe(...shares.map(({ y }) => y));
  },
});

if (import.meta.main) await main(command);

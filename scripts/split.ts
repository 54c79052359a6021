#!/usr/bin/env bun
/**
 * split: split a secret into n shares, any k of which recover it
 *
 *   split -k K -n N < SECRET
 */

import { type Args, defineManual, forceFlag, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { wholeNumber } from "../lib/cli/whole-number.ts";
import { ascii } from "../lib/core/bytes.ts";
import { deal, maxSecretBytes } from "../lib/core/sharing.ts";
import { failEmpty } from "../lib/pipes/lines.ts";
import { encodeShare } from "../lib/wire/share.ts";

export const manual = defineManual({
  meta: { name: "split", description: "split a secret into n shares, any k of which recover it" },
  description: `
    Reads a secret of 1 to 256 bytes from stdin, exactly as it is, including a
    final newline, and writes N share lines. Any K of them recover the secret;
    fewer reveal nothing but its length.

    Put anything larger into a vault and split the vault's key. The share line
    of such a key is short enough to be split again.
  `,
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
    force: forceFlag,
    out: outFlag,
  },
  examples: `
    Split the key of a new vault:

      ./vault-close -o vault.wd secrets.tar | ./split -k 2 -n 3 -o shares.txt

    Split a share again, so that any three of five people can recover it:

      ./split -k 3 -n 5 -o people.txt < a.txt
  `,
});

export async function run(
  { threshold, count, force, out }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const n = wholeNumber("-n", count, 1, 255);
  const k = wholeNumber("-k", threshold, 1, n);
  const to = await io.output(out, "secret", { force });
  const source = await io.read(undefined, { limit: maxSecretBytes });
  if (source.bytes.length === 0) failEmpty([source], "secret to split");
  if (k === 1) io.tell("warning", "with -k 1 every share is the secret itself");
  const shares = deal(source.bytes, k, n);
  for (const { y } of shares) io.secret(y);
  await to.send(shares.flatMap((share) => [encodeShare(share), ascii("\n")]));
}

if (import.meta.main) await main({ manual, run });

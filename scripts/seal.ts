#!/usr/bin/env bun
/**
 * seal: seal shares to the keys of their holders
 *
 *   seal [--accept-corrections] RECIPIENT… < SHARES
 */

import { type Args, correctionsFlag, defineManual, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { ascii, toHex } from "../lib/core/bytes.ts";
import { fail } from "../lib/core/errors.ts";
import type { Share } from "../lib/core/sharing.ts";
import { linesOf } from "../lib/pipes/lines.ts";
import { readRecipient } from "../lib/pipes/recipient.ts";
import { decodeLine } from "../lib/wire/lines.ts";
import { sealShare } from "../lib/wire/sealed-share.ts";
import { decodeShare, encodeShare } from "../lib/wire/share.ts";

export const manual = defineManual({
  meta: { name: "seal", description: "seal shares to the keys of their holders" },
  description: `
    Seals the first share on stdin to the first recipient, the second share to
    the second recipient, and so on, and writes them in that order. Only the
    recipient's private key can open a sealed share.

    Give as many recipients as there are shares. A recipient is a public key
    (wdpub1..., or 'ssh-ed25519 AAAA...' in quotes), a file that holds exactly
    one, such as a host key's .pub file, or -, which leaves that share as it is,
    to be kept offline.

    With --accept-corrections, a mistyped line is corrected as its checksum
    suggests, and the corrected places are reported. If - is the only recipient,
    that is all it does.
  `,
  args: {
    recipient: {
      type: "positional",
      multiple: true,
      required: true,
      description: "for each share: a public key, a file with one, or -",
    },
    "accept-corrections": correctionsFlag,
    force: {
      type: "boolean",
      description: "allow a recipient twice, and shares on a terminal",
    },
    out: outFlag,
  },
  examples: `
    Close a vault, split its key, seal two shares and leave the third:

      ./vault-close -o vault.wd secrets.tar | ./split -k 2 -n 3 |
        ./seal node-a.pub node-b.pub - -o shares.txt

    Reseal a share to another node's key:

      ./unseal --key node-a.key node-a.sealed | ./seal node-b.pub -o moved.sealed
  `,
});

export async function run(
  { recipient, "accept-corrections": accept, force, out }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const to = await io.output(out, recipient.includes("-") ? "secret" : "public", { force });
  const keys: (Uint8Array | "unsealed")[] = [];
  for (const one of recipient) keys.push(one === "-" ? "unsealed" : await readRecipient(io, one));
  if (!force) refuseRepeated(keys);
  const lines = await linesOf(io, [], { wanted: "shares to seal", accept });
  const shares: Share[] = [];
  for (const line of lines) shares.push(await decodeLine(line, decodeShare));
  for (const { y } of shares) io.secret(y);
  if (shares.length !== keys.length) {
    fail("usage", `${keys.length} recipients for ${shares.length} shares`);
  }
  const sealed: Uint8Array[] = [];
  for (const [i, share] of shares.entries()) {
    const key = keys[i] as Uint8Array | "unsealed";
    const line = key === "unsealed" ? encodeShare(share) : await sealShare(share, key);
    sealed.push(line, ascii("\n"));
  }
  await to.send(sealed);
}

function refuseRepeated(keys: (Uint8Array | "unsealed")[]): void {
  const seen = keys.filter((key) => key !== "unsealed").map(toHex);
  if (new Set(seen).size < seen.length) {
    fail(
      "refused",
      "two shares would go to the same recipient",
      "if that is intended, add --force",
    );
  }
}

if (import.meta.main) await main({ manual, run });

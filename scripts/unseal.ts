#!/usr/bin/env bun

/**
 * unseal: open sealed shares with a node's private key
 *
 *   unseal --key FILE… [--accept-corrections] [FILE…] < SEALED
 */

import { correctionsFlag, defineCommand, outFlag } from "../lib/cli/command.ts";
import { failEmpty, readSources } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { tell } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { ascii, concat, wipe } from "../lib/core/bytes.ts";
import { at, fail } from "../lib/core/errors.ts";
import { correctLines } from "../lib/typing/corrections.ts";
import { readLines } from "../lib/wire/lines.ts";
import { makeKeyring, readToken, type Unsealed } from "../lib/wire/unseal.ts";
import { readPrivateKey } from "./common/keys.ts";

export const command = defineCommand({
  meta: { name: "unseal", description: "open sealed shares with a node's private key" },
  description: `
    Writes the share lines that were sealed to the key. Share lines that are not
    sealed pass through as they are; so does, with a warning, what is sealed to
    others. If none of the sealed lines opens, nothing is written.

    A key is a file that keygen made, or an ed25519 key of OpenSSH's without a
    passphrase, such as /etc/ssh/ssh_host_ed25519_key. With --accept-corrections a
    mistyped line is corrected as its checksum suggests.
  `,
  args: {
    key: {
      type: "string",
      multiple: true,
      required: true,
      valueHint: "FILE",
      description: "a private key; may be repeated",
    },
    "accept-corrections": correctionsFlag,
    out: outFlag,
    files: { type: "positional", multiple: true, required: false, description: "instead of stdin" },
  },
  exit: {
    5: "no line is sealed to the key, or one does not open",
  },
  examples: `
    Open a vault with node a's share and the offline one:

      cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine |
        ./vault-open vault.wd -o secrets.tar

    Open a share on its node, so that the key need not leave it:

      ./unseal --key node-a.key node-a.sealed -o a.txt
  `,
  async run({ key, "accept-corrections": accept, out, files }) {
    if (key.includes("-") && files.length === 0) {
      fail("usage", "stdin cannot be both the key and the shares", "name the shares' files");
    }
    const to = await destination(out, "text");
    const keys = await Promise.all(key.map(readPrivateKey));
    const keyring = await makeKeyring(keys);
    const sources = await readSources(files);
    const lines = sources.flatMap(({ bytes, file }) => readLines(bytes, file));
    if (lines.length === 0) failEmpty(sources, "malformed", "shares to unseal");
    if (accept) await correctLines(lines, (said) => tell("warning", said));
    const read: { where: string; open: ReturnType<typeof readToken> }[] = [];
    for (const { where, token } of lines) {
      read.push({ where, open: await at(where, () => readToken(token)) });
    }
    const results: (Unsealed & { where: string })[] = [];
    for (const { where, open } of read) {
      results.push({ where, ...(await at(where, () => open(keyring))) });
    }
    wipe(...keys);
    const foreign = results.filter(({ state }) => state === "foreign");
    const named = foreign.map(({ where, recipient }) => `${where} is sealed to ${recipient}`);
    if (foreign.length > 0 && !results.some(({ state }) => state === "opened")) {
      const given = [...keyring.keys()].join(", ");
      const few = named.length > 3 ? [...named.slice(0, 3), "…"] : named;
      fail("mismatch", `none of the sealed shares is sealed to this key, ${given}`, few.join("; "));
    }
    for (const one of named) tell("warning", `left as it is: ${one}`);
    await send(
      to,
      results.map(({ line }) => concat(line, ascii("\n"))),
    );
    wipe(...results.map(({ line }) => line), ...lines.map(({ token }) => token));
    wipe(...sources.map(({ bytes }) => bytes));
  },
});

if (import.meta.main) await main(command);

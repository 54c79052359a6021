#!/usr/bin/env bun
/**
 * unseal: open sealed shares with a node's private key
 *
 *   unseal --key FILE… [--accept-corrections] [FILE…] < SEALED
 *   unseal --key FILE --dir DIR                                  the node's share of a scheme
 */

import {
  type Args,
  correctionsFlag,
  defineManual,
  filesArgument,
  forceFlag,
  outFlag,
} from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { ascii } from "../lib/core/bytes.ts";
import { fail } from "../lib/core/errors.ts";
import { linesOf } from "../lib/pipes/lines.ts";
import { readPrivateKey } from "../lib/pipes/private-key.ts";
import { decodeShares, makeKeyring, type Unsealed, unseal } from "../lib/pipes/unseal.ts";

export const manual = defineManual({
  meta: { name: "unseal", description: "open sealed shares with a node's private key" },
  description: `
    Opens the shares that are sealed to the key, and writes them as share lines.
    Shares that are not sealed pass through, and so do, with a warning, shares
    sealed to other keys. If none of the sealed shares opens, nothing is
    written. With --dir, the share of the scheme's current generation is opened.

    A key is a file made by keygen, or an OpenSSH ed25519 key without a
    passphrase, such as /etc/ssh/ssh_host_ed25519_key. With
    --accept-corrections, a mistyped line is corrected as its checksum suggests.
  `,
  args: {
    key: {
      type: "string",
      multiple: true,
      required: true,
      valueHint: "FILE",
      description: "a private key; may be repeated",
    },
    dir: {
      type: "string",
      valueHint: "DIR",
      description: "a scheme's folder: open the key's share",
    },
    "accept-corrections": correctionsFlag,
    force: forceFlag,
    out: outFlag,
    files: filesArgument,
  },
  exit: {
    5: "no share is sealed to the key, or one does not open",
  },
  examples: `
    Open a vault with node a's share and the offline share:

      cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine |
        ./vault-open vault.wd -o secrets.tar

    Open a share on its node, so that the key stays there:

      ./unseal --key node-a.key --dir scheme -o a.txt
  `,
});

export async function run(
  { key, dir, "accept-corrections": accept, force, out, files }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (dir !== undefined && files.length > 0) fail("usage", "no FILE can be given with --dir");
  if (key.includes("-") && dir === undefined && files.length === 0) {
    fail("usage", "stdin cannot be both the key and the shares", "name the files with the shares");
  }
  const to = await io.output(out, "secret", { force });
  const keys: Uint8Array[] = [];
  for (const file of key) keys.push(await readPrivateKey(io, file));
  const keyring = await makeKeyring(keys);
  const lines =
    dir === undefined
      ? await linesOf(io, files, { wanted: "shares to unseal", accept })
      : await (await import("../lib/scheme/findings.ts")).ownLines(io, dir, keys);
  const unsealed: Unsealed[] = [];
  for (const one of await decodeShares(lines)) unsealed.push(await unseal(one, keyring));
  for (const { line } of unsealed) io.secret(line);
  const foreign = unsealed.filter(({ state }) => state === "foreign");
  const named = foreign.map(({ where, recipient }) => `${where} is sealed to ${recipient}`);
  if (foreign.length > 0 && !unsealed.some(({ state }) => state === "opened")) {
    const given = [...keyring.keys()].join(", ");
    const few = named.length > 3 ? [...named.slice(0, 3), "…"] : named;
    const lost = "if this node's key is new, its share is lost: use others";
    const hint = `${few.join("; ")}; ${lost}`;
    fail("mismatch", `none of the sealed shares is sealed to this key, ${given}`, hint);
  }
  for (const one of named) io.tell("warning", `left as it is: ${one}`);
  await to.send(unsealed.flatMap(({ line }) => [line, ascii("\n")]));
}

if (import.meta.main) await main({ manual, run });

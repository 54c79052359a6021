#!/usr/bin/env bun
/**
 * keygen: make a node's key pair, or show its public key
 *
 *   keygen [-o FILE]
 *   keygen -y < FILE
 */

import { type Args, defineManual, forceFlag, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { ascii, concat } from "../lib/core/bytes.ts";
import { randomBytes } from "../lib/core/random.ts";
import { keyBytes, publicKeyOf } from "../lib/nacl/x25519-key.ts";
import { failEmpty } from "../lib/pipes/lines.ts";
import { maxKeyFileBytes, parsePrivateKeyFile } from "../lib/pipes/private-key.ts";
import { encodePrivateKey, encodePublicKey } from "../lib/wire/keys.ts";

export const manual = defineManual({
  meta: {
    name: "keygen",
    description: "make a node's key pair, or show its public key",
  },
  description: `
    With -o, writes a new private key to that file and prints the public key;
    without -o, prints the private key. With -y, reads a private key from stdin,
    which may be an OpenSSH ed25519 key, and prints its public key.

    The private key stays on its node. The public key, one line that begins with
    wdpub1, is what seal takes. It is not secret.
  `,
  args: {
    out: { ...outFlag, description: "write the private key to this new file, mode 0600" },
    force: forceFlag,
    public: {
      type: "boolean",
      alias: "y",
      description: "print the public key of the private key on stdin",
    },
  },
  examples: `
    Make the key pair of a node:

      ./keygen -o node-a.key > node-a.pub

    Show its public key again:

      ./keygen -y < node-a.key
  `,
});

export async function run(
  { out, force, public: onlyPublic }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (onlyPublic) return await printPublic(out, io);
  const to = await io.output(out, "secret", { force });
  const privateKey = io.secret(randomBytes(keyBytes));
  const publicLine = concat(encodePublicKey(await publicKeyOf(privateKey)), newline);
  const title = ascii("# worstday private key: secret; keep it on this node\n# ");
  const file = concat(title, publicLine, encodePrivateKey(privateKey), newline);
  // If the public key cannot be written, the private key is removed: nobody could seal to it.
  const stdout = await io.output(undefined, "public");
  await to.send([file], () => stdout.send([publicLine]));
}

const newline = ascii("\n");

async function printPublic(out: string | undefined, io: Io): Promise<void> {
  const to = await io.output(out, "public");
  const source = await io.read(undefined, { limit: maxKeyFileBytes });
  if (source.bytes.length === 0) failEmpty([source], "private key");
  const privateKey = io.secret(await parsePrivateKeyFile(source.bytes));
  await to.send([concat(encodePublicKey(await publicKeyOf(privateKey)), newline)]);
}

if (import.meta.main) await main({ manual, run });

#!/usr/bin/env bun

/**
 * keygen: make a node's key pair, or show its public key
 *
 *   keygen [-o FILE]
 *   keygen -y < FILE
 */

import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { failEmpty, maxKeyFileBytes, readWhole } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { destination, send } from "../lib/cli/output.ts";
import { ascii, concat, wipe } from "../lib/core/bytes.ts";
import { randomBytes } from "../lib/core/random.ts";
import { encodePrivateKey, encodePublicKey, parsePrivateKeyFile } from "../lib/wire/keys.ts";
import { keyBytes, publicKeyOf } from "../lib/wire/x25519-key.ts";

export const command = defineCommand({
  meta: {
    name: "keygen",
    description: "make a node's key pair, or show its public key",
  },
  description: `
    With -o, creates that file with the private key and prints the public key;
    without, prints the private key. With -y, reads a private key from stdin, an
    OpenSSH ed25519 key too, and prints its public key.

    The private key stays on its node. The public key, one line that begins with
    wdpub1, is what seal takes; it may be known to all.
  `,
  args: {
    out: { ...outFlag, description: "the file to create for the private key, mode 0600" },
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
  async run({ out, public: onlyPublic }) {
    if (onlyPublic) return await printPublic(out);
    const to = await destination(out, "text");
    const privateKey = randomBytes(keyBytes);
    const publicLine = concat(encodePublicKey(await publicKeyOf(privateKey)), newline);
    const title = ascii("# worstday private key: secret, and to stay on this node\n# ");
    const file = concat(title, publicLine, encodePrivateKey(privateKey), newline);
    // A key whose public half could not be written is taken back: nobody would seal to it.
    await send(to, [file], () => send({ file: undefined }, [publicLine]));
    wipe(privateKey);
  },
});

const newline = ascii("\n");

async function printPublic(out: string | undefined): Promise<void> {
  const to = await destination(out, "public");
  const source = await readWhole(undefined, maxKeyFileBytes);
  if (source.bytes.length === 0) failEmpty([source], "malformed", "private key");
  const privateKey = await parsePrivateKeyFile(source.bytes);
  await send(to, [concat(encodePublicKey(await publicKeyOf(privateKey)), newline)]);
  wipe(privateKey, source.bytes);
}

if (import.meta.main) await main(command);

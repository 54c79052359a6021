#!/usr/bin/env bun
/**
 * keygen: make a node's key pair, or show the public key of a private one
 *
 *   keygen -o FILE        create FILE with the private key, print the public key
 *   keygen                print the private key
 *   keygen -y < FILE      print the public key of a private one, an OpenSSH ed25519 key too
 *
 * The private key stays on its node. The public key, one line that begins with wdpub1, is what
 * `seal` takes; it may be known to all.
 *
 *   keygen -o node-a.key > node-a.pub
 */

import { ascii, concat, wipe } from "../lib/bytes.ts";
import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { failEmpty, maxTextBytes, readWhole } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { destination, send } from "../lib/cli/output.ts";
import { randomBytes } from "../lib/crypto/random.ts";
import { keyBytes, publicKeyOf } from "../lib/crypto/x25519-key.ts";
import { encodePrivateKey, encodePublicKey, parsePrivateKeyFile } from "../lib/format/keys.ts";

export const command = defineCommand({
  meta: { name: "keygen", description: "Make a node's key pair" },
  args: {
    out: { ...outFlag, description: "create this file with the private key, print the public key" },
    public: {
      type: "boolean",
      alias: "y",
      description: "print the public key of the private key on stdin",
    },
  },
  example: "keygen -o node-a.key > node-a.pub",
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
  const source = await readWhole(undefined, maxTextBytes);
  if (source.bytes.length === 0) failEmpty([source], "malformed", "private key");
  const privateKey = await parsePrivateKeyFile(source.bytes);
  await send(to, [concat(encodePublicKey(await publicKeyOf(privateKey)), newline)]);
  wipe(privateKey, source.bytes);
}

if (import.meta.main) await main(command);

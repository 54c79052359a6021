#!/usr/bin/env bun
/**
 * keygen: make a node's key pair, or show its public key
 *
 *   keygen [--hybrid] [-o FILE]
 *   keygen -y < FILE
 */

import { type Args, defineManual, forceFlag, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { ascii, concat } from "../lib/core/bytes.ts";
import { fail } from "../lib/core/errors.ts";
import { randomBytes } from "../lib/core/random.ts";
import { keyBytes } from "../lib/nacl/x25519-key.ts";
import { failEmpty } from "../lib/pipes/lines.ts";
import { maxKeyFileBytes, parsePrivateKeyFile } from "../lib/pipes/private-key.ts";
import { encodePrivateKey, encodePublicKey, publicHalf } from "../lib/wire/keys.ts";

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

    A share sealed to a hybrid key stays secret unless both X25519 and ML-KEM-768
    are broken. Use one if copies of the sealed shares must stay secret even when
    quantum computers can break X25519. Its public key is a line of 1,969
    characters.
  `,
  args: {
    hybrid: { type: "boolean", description: "a key of X25519 and ML-KEM-768 together" },
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

    Make a hybrid key pair:

      ./keygen --hybrid -o node-b.key > node-b.pub
  `,
});

export async function run(
  { hybrid, out, force, public: onlyPublic }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (hybrid && onlyPublic) fail("usage", "--hybrid makes a new key, and -y reads one");
  if (onlyPublic) return await printPublic(out, io);
  const to = await io.output(out, "secret", { force });
  const random = io.secret(randomBytes(keyBytes));
  const privateKey = hybrid ? io.secret(concat(Uint8Array.of(2), random)) : random;
  const publicLine = concat(encodePublicKey(await publicHalf(privateKey)), newline);
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
  await to.send([concat(encodePublicKey(await publicHalf(privateKey)), newline)]);
}

if (import.meta.main) await main({ manual, run });

/** Keys that are given to commands by name: recipients to seal to, private keys to unseal with. */

import type { Io } from "../cli/io.ts";
import { fail } from "../core/errors.ts";
import { parsePrivateKeyFile } from "../wire/keys.ts";
import { parseRecipient, parseRecipientFile } from "../wire/recipient.ts";
import { failEmpty } from "./lines.ts";

/** More than this is no file of one key. */
export const maxKeyFileBytes = 65_536;

/** The 32-byte public key of a recipient: a literal one, or alone in the file of that name. */
export async function readRecipient(io: Io, recipient: string): Promise<Uint8Array> {
  const literal = await parseRecipient(recipient);
  if (literal) return literal;
  const { bytes } = await io.read(recipient, maxKeyFileBytes);
  return await parseRecipientFile(bytes, recipient);
}

/** The 32-byte private key in a file; a warning where others can read it. */
export async function readPrivateKey(io: Io, file: string): Promise<Uint8Array> {
  const source = await io.read(file, maxKeyFileBytes);
  const privateKey = io.secret(await parsePrivateKeyFile(source.bytes, source.file));
  if (source.othersRead && source.file !== undefined) {
    io.tell("warning", `others can read the private key ${file}: chmod 600 it`);
  }
  return privateKey;
}

/**
 * A raw key of exactly that many bytes, from a file or from stdin.
 *
 * @throws io, malformed
 */
export async function readRawKey(io: Io, file: string | undefined, keyBytes: number) {
  const source = await io.read(file);
  const length = source.bytes.length;
  if (length === 0) failEmpty([source], "key");
  if (length === keyBytes) return source.bytes;
  const hint = length === keyBytes + 1 ? "a newline may have been added" : undefined;
  const name = source.file ?? "stdin";
  return fail("malformed", `${name} has ${length} bytes, expected a key of ${keyBytes}`, hint);
}

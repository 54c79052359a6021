/** Keys that are given to commands by name: recipients to seal to, private keys to unseal with. */

import { maxKeyFileBytes, readWhole, warnIfOthersRead } from "../../lib/cli/input.ts";
import { toText, wipe } from "../../lib/core/bytes.ts";
import { at } from "../../lib/core/errors.ts";
import { type Seat, splitHolder } from "../../lib/scheme/plan.ts";
import { encodePublicKey, parsePrivateKeyFile } from "../../lib/wire/keys.ts";
import { parseRecipient, parseRecipientFile } from "../../lib/wire/recipient.ts";

/** The 32-byte public key of a recipient: a literal one, or alone in the file of that name. */
export async function readRecipient(recipient: string): Promise<Uint8Array> {
  const literal = await parseRecipient(recipient);
  if (literal) return literal;
  const { bytes } = await readWhole(recipient, maxKeyFileBytes);
  return await parseRecipientFile(bytes, recipient);
}

/** The 32-byte private key in a file; a warning where others can read it. */
export async function readPrivateKey(file: string): Promise<Uint8Array> {
  const source = await readWhole(file, maxKeyFileBytes);
  const privateKey = await parsePrivateKeyFile(source.bytes, source.file);
  warnIfOthersRead(source);
  wipe(source.bytes);
  return privateKey;
}

/** Holders NAME=KEY with their recipients as scheme.json has them. */
export async function readSeats(holders: string[]): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (const argument of holders) {
    const { name, key } = splitHolder(argument);
    const publicKey = await at(name, () => readRecipient(key));
    seats.push({ name, recipient: toText(encodePublicKey(publicKey)) });
  }
  return seats;
}

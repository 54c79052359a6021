/** Reads holders from the command line, NAME=KEY. */

import type { Io } from "../cli/io.ts";
import { toText } from "../core/bytes.ts";
import { at } from "../core/errors.ts";
import { readRecipient } from "../pipes/recipient.ts";
import { encodePublicKey } from "../wire/keys.ts";
import { type Seat, splitHolder } from "./plan.ts";

/** Their recipients are in the form of scheme.json. @throws usage, malformed, io */
export async function readSeats(io: Io, holders: string[]): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (const argument of holders) {
    const { name, key } = splitHolder(argument);
    const publicKey = await at(name, () => readRecipient(io, key));
    seats.push({ name, recipient: toText(encodePublicKey(publicKey)) });
  }
  return seats;
}

/** Reads the flags that name holders: --holder NAME=KEY, --offline N|NAME. */

import type { Io } from "../cli/io.ts";
import { wholeNumber } from "../cli/whole-number.ts";
import { toText } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { readRecipient } from "../pipes/recipient.ts";
import { encodePublicKey } from "../wire/keys.ts";
import { isName } from "./fields.ts";
import type { Seat } from "./plan.ts";

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

/** Splits the argument NAME=KEY. @throws usage */
export function splitHolder(argument: string): { name: string; key: string } {
  const at = argument.indexOf("=");
  const [name, key] = [argument.slice(0, at), argument.slice(at + 1)];
  if (at < 0 || key === "") fail("usage", "--holder takes NAME=KEY");
  if (isName(name)) return { name, key };
  const hint = `use up to 64 of a-z, 0-9 and ._-, begin with a letter or digit, and do not use "offline"`;
  return fail("usage", "--holder takes NAME=KEY, and this NAME cannot be used", hint);
}

/**
 * The names of the offline holders: one number stands for offline-1, offline-2 and so on. Undefined
 * if nothing is given.
 *
 * @throws usage
 */
export function offlineNames(given: string[]): string[] | undefined {
  const [first] = given;
  if (first === undefined) return undefined;
  if (given.length === 1 && /^[-\d]/.test(first)) {
    const count = wholeNumber("--offline", first, 0, 254);
    return Array.from({ length: count }, (_, i) => `offline-${i + 1}`);
  }
  if (given.every((name) => isName(name) && /^[a-z]/.test(name))) return given;
  const hint = `a name has up to 64 of a-z, 0-9 and ._-, begins with a letter, and is not "offline"`;
  return fail("usage", "--offline takes a number once, or a name for each offline share", hint);
}

/** Recipients of sealed shares: a public key given as an argument, or alone in a file. */

import { ascii } from "../bytes.ts";
import { at, fail } from "../errors.ts";
import { decodePublicKey } from "./keys.ts";
import { readOnlyLine } from "./lines.ts";
import { hrpOf } from "./text.ts";

/** A whole public key line with a comment behind it that is not one more line of ours. */
const commented = /^([ \t]*wdpub1\w{68})[ \t](?!.*wd(?:share|sealed|pub|key)1).*$/gim;

/**
 * The 32-byte key of a literal recipient; undefined where the argument must be a file's name.
 *
 * @throws malformed
 */
export async function parseRecipient(argument: string): Promise<Uint8Array | undefined> {
  const bytes = new TextEncoder().encode(argument);
  if (argument.startsWith("ssh-") && argument.includes(" ")) return failSsh("the recipient");
  if (hrpOf(bytes) === undefined) return undefined;
  const { token } = readOnlyLine(bytes, "recipient", "the recipient");
  return at("the recipient", () => decodePublicKey(token));
}

/**
 * The one recipient of a file, among comment lines and with a comment behind it if need be.
 *
 * @throws malformed
 */
export async function parseRecipientFile(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  if (text.startsWith("ssh-")) failSsh(file);
  const line = readOnlyLine(ascii(text.replace(commented, "$1")), "recipient", file);
  return at(line.where, () => decodePublicKey(line.token));
}

function failSsh(where: string): never {
  const hint = "make a key with keygen on that node, and seal to its public key";
  return fail("malformed", `${where}: SSH keys are not supported as recipients`, hint);
}

/** Recipients of sealed shares: a public key, ours or SSH's, given as an argument or alone in a file. */

import { ascii, toText } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { parseSshPublicKey } from "../ssh/ssh-key.ts";
import { isPem } from "../ssh/ssh-private-key.ts";
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
  const converted = await at("the recipient", () => parseSshPublicKey(argument));
  if (converted) return converted;
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
  if (isPem(bytes)) {
    const hint = "of an OpenSSH key, give the .pub file";
    fail("malformed", `${file}: expected a public key, this is a PEM file`, hint);
  }
  const converted = await at(file, () => parseSshPublicKey(new TextDecoder().decode(bytes)));
  if (converted) return converted;
  const line = readOnlyLine(ascii(toText(bytes).replace(commented, "$1")), "recipient", file);
  return at(line.where, () => decodePublicKey(line.token));
}

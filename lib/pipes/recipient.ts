/** Recipients of sealed shares: a public key, ours or SSH's, given as an argument or alone in a file. */

import type { Io } from "../cli/io.ts";
import { ascii, toText } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { decodePublicKey } from "../wire/keys.ts";
import { decodeLine, readOnlyLine } from "../wire/lines.ts";
import { hrpOf } from "../wire/text.ts";
import { maxKeyFileBytes, sshHalf } from "./private-key.ts";

/** The 32-byte public key of a recipient: a literal one, or alone in the file of that name. */
export async function readRecipient(io: Io, recipient: string): Promise<Uint8Array> {
  const literal = await parseRecipient(recipient);
  if (literal) return literal;
  const { bytes } = await io.read(recipient, maxKeyFileBytes);
  return await parseRecipientFile(bytes, recipient);
}

/** A whole public key line with a comment behind it that is not one more line of ours. */
const commented = /^([ \t]*wdpub1\w{68})[ \t](?!.*wd(?:share|sealed|pub|key)1).*$/gim;

/**
 * The 32-byte key of a literal recipient; undefined where the argument must be a file's name.
 *
 * @throws malformed
 */
export async function parseRecipient(argument: string): Promise<Uint8Array | undefined> {
  const bytes = new TextEncoder().encode(argument);
  const converted = await parseSsh(bytes, "the recipient");
  if (converted || hrpOf(bytes) === undefined) return converted;
  const { token } = readOnlyLine(bytes, "recipient", "the recipient");
  return decodeLine({ where: "the recipient", token }, decodePublicKey);
}

/**
 * The one recipient of a file, among comment lines and with a comment behind it if need be.
 *
 * @throws malformed
 */
export async function parseRecipientFile(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (sshHalf(bytes) === "private") {
    const hint = "of an OpenSSH key, give the .pub file";
    fail("malformed", `${file}: expected a public key, this is a PEM file`, hint);
  }
  const converted = await parseSsh(bytes, file);
  if (converted) return converted;
  const text = ascii(toText(bytes).replace(commented, "$1"));
  return decodeLine(readOnlyLine(text, "recipient", file), decodePublicKey);
}

/** What an SSH key converts to; undefined where there is none, and lib/ssh need not be loaded. */
async function parseSsh(bytes: Uint8Array, where: string): Promise<Uint8Array | undefined> {
  const text = new TextDecoder().decode(bytes);
  if (!/(?:ssh|ecdsa)-/.test(text)) return undefined;
  const { parseSshPublicKey } = await import("../ssh/ssh-key.ts");
  return await at(where, () => parseSshPublicKey(text));
}

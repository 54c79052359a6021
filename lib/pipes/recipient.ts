/** Recipients of sealed shares: a wdpub or SSH public key, as an argument or alone in a file. */

import type { Io } from "../cli/io.ts";
import { ascii, toText } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { decodePublicKey } from "../wire/keys.ts";
import { decodeLine, readOnlyLine } from "../wire/lines.ts";
import { hrpOf } from "../wire/text.ts";
import { maxKeyFileBytes, sshHalf } from "./private-key.ts";

/** The public key of a recipient, of either kind: a literal key, or the name of a file that holds one. */
export async function readRecipient(io: Io, recipient: string): Promise<Uint8Array> {
  const literal = await parseRecipient(recipient);
  if (literal) return literal;
  const { bytes } = await io.read(recipient, { limit: maxKeyFileBytes });
  return await parseRecipientFile(bytes, recipient);
}

/** A public key and the text after it, which must not contain another token. */
const commented =
  /^((?:\xef\xbb\xbf)?[ \t-]*wdpub1(?:\w{68}|\w{1963}))([ \t](?!.*wd(?:share|sealed|pub|key|writer|update)1).*)\r?$/i;
const [newline, space] = [0x0a, 0x20];
const before = ascii("\xef\xbb\xbf \t-");

/** Overwrites the text after each public key with spaces; lines keep their length, which has a limit. */
export function dropComments(file: Uint8Array): Uint8Array {
  for (let start = 0, end = 0; start < file.length; start = end + 1) {
    end = file.indexOf(newline, start);
    if (end < 0) end = file.length;
    const line = file.subarray(start, end);
    const token = line.subarray(line.findIndex((byte) => !before.includes(byte)));
    if (hrpOf(token) !== "wdpub") continue; // only what is public becomes a string
    const [, key = "", comment = ""] = commented.exec(toText(line)) ?? [];
    line.fill(space, key.length, key.length + comment.length);
  }
  return file;
}

/**
 * The key of a literal recipient; undefined if the argument must be a file name.
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
 * The one recipient in a file, which may have comment lines and a comment after the key. Overwrites
 * its input.
 *
 * @throws malformed
 */
export async function parseRecipientFile(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (sshHalf(bytes) === "private") {
    const hint = "for an OpenSSH key, give the .pub file";
    fail("malformed", `${file}: expected a public key, this is a PEM file`, hint);
  }
  const converted = await parseSsh(bytes, file);
  if (converted) return converted;
  return decodeLine(readOnlyLine(dropComments(bytes), "recipient", file), decodePublicKey);
}

/** An SSH key, converted; undefined, without loading lib/ssh, if there is none. */
async function parseSsh(bytes: Uint8Array, where: string): Promise<Uint8Array | undefined> {
  const text = new TextDecoder().decode(bytes);
  if (!/(?:ssh|ecdsa)-/.test(text)) return undefined;
  const { parseSshPublicKey } = await import("../ssh/ssh-key.ts");
  return await at(where, () => parseSshPublicKey(text));
}

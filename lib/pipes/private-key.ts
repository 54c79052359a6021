/** Private key files: one wdkey, or an SSH key, which lib/ssh reads. */

import type { Io } from "../cli/io.ts";
import { ascii, equal } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { decodePrivateKey } from "../wire/keys.ts";
import { decodeLine, readOnlyLine } from "../wire/lines.ts";

/** A file with one key is never longer. */
export const maxKeyFileBytes = 65_536;

/** The private key in a file, of either kind (wire/keys.ts). Warns if others can read the file. */
export async function readPrivateKey(io: Io, file: string): Promise<Uint8Array> {
  const source = await io.read(file, { limit: maxKeyFileBytes });
  const privateKey = io.secret(await parsePrivateKeyFile(source.bytes, source.file));
  if (source.othersRead && source.file !== undefined) {
    io.tell("warning", `other users can read the private key ${file}: chmod 600 ${file}`);
  }
  return privateKey;
}

/**
 * The one private key of a key file: a wdkey, of either kind, or an SSH key, converted. Overwrites
 * its input.
 *
 * @throws malformed
 */
export async function parsePrivateKeyFile(bytes: Uint8Array, file?: string): Promise<Uint8Array> {
  const ssh = sshHalf(bytes);
  if (ssh === "public") {
    const hint = "the private key is in the file without .pub";
    fail(
      "malformed",
      `${file ?? "stdin"}: expected a private key, this is an SSH public key`,
      hint,
    );
  }
  if (ssh === "private") {
    const { parseSshPrivateKey } = await import("../ssh/ssh-private-key.ts");
    return await at(file ?? "stdin", () => parseSshPrivateKey(bytes));
  }
  return await decodeLine(readOnlyLine(bytes, "private key", file), decodePrivateKey);
}

const skipped = ascii("\xef\xbb\xbf \t\r\n");
const [hash, newline] = [0x23, 0x0a];

/** Which half of an SSH key a file is, by how it begins after comments (PEM and PuTTY's are private). */
export function sshHalf(file: Uint8Array): "private" | "public" | undefined {
  let start = 0;
  for (let inComment = false; start < file.length; start++) {
    const byte = file[start] as number;
    if (byte === hash) inComment = true;
    else if (byte === newline) inComment = false;
    else if (!inComment && !skipped.includes(byte)) break;
  }
  const begins = (text: string) => equal(file.subarray(start, start + text.length), ascii(text));
  if (["-----BEGIN ", "----BEGIN ", "---- BEGIN ", "PuTTY-"].some(begins)) return "private";
  return ["ssh-", "ecdsa-", "sk-"].some(begins) ? "public" : undefined;
}

/** Private key files: one wdkey, or an SSH key, which lib/ssh reads. */

import type { Io } from "../cli/io.ts";
import { toText } from "../core/bytes.ts";
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

/** Which half of an SSH key a file is, by its first bytes (PEM and PuTTY's are private). */
export function sshHalf(file: Uint8Array): "private" | "public" | undefined {
  const start = toText(file.subarray(0, 64)).replace(/^(?:\xef\xbb\xbf)?\s*/, "");
  if (/^(?:-{4,5} ?BEGIN |PuTTY-)/.test(start)) return "private";
  return /^(?:ssh|ecdsa|sk)-/.test(start) ? "public" : undefined;
}

/** Checks that a vault file is the one that its scheme, or an update of it, describes. */

import { toHex, wipe } from "../core/bytes.ts";
import type { Read } from "../core/chunk-stream.ts";
import { fail } from "../core/errors.ts";
import { type Hash, sha256 } from "../core/hash.ts";
import { decodeHeader, headerBytes, openVault } from "../core/vault.ts";
import { schemeFile } from "./files.ts";

/** What a scheme or an update says of its vault, in hex. */
export interface Described {
  keyId: string;
  vaultDigest: string;
  /** The file that says it; scheme.json if not given. */
  from?: string;
}

/**
 * Reads the whole file, compares its SHA-256 and key id with those described and, with its
 * key, opens it.
 *
 * @throws mismatch, malformed
 */
export async function checkVault(vault: Described, read: Read, key?: Uint8Array): Promise<void> {
  if (key) {
    for await (const chunk of openDescribed(vault, read, key)) wipe(chunk);
    return;
  }
  const hash = sha256();
  const readOn = hashed(read, hash);
  const start = new Uint8Array(headerBytes);
  const { keyId } = decodeHeader(start.subarray(0, await readOn(start)));
  if (toHex(keyId) !== vault.keyId) {
    fail("mismatch", `its key id is not the one in ${vault.from ?? schemeFile}`);
  }
  const buffer = new Uint8Array(1_048_576);
  while ((await readOn(buffer)) === buffer.length) {
    // reading is hashing
  }
  refuseOther(vault, hash);
}

/**
 * As `openVault`, but at the end the file must be the one described: another vault under the same key,
 * with older contents, would open as well.
 *
 * @throws mismatch, malformed
 */
export async function* openDescribed(vault: Described, read: Read, key: Uint8Array) {
  const hash = sha256();
  yield* openVault(key, hashed(read, hash));
  refuseOther(vault, hash);
}

function refuseOther({ vaultDigest, from = schemeFile }: Described, hash: Hash): void {
  if (toHex(hash.digest()) === vaultDigest) return;
  fail("mismatch", `its SHA-256 is not the one in ${from}: damaged, or another vault`);
}

/** A `read` that also hashes what is read. */
export function hashed(read: Read, hash: Hash): Read {
  return async (buffer) => {
    const length = await read(buffer);
    hash.update(buffer.subarray(0, length));
    return length;
  };
}

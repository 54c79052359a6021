/** Checks that a vault file is the one that its scheme describes. */

import { toHex, wipe } from "../core/bytes.ts";
import type { Read } from "../core/chunk-stream.ts";
import { fail } from "../core/errors.ts";
import { type Hash, sha256 } from "../core/primitives.ts";
import { decodeHeader, headerBytes, openVault } from "../core/vault.ts";
import type { Scheme } from "./fields.ts";

/**
 * Reads the whole file, compares its SHA-256 and key id with the scheme's and, with the master key,
 * opens it.
 *
 * @throws mismatch, malformed
 */
export async function checkVault(scheme: Scheme, read: Read, master?: Uint8Array): Promise<void> {
  const hash = sha256();
  const hashing = hashed(read, hash);
  if (master) {
    for await (const chunk of openVault(master, hashing)) wipe(chunk);
  } else {
    await readThrough(scheme, hashing);
  }
  if (toHex(hash.digest()) !== scheme.vaultDigest) {
    fail("mismatch", "its SHA-256 is not the one in scheme.json: damaged, or another vault");
  }
}

/** A `read` that also hashes what is read. */
export function hashed(read: Read, hash: Hash): Read {
  return async (buffer) => {
    const length = await read(buffer);
    hash.update(buffer.subarray(0, length));
    return length;
  };
}

async function readThrough(scheme: Scheme, read: Read): Promise<void> {
  const start = new Uint8Array(headerBytes);
  const { keyId } = decodeHeader(start.subarray(0, await read(start)));
  if (toHex(keyId) !== scheme.keyId) fail("mismatch", "its key id is not the one in scheme.json");
  const buffer = new Uint8Array(1_048_576);
  while ((await read(buffer)) === buffer.length) {
    // reading is hashing
  }
}

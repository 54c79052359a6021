/** Checks that a vault file is the one that its scheme describes. */

import { toHex, wipe } from "../core/bytes.ts";
import type { Read } from "../core/chunk-stream.ts";
import { fail } from "../core/errors.ts";
import { type Hash, sha256 } from "../core/hash.ts";
import { decodeHeader, headerBytes, openVault } from "../core/vault.ts";
import type { Scheme } from "./fields.ts";

/**
 * Reads the whole file, compares its SHA-256 and key id with the scheme's and, with the master key,
 * opens it.
 *
 * @throws mismatch, malformed
 */
export async function checkVault(scheme: Scheme, read: Read, master?: Uint8Array): Promise<void> {
  if (master) {
    for await (const chunk of openSchemeVault(scheme, read, master)) wipe(chunk);
  } else {
    const hash = sha256();
    await readThrough(scheme, hashed(read, hash));
    refuseOther(scheme, hash);
  }
}

/**
 * As `openVault`, and at the end the file must be the scheme's: another vault under the same key opens
 * as well, with older contents.
 *
 * @throws mismatch, malformed
 */
export async function* openSchemeVault(scheme: Scheme, read: Read, master: Uint8Array) {
  const hash = sha256();
  yield* openVault(master, hashed(read, hash));
  refuseOther(scheme, hash);
}

function refuseOther(scheme: Scheme, hash: Hash): void {
  if (toHex(hash.digest()) === scheme.vaultDigest) return;
  fail("mismatch", "its SHA-256 is not the one in scheme.json: damaged, or another vault");
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

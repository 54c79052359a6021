/**
 * The vault: a header of 80 bytes, "worstday vault 1" (16) ‖ key id (32) ‖ salt (32), and then
 * the chunks of chunk-stream.ts. The key id commits to the master key, so a vault opens under one
 * key only, and a wrong key can be told from a damaged file.
 */

import { ascii, concat, equal, toHex, wipe } from "./bytes.ts";
import { openStream, type Read, sealStream } from "./chunk-stream.ts";
import { fail } from "./errors.ts";
import { derive } from "./hash.ts";
import { type Random, randomBytes } from "./random.ts";

export const masterBytes = 32;
export const headerBytes = 80;

const magic = ascii("worstday vault 1");
const magicStem = magic.subarray(0, -1); // without the version
const saltBytes = 32;

export interface VaultHeader {
  keyId: Uint8Array;
  salt: Uint8Array;
}

/** Whether a file that begins with these bytes is a vault, of any version. */
export function looksLikeVault(start: Uint8Array): boolean {
  return equal(start.subarray(0, magicStem.length), magicStem);
}

/**
 * Takes the first 80 bytes of a file, or fewer if it is shorter.
 *
 * @throws malformed: not a vault, a header cut short, an unknown version
 */
export function decodeHeader(bytes: Uint8Array): VaultHeader {
  if (bytes.length === 0) fail("malformed", "the file is empty");
  if (!looksLikeVault(bytes)) fail("malformed", "not a worstday vault");
  if (bytes.length < headerBytes) {
    fail("malformed", `cut short: ${bytes.length} bytes, but the header alone has ${headerBytes}`);
  }
  if (!equal(bytes.subarray(0, magic.length), magic)) {
    fail("malformed", "unknown vault version", "a newer worstday may read it");
  }
  return { keyId: bytes.slice(16, 48), salt: bytes.slice(48, headerBytes) };
}

/** The key id of a 32-byte master key: public, and different for each key. */
export function keyIdOf(master: Uint8Array): Uint8Array {
  return derive(master, "worstday key id");
}

/** Encrypts what `read` gives under the 32-byte master key: the header, then chunk by chunk. */
export async function* closeVault(master: Uint8Array, read: Read, random: Random = randomBytes) {
  const header = concat(magic, keyIdOf(master), random(saltBytes));
  const key = derive(master, "worstday file", header);
  try {
    yield header;
    yield* sealStream(key, read);
  } finally {
    wipe(key);
  }
}

/**
 * Decrypts a vault under the 32-byte master key. Each chunk is yielded once it has verified, so the
 * whole is authentic only when the generator has ended. `hint` is for another key.
 *
 * @throws malformed: not a vault; mismatch: another key, damaged, cut short
 */
export async function* openVault(master: Uint8Array, read: Read, hint?: string) {
  const header = new Uint8Array(headerBytes);
  const { keyId } = decodeHeader(header.subarray(0, await read(header)));
  const ours = keyIdOf(master);
  if (!equal(ours, keyId)) {
    const [has, needs] = [ours, keyId].map((id) => toHex(id.subarray(0, 8)));
    const says = `this key is ${has}, but the vault needs ${needs}, or its header is damaged`;
    fail("mismatch", says, hint);
  }
  const key = derive(master, "worstday file", header);
  try {
    yield* openStream(key, read);
  } finally {
    wipe(key);
  }
}

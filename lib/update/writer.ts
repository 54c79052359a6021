/**
 * What can write updates and never read them: `wdwriter1…` is version 1 ‖ set id (8) ‖ writer key (32) ‖
 * SHA-256 of the public update key (32). The keys are derived from the master key (SPEC, "Updates").
 */

import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { derive, sha256 } from "../core/hash.ts";
import { publicKeyOfSeed } from "../hybrid/x-wing.ts";
import { decodeVersioned, encodeVersioned } from "../wire/text.ts";

export interface Writer {
  setId: Uint8Array;
  /** 32 bytes, for HMAC: a secret. */
  key: Uint8Array;
  updateKeyHash: Uint8Array;
}

/** The 32-byte seed of the key pair to which updates are sealed: a secret. */
export const updateSeedOf = (master: Uint8Array) => derive(master, "worstday update");

/** The public half of that pair, 1,216 bytes. */
export async function updateKeyOf(master: Uint8Array): Promise<Uint8Array> {
  const seed = updateSeedOf(master);
  const publicKey = await publicKeyOfSeed(seed);
  wipe(seed);
  return publicKey;
}

/** The key of the HMAC of updates, 32 bytes: a secret. */
export const writerKeyOf = (master: Uint8Array) => derive(master, "worstday writer");

/** The writer's line, for a set id (8 bytes) and its master key. */
export async function writerLineOf(setId: Uint8Array, master: Uint8Array): Promise<Uint8Array> {
  const key = writerKeyOf(master);
  const line = encodeWriter({ setId, key, updateKeyHash: hashOfKey(await updateKeyOf(master)) });
  wipe(key);
  return line;
}

/** SHA-256 of a public update key. */
export function hashOfKey(updateKey: Uint8Array): Uint8Array {
  const hash = sha256();
  hash.update(updateKey);
  return hash.digest();
}

/** The canonical line of 141 characters, without a newline: a secret. */
export function encodeWriter({ setId, key, updateKeyHash }: Writer): Uint8Array {
  return encodeVersioned("wdwriter", setId, key, updateKeyHash);
}

/** @throws malformed */
export function decodeWriter(token: Uint8Array): Writer {
  const data = decodeVersioned("wdwriter", token);
  if (data.length !== 72) fail("malformed", `${data.length + 1} bytes of data, expected 73`);
  const writer = { setId: data.slice(0, 8), key: data.slice(8, 40), updateKeyHash: data.slice(40) };
  wipe(data);
  return writer;
}

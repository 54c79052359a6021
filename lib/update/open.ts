/** Opening an update with the master key. */

import type { Io } from "../cli/io.ts";
import { equal, toHex, wipe } from "../core/bytes.ts";
import type { Read } from "../core/chunk-stream.ts";
import { at, fail } from "../core/errors.ts";
import { keyIdOf } from "../core/vault.ts";
import { openDescribed } from "../scheme/vault-check.ts";
import { decodeLine, readOnlyLine } from "../wire/lines.ts";
import { decodeUpdate, isBy, openUpdate, type Update } from "./token.ts";
import { updateSeedOf, writerKeyOf } from "./writer.ts";

/** The 32-byte key of an update's vault. @throws mismatch */
export async function keyOf(update: Update, master: Uint8Array): Promise<Uint8Array> {
  const writerKey = writerKeyOf(master);
  refuseForged(update, writerKey);
  const seed = updateSeedOf(master);
  const key = await openUpdate(update, seed);
  wipe(writerKey, seed);
  if (key && equal(keyIdOf(key), update.keyId)) return key;
  return fail("mismatch", "the key in it is not that of its vault");
}

/** What opens the vault that the token in a file describes. @throws io, malformed, mismatch */
export async function openByToken(io: Io, file: string, read: Read, master: Uint8Array) {
  const { bytes } = await io.read(file);
  const update = await decodeLine(readOnlyLine(bytes, "update", file), decodeUpdate);
  const key = io.secret(await at(file, () => keyOf(update, master)));
  return () => openDescribed(vaultOf(update, file), read, key);
}

/** @throws mismatch */
export function refuseForged(update: Update, writerKey: Uint8Array): void {
  if (isBy(update, writerKey)) return;
  fail(
    "mismatch",
    "it does not carry the tag of the writer key: forged, damaged, or another scheme's",
  );
}

/** What the token in `file` says of its vault. */
export function vaultOf({ keyId, vaultDigest }: Update, file: string) {
  return { keyId: toHex(keyId), vaultDigest: toHex(vaultDigest), from: file };
}

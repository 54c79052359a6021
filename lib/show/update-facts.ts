/** Public facts about writer files and updates. */

import { toHex, wipe } from "../core/bytes.ts";
import { instant } from "../scheme/fields.ts";
import { decodeUpdate } from "../update/token.ts";
import { decodeWriter } from "../update/writer.ts";

/** @throws malformed */
export function writerFacts(token: Uint8Array) {
  const { setId, key, updateKeyHash } = decodeWriter(token);
  wipe(key);
  return { kind: "writer", set: toHex(setId), updateKeyHash: toHex(updateKeyHash) };
}

/** @throws malformed */
export function updateFacts(token: Uint8Array) {
  const { setId, number, time, keyId, vaultDigest } = decodeUpdate(token);
  const facts = { set: toHex(setId), number, time: instant(time) };
  return { kind: "update", ...facts, keyId: toHex(keyId), vaultDigest: toHex(vaultDigest) };
}

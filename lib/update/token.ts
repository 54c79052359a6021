/**
 * What makes a vault the contents of a scheme: `wdupdate1…` is version 1 ‖ set id (8) ‖ number (4) ‖
 * seconds since 1970 (8) ‖ the vault's key id (32) ‖ SHA-256 of its file (32) ‖ its key, sealed to the
 * update key by HPKE (1,168) ‖ HMAC-SHA-256 of what precedes, under the writer key (32).
 */

import { ascii, concat, equal } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { hmac } from "../core/hash.ts";
import { openBase, sealBase } from "../hybrid/hpke.ts";
import { decodeKind, encodeText } from "../wire/text.ts";

export const maxUpdate = 999_999;

const [clearBytes, macBytes, tokenBytes] = [85, 32, 1285];
const info = ascii("worstday update");
const version = 1;
const maxSeconds = 253_402_300_799; // the last second of the year 9999

export interface UpdateFacts {
  setId: Uint8Array;
  /** From 1. */
  number: number;
  /** Whole seconds, by the clock of whoever wrote it. */
  time: Date;
  keyId: Uint8Array;
  vaultDigest: Uint8Array;
}

export interface Update extends UpdateFacts {
  /** All of the token's bytes. */
  data: Uint8Array;
}

/** The canonical line of 2,080 characters, without a newline; the vault's key is sealed in it. */
export async function encodeUpdate(
  { setId, number, time, keyId, vaultDigest }: UpdateFacts,
  vaultKey: Uint8Array,
  { updateKey, writerKey }: { updateKey: Uint8Array; writerKey: Uint8Array },
): Promise<Uint8Array> {
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setUint32(0, number);
  numbers.setBigUint64(4, BigInt(Math.floor(time.getTime() / 1000)));
  const head = [Uint8Array.of(version), setId, new Uint8Array(numbers.buffer), keyId, vaultDigest];
  const aad = concat(...head);
  const signed = concat(aad, await sealBase(vaultKey, updateKey, { info, aad }));
  return encodeText("wdupdate", concat(signed, hmac(writerKey, signed)));
}

/** Well-formed: authentic only if `isBy` says so. @throws malformed */
export function decodeUpdate(token: Uint8Array): Update {
  const data = decodeKind("wdupdate", token, version);
  if (data.length !== tokenBytes) {
    fail("malformed", `${data.length} bytes of data, expected ${tokenBytes}`);
  }
  const view = new DataView(data.buffer, data.byteOffset);
  const [number, seconds] = [view.getUint32(9), Number(view.getBigUint64(13))];
  if (number < 1 || number > maxUpdate) fail("malformed", `an update of number ${number}`);
  if (seconds > maxSeconds) fail("malformed", "its time is after the year 9999");
  const setId = data.subarray(1, 9);
  const [keyId, vaultDigest] = [data.subarray(21, 53), data.subarray(53, clearBytes)];
  return { setId, number, time: new Date(1000 * seconds), keyId, vaultDigest, data };
}

/** Whether its writer had this writer key. */
export function isBy({ data }: Update, writerKey: Uint8Array): boolean {
  return equal(hmac(writerKey, data.subarray(0, -macBytes)), data.subarray(-macBytes));
}

/** The vault's key, 32 bytes, by the seed of the update key; undefined where that does not verify. */
export function openUpdate({ data }: Update, seed: Uint8Array): Promise<Uint8Array | undefined> {
  const [aad, sealed] = [data.subarray(0, clearBytes), data.subarray(clearBytes, -macBytes)];
  return openBase(sealed, seed, { info, aad });
}

// What every part of the oracle needs: joining, hex, and hashes under a label.
//
// The oracle is a slow, plain codec of worstday's formats, written from their description alone.
// It shares no line with lib/: a mistake made there is not repeated here.

import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

/** Joins byte strings. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** ASCII or UTF-8 text as bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The element at a place, which must be there. */
export function nth<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no element ${index}`);
  return found;
}

/** Bytes as lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Hex as bytes. */
export function unhex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, "hex"));
}

/** `size` bytes that look random and are the same on every run, named by `seed`. */
export function sample(seed: string, size: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let block = 0; block * 64 < size; block++) parts.push(sha512(utf8(`${seed} ${block}`)));
  return concat(...parts).slice(0, size);
}

/** HMAC-SHA-256 under the label, or with a key HKDF-SHA-256 of it: the first `size` bytes. */
export function hash(label: string, size: number, message: Uint8Array, key?: Uint8Array) {
  const padded = concat(utf8(label), new Uint8Array(16 - label.length));
  const full = key
    ? hkdf(sha256, key, undefined, concat(padded, message), 32)
    : hmac(sha256, padded, message);
  return full.slice(0, size);
}

/**
 * Base64 (RFC 4648, section 4), decoding only. The data may be an SSH private key, so no table,
 * index or branch depends on the characters.
 */

import { wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { regroup } from "../wire/symbols.ts";

const noValue = 0xff; // -1, as a byte
const equals = 0x3d;

/**
 * Characters, without blanks and padded to a multiple of four, to bytes.
 *
 * @throws malformed: a character outside base64's alphabet, or wrong padding
 */
export function decodeBase64(characters: Uint8Array): Uint8Array {
  const padding = [-1, -2].filter((at) => characters.at(at) === equals).length;
  const values = characters.subarray(0, characters.length - padding).map(toValue);
  const bytes = regroup(values, 6, 8);
  const isWrong = characters.length % 4 !== 0 || values.includes(noValue);
  wipe(values);
  if (isWrong || (padding > 0 && bytes.at(-1) !== 0)) {
    wipe(bytes);
    fail("malformed", "this is not base64", "a character is missing, added or changed");
  }
  return bytes.subarray(0, bytes.length - (padding > 0 ? 1 : 0));
}

/** A character to its value, 0 to 63, or to -1 if it has none. */
function toValue(code: number): number {
  return (
    -1 +
    (within(code, 0x41, 0x5a) & (code - 0x41 + 1)) + // A to Z: 0 to 25
    (within(code, 0x61, 0x7a) & (code - 0x61 + 27)) + // a to z: 26 to 51
    (within(code, 0x30, 0x39) & (code - 0x30 + 53)) + // 0 to 9: 52 to 61
    (within(code, 0x2b, 0x2b) & 63) + // +: 62
    (within(code, 0x2f, 0x2f) & 64) // /: 63
  );
}

/** All bits set if low ≤ code ≤ high, none otherwise: negative numbers have their top bit set. */
function within(code: number, low: number, high: number): number {
  return ((low - 1 - code) & (code - high - 1)) >> 31;
}

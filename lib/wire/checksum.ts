/**
 * The checksum of the text form: 15 symbols of BIP-93's (codex32's) long code, a BCH code over
 * GF(32) that detects any 8 wrong symbols of 1,023 and locates 4 (bch.ts). The human-readable
 * part is mixed in as bech32 (BIP-173) does it. A longer word has a hash instead, which locates nothing.
 *
 * A residue has 15 symbols, 75 bits, kept as three limbs of five symbols, highest first. The
 * symbols may be secret: no branch and no index depends on them (0 - bit: see gf256.ts).
 */

import { ascii } from "../core/bytes.ts";
import { sha256 } from "../core/hash.ts";
import { toSymbols } from "./symbols.ts";

export const checkSymbols = 15;
const maxSymbols = 1023;

export type Residue = [high: number, middle: number, low: number];

/** BIP-93, "Long codex32 Strings": added (xor) for each bit of the symbol shifted out. */
const generators = [
  0x3d59d273535ea62d897n,
  0x7a9becb6361c6c51507n,
  0x543f9b7e6c38d8a2a0en,
  0x0c577eaeccf1990d13cn,
  0x1887f74f8dc71b10651n,
].map(toResidue);

const [highs, middles, lows] = [0, 1, 2].map((limb) => {
  return Int32Array.from(generators, (generator) => generator[limb] as number);
}) as [Int32Array, Int32Array, Int32Array];

/** The first 75 bits of SHA-256("worstday text 1"). */
const target = toResidue(0x374a209b52f883c3364n);

/** Splits a 75-bit number into limbs. */
export function toResidue(bits: bigint): Residue {
  const limb = (shift: bigint) => Number((bits >> shift) & 0x1ffffffn);
  return [limb(50n), limb(25n), limb(0n)];
}

/** The residue after these symbols (0 to 31 each), starting from an earlier one. */
export function residue(symbols: Iterable<number>, from: Residue): Residue {
  let [high, middle, low] = from;
  for (const symbol of symbols) {
    const out = high >> 20;
    high = ((high & 0xfffff) << 5) | (middle >> 20);
    middle = ((middle & 0xfffff) << 5) | (low >> 20);
    low = ((low & 0xfffff) << 5) ^ symbol;
    for (let bit = 0; bit < 5; bit++) {
      const mask = 0 - ((out >> bit) & 1);
      high ^= (highs[bit] as number) & mask;
      middle ^= (middles[bit] as number) & mask;
      low ^= (lows[bit] as number) & mask;
    }
  }
  return [high, middle, low];
}

/** Whether the checksum of this many data and check symbols is a hash. */
export function isLong(hrp: string, length: number): boolean {
  return 2 * hrp.length + 1 + length > maxSymbols;
}

/** The 15 check symbols for these data symbols under this human-readable part. */
export function checksum(hrp: string, data: Uint8Array): number[] {
  const padding = new Uint8Array(checkSymbols);
  if (!isLong(hrp, data.length + checkSymbols))
    return difference(residue(padding, residue(data, initial(hrp))));
  const hash = sha256();
  for (const part of [ascii(`worstday long text 1${hrp}\0`), data]) hash.update(part);
  return [...toSymbols(hash.digest()).subarray(0, checkSymbols)];
}

/** Whether data symbols, followed by their 15 check symbols, are valid. */
export function verifies(hrp: string, symbols: Uint8Array): boolean {
  return remainder(hrp, symbols).reduce((all, symbol) => all | symbol) === 0;
}

/** The change (xor) to the last 15 of these symbols that would make them valid. */
export function remainder(hrp: string, symbols: Uint8Array): number[] {
  const [data, check] = [symbols.subarray(0, -checkSymbols), symbols.subarray(-checkSymbols)];
  return checksum(hrp, data).map((symbol, i) => symbol ^ (check[i] as number));
}

/** The 15 symbols by which a residue differs from that of a valid token. */
export function difference([high, middle, low]: Residue, from: Residue = target): number[] {
  const limbs = [high ^ from[0], middle ^ from[1], low ^ from[2]];
  return limbs.flatMap((limb) => [20, 15, 10, 5, 0].map((at) => (limb >> at) & 31));
}

/** The residue after the human-readable part (BIP-173, "Checksum"), which begins with 1. */
function initial(hrp: string): Residue {
  const codes = Array.from(hrp, (character) => character.charCodeAt(0));
  return residue(
    [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)],
    [0, 0, 1],
  );
}

/**
 * The text form by other means than lib/wire: a big-integer residue as BIP-93's reference code
 * has it, and conversion of bits through strings. For tests only.
 */

import { explain } from "../../lib/typing/explain.ts";
import { decodeText, isUnverified } from "../../lib/wire/text.ts";

export const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

const generators = [
  0x3d59d273535ea62d897n,
  0x7a9becb6361c6c51507n,
  0x543f9b7e6c38d8a2a0en,
  0x0c577eaeccf1990d13cn,
  0x1887f74f8dc71b10651n,
];

/** SPEC's target: what is left behind a valid token. */
export const target = firstBits(new Bun.CryptoHasher("sha256").update("worstday text 1").digest());

function firstBits(digest: Uint8Array): bigint {
  return BigInt(`0x${digest.toHex()}`) >> 181n; // 75 of 256
}

/** ms32_long_polymod of BIP-93, from any initial residue. */
export function polymod(symbols: number[], from: bigint): bigint {
  let residue = from;
  for (const symbol of symbols) {
    const out = residue >> 70n;
    residue = ((residue & 0x3fffffffffffffffffn) << 5n) ^ BigInt(symbol);
    for (const [bit, generator] of generators.entries()) {
      if ((out >> BigInt(bit)) & 1n) residue ^= generator;
    }
  }
  return residue;
}

/** The human-readable part as BIP-173 expands it. */
export function expandHrp(hrp: string): number[] {
  const codes = [...Buffer.from(hrp, "ascii")];
  return [...codes.map((code) => Math.floor(code / 32)), 0, ...codes.map((code) => code % 32)];
}

/** The 15 check symbols, by the long code's definition. */
export function checkOf(hrp: string, data: number[]): number[] {
  const zeros = new Array<number>(15).fill(0);
  const value = polymod([...expandHrp(hrp), ...data, ...zeros], 1n) ^ target;
  return zeros.map((_, i) => Number((value >> BigInt(5 * (14 - i))) & 31n));
}

/** Bytes to symbols through a string of bits. */
export function symbolsOf(bytes: Uint8Array): number[] {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => Number.parseInt(five.padEnd(5, "0"), 2));
}

/** A token with a right checksum around any symbols, allowed or not. */
export function tokenOf(hrp: string, data: number[]): Uint8Array {
  const symbols = [...data, ...checkOf(hrp, data)];
  return Buffer.from(`${hrp}1${symbols.map((symbol) => alphabet[symbol]).join("")}`, "ascii");
}

/** A token with a right checksum around any bytes, of whatever length. */
export function tokenOfBytes(hrp: string, bytes: Uint8Array): Uint8Array {
  return tokenOf(hrp, symbolsOf(bytes));
}

export const textOf = (token: Uint8Array): string => Buffer.from(token).toString("latin1");
export const upper = (token: Uint8Array): Uint8Array =>
  Uint8Array.from(Buffer.from(textOf(token).toUpperCase(), "latin1"));

/** The token with the symbol at this offset behind the "1" changed by a value of 1 to 31. */
export function mistyped(token: Uint8Array, offset: number, value: number): Uint8Array {
  const at = token.indexOf(0x31) + 1 + offset;
  const symbol = alphabet.indexOf(String.fromCharCode(token[at] as number));
  return token.with(at, alphabet.charCodeAt(symbol ^ value));
}

/** Decodes a token as commands do: what is wrong with one that does not verify is explained. */
export function readToken(token: Uint8Array) {
  try {
    return decodeText(token);
  } catch (error) {
    if (!isUnverified(error)) throw error;
    return explain(token);
  }
}

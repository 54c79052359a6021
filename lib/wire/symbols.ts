/**
 * Symbols of five bits: as characters of the bech32 alphabet (BIP-173), and as bytes. They may be
 * secret: no index and no branch depends on them.
 */

import { ascii, secretBytes } from "../core/bytes.ts";

/** Stands for a character outside the alphabet, such as `?` for an unreadable one. */
export const noSymbol = 0xff; // -1, as a byte

const alphabet = ascii("qpzry9x8gf2tvdw0s3jn54khce6mua7l");

/*
 * The alphabet as 32-bit words, one for each bit of the answer: a shift by the character or the
 * symbol reads it in constant time, where an index into an array would leave a trace in the cache.
 * (32 comparisons would also do, but take an interpreter a millisecond.) digitWords and letterWords
 * hold symbols by the low 5 bits of the character, and in the last word which characters have one;
 * characterWords hold characters by symbol. (Signed shifts, and 0 - bit: see gf256.ts.)
 */
const digitWords = new Int32Array(6);
const letterWords = new Int32Array(6);
const characterWords = new Int32Array(7);
for (let symbol = 0; symbol < 32; symbol++) {
  const code = alphabet[symbol] as number;
  const words = code < 0x40 ? digitWords : letterWords;
  for (let bit = 0; bit < 7; bit++) {
    if (((symbol | 32) >> bit) & 1) words[bit] = (words[bit] as number) | (1 << (code & 31));
    if ((code >> bit) & 1) characterWords[bit] = (characterWords[bit] as number) | (1 << symbol);
  }
}

/** A character, in either case, to its symbol; -1 if it has none. */
export function toSymbol(code: number): number {
  const letter = 0 - ((code >> 6) & 1);
  let symbol = 0;
  for (let bit = 0; bit < 6; bit++) {
    const word = ((letterWords[bit] as number) & letter) | ((digitWords[bit] as number) & ~letter);
    symbol |= ((word >> (code & 31)) & 1) << bit;
  }
  // Only 0x20 to 0x7f: neither control codes nor what is beyond ASCII.
  const printable = ((code >> 5) | (code >> 6)) & ~(code >> 7) & 1;
  return (symbol & 31) | (((symbol >> 5) & printable) - 1);
}

export function toCharacter(symbol: number): number {
  let code = 0;
  for (let bit = 0; bit < 7; bit++) {
    code |= (((characterWords[bit] as number) >> symbol) & 1) << bit;
  }
  return code;
}

/** Bytes to symbols, the last of which is padded with zero bits. */
export function toSymbols(bytes: Uint8Array): Uint8Array {
  return regroup(bytes, 8, 5);
}

/** Symbols to bytes; undefined if the padding is not fewer than five zero bits. */
export function toBytes(symbols: Uint8Array): Uint8Array | undefined {
  const paddingBits = (symbols.length * 5) % 8;
  const bytes = regroup(symbols, 5, 8);
  if (paddingBits >= 5 || (paddingBits > 0 && bytes.at(-1) !== 0)) return undefined;
  return bytes.subarray(0, bytes.length - (paddingBits > 0 ? 1 : 0));
}

/** Regroups bits, most significant first; the last group is padded with zeros. */
export function regroup(values: Uint8Array, from: number, to: number): Uint8Array {
  const groups = secretBytes(Math.ceil((values.length * from) / to));
  const mask = (1 << to) - 1;
  let held = 0;
  let bits = 0;
  let length = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    for (bits += from; bits >= to; bits -= to) groups[length++] = (held >> (bits - to)) & mask;
  }
  if (bits > 0) groups[length] = (held << (to - bits)) & mask;
  return groups;
}

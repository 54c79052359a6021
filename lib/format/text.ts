/**
 * The text form of shares, sealed shares and keys: HRP ‖ "1" ‖ data ‖ checksum in the bech32
 * alphabet (BIP-173), five bits a symbol. Tokens stay bytes: what is in them can be a secret,
 * and its symbols are mapped without an index or a branch that depends on them.
 */

import { ascii, wipe } from "../bytes.ts";
import { fail } from "../errors.ts";
import { checkSymbols, checksum, maxSymbols, verifies } from "./checksum.ts";

export const hrps = ["wdshare", "wdsealed", "wdpub", "wdkey"] as const;
export type Hrp = (typeof hrps)[number];

const alphabet = ascii("qpzry9x8gf2tvdw0s3jn54khce6mua7l");

/** Encodes bytes as the canonical token: lower case, no groups, no newline, in ASCII. */
export function encodeText(hrp: Hrp, data: Uint8Array): Uint8Array {
  const symbols = toSymbols(data);
  symbols.push(...checksum(hrp, symbols));
  const token = new Uint8Array(hrp.length + 1 + symbols.length);
  token.set(ascii(`${hrp}1`));
  token.set(symbols.map(toCharacter), hrp.length + 1);
  symbols.fill(0);
  return token;
}

/** The HRP that a token begins with, in either case; undefined where it is none of ours. */
export function hrpOf(token: Uint8Array): Hrp | undefined {
  return hrps.find((hrp) => hasHrpAt(token, 0, hrp));
}

/**
 * Decodes a token that a line reader has stripped of spaces and hyphens, in either case.
 *
 * @throws malformed
 */
export function decodeText(token: Uint8Array): { hrp: Hrp; data: Uint8Array } {
  const hrp = hrpOf(token);
  if (!hrp) fail("malformed", `expected a line that begins with ${hrps.join("1, ")}1`);
  const characters = token.subarray(hrp.length + 1);
  const symbols = Array.from(characters, toSymbol);
  const wrong = symbols.findIndex((symbol) => symbol < 0);
  if (wrong >= 0) failCharacter(characters, wrong, hrp);
  if (isMixedCase(token)) fail("malformed", "upper and lower case are mixed");
  if (2 * hrp.length + 1 + symbols.length > maxSymbols) fail("malformed", "the line is too long");
  if (symbols.length <= checkSymbols) fail("malformed", "the line is too short");
  if (!verifies(hrp, symbols)) {
    fail("malformed", "the checksum does not match", "a character is mistyped, missing or added");
  }
  const data = toBytes(symbols.slice(0, -checkSymbols));
  symbols.fill(0);
  return { hrp, data };
}

/** Two files joined without a newline between them leave a second HRP inside a line. */
function failCharacter(characters: Uint8Array, wrong: number, hrp: Hrp): never {
  for (let i = 0; i < characters.length; i++) {
    if (!hrps.some((second) => hasHrpAt(characters, i, second))) continue;
    const hint = "a newline is missing between two shares or two files";
    fail("malformed", `a second line begins at character ${i + 1} after ${hrp}1`, hint);
  }
  fail("malformed", `character ${wrong + 1} after ${hrp}1 is none of the 32 in use`);
}

function hasHrpAt(bytes: Uint8Array, start: number, hrp: Hrp): boolean {
  for (let i = 0; i < hrp.length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== hrp.charCodeAt(i)) return false;
  }
  return bytes[start + hrp.length] === 0x31; // "1", the separator, which the alphabet lacks
}

function isMixedCase(token: Uint8Array): boolean {
  let seen = 0;
  for (const byte of token) seen |= ((byte >> 6) & 1) << ((byte >> 5) & 1);
  return seen === 3;
}

/*
 * The alphabet as 32-bit words, one for each bit of the answer: a shift by the character or the
 * symbol reads it in constant time, where an index into an array would leave a trace in the cache.
 * digitWords and letterWords hold symbols by the low 5 bits of the character, and in a sixth word
 * which characters have one; characterWords hold characters by symbol.
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

/** A character, in either case, to its symbol; a negative number where it has none. */
function toSymbol(code: number): number {
  const letter = -((code >> 6) & 1);
  let symbol = 0;
  for (let bit = 0; bit < 6; bit++) {
    const word = ((letterWords[bit] as number) & letter) | ((digitWords[bit] as number) & ~letter);
    symbol |= ((word >>> (code & 31)) & 1) << bit;
  }
  // 0x20 to 0x7f only: below are control codes, above is no ASCII.
  const printable = ((code >> 5) | (code >> 6)) & ~(code >> 7) & 1;
  return (symbol & 31) | -(1 - ((symbol >> 5) & printable));
}

function toCharacter(symbol: number): number {
  let code = 0;
  for (let bit = 0; bit < 7; bit++) {
    code |= (((characterWords[bit] as number) >>> symbol) & 1) << bit;
  }
  return code;
}

/** Bytes to five-bit symbols, most significant bit first, zero padding at the end. */
function toSymbols(bytes: Uint8Array): number[] {
  const symbols: number[] = [];
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) symbols.push((held >> (bits - 5)) & 31);
  }
  if (bits > 0) symbols.push((held << (5 - bits)) & 31);
  return symbols;
}

function toBytes(symbols: number[]): Uint8Array {
  const bytes = new Uint8Array(Math.floor((symbols.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const symbol of symbols) {
    held = ((held << 5) | symbol) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = held >> bits;
  }
  if (bits >= 5 || (held & ((1 << bits) - 1)) !== 0) {
    wipe(bytes);
    fail("malformed", "the padding at the end is not zero bits, fewer than five");
  }
  return bytes;
}

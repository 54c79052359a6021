/**
 * The text form of shares, sealed shares and keys: HRP ‖ "1" ‖ data ‖ checksum in the bech32
 * alphabet (BIP-173), five bits a symbol. Tokens stay bytes: what is in them can be a secret,
 * and its symbols are mapped without an index or a branch that depends on them.
 */

import { ascii, concat, wipe } from "../bytes.ts";
import { fail } from "../errors.ts";
import { checkSymbols, checksum, maxSymbols, verifies } from "./checksum.ts";

export const hrps = ["wdshare", "wdsealed", "wdpub", "wdkey"] as const;
export type Hrp = (typeof hrps)[number];

const alphabet = ascii("qpzry9x8gf2tvdw0s3jn54khce6mua7l");
const version = 1;
const noSymbol = 0xff; // -1, as a byte
const checksumHint = "a character is mistyped, missing or added, or the line was broken in two";

/** Encodes bytes as the canonical token: lower case, no groups, no newline, in ASCII. */
export function encodeText(hrp: Hrp, data: Uint8Array): Uint8Array {
  const symbols = regroup(data, 8, 5);
  const token = concat(ascii(`${hrp}1`), symbols, Uint8Array.from(checksum(hrp, symbols)));
  for (let i = hrp.length + 1; i < token.length; i++) token[i] = toCharacter(token[i] as number);
  wipe(symbols);
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
  const symbols = characters.map(toSymbol);
  const data = symbols.subarray(0, -checkSymbols);
  const wrong = symbols.indexOf(noSymbol);
  if (wrong >= 0) failCharacter(characters, wrong, hrp);
  if (isMixedCase(token)) fail("malformed", "upper and lower case are mixed");
  if (2 * hrp.length + 1 + symbols.length > maxSymbols) fail("malformed", "the line is too long");
  if (data.length === 0) fail("malformed", "the line is too short");
  if (!verifies(hrp, symbols)) fail("malformed", "the checksum does not match", checksumHint);
  const paddingBits = (data.length * 5) % 8;
  const bytes = regroup(data, 5, 8);
  wipe(symbols);
  if (paddingBits >= 5 || (paddingBits > 0 && bytes.at(-1) !== 0)) {
    fail("malformed", "the padding at the end is not zero bits, fewer than five");
  }
  return { hrp, data: bytes.subarray(0, bytes.length - (paddingBits > 0 ? 1 : 0)) };
}

/** The canonical token of these parts behind a version byte. */
export function encodeVersioned(hrp: Hrp, ...parts: Uint8Array[]): Uint8Array {
  return encodeText(hrp, concat(Uint8Array.of(version), ...parts));
}

/**
 * The data behind the version byte of a token of this kind.
 *
 * @throws malformed
 */
export function decodeVersioned(expected: Hrp, token: Uint8Array): Uint8Array {
  const { hrp, data } = decodeText(token);
  if (hrp !== expected) fail("malformed", `expected a ${expected}1 line, this is a ${hrp}1 line`);
  if (data[0] !== version) {
    fail("malformed", `version ${data[0]} of ${hrp} is unknown`, "a newer worstday may read it");
  }
  return data.subarray(1);
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
 * (32 comparisons would do it as well, but an interpreter takes a millisecond over them.) digitWords
 * and letterWords hold symbols by the low 5 bits of the character, and last which characters have
 * one; characterWords hold characters by symbol.
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

/** A character, in either case, to its symbol; -1 where it has none. */
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

/** Cuts bits into groups of another size, most significant first, and fills up the last with zeros. */
export function regroup(values: Uint8Array, from: number, to: number): Uint8Array {
  const groups = new Uint8Array(Math.ceil((values.length * from) / to));
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

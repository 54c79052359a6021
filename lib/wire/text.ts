/**
 * The text form of shares, sealed shares and keys: HRP ‖ "1" ‖ data ‖ checksum in the bech32
 * alphabet (BIP-173), five bits a symbol. Tokens stay bytes: what is in them can be a secret.
 */

import { ascii, concat, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { failUnverified, repair } from "../typing/locate.ts";
import { checkSymbols, checksum, maxSymbols, verifies } from "./checksum.ts";
import { noSymbol, toBytes, toCharacter, toSymbol, toSymbols } from "./symbols.ts";

export const hrps = ["wdshare", "wdsealed", "wdpub", "wdkey"] as const;
export type Hrp = (typeof hrps)[number];

const version = 1;

/** Encodes bytes as the canonical token: lower case, no groups, no newline, in ASCII. */
export function encodeText(hrp: Hrp, data: Uint8Array): Uint8Array {
  const symbols = toSymbols(data);
  const token = writeToken(hrp, symbols, Uint8Array.from(checksum(hrp, symbols)));
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
 * @throws malformed: it says where, if the checksum tells
 */
export function decodeText(token: Uint8Array): { hrp: Hrp; data: Uint8Array } {
  return withSymbols(token, (hrp, symbols) => {
    if (!isRight(hrp, symbols)) failUnverified(hrp, symbols);
    const data = toBytes(symbols.subarray(0, -checkSymbols));
    if (!data) fail("malformed", "the padding at the end is not zero bits, fewer than five");
    return { hrp, data };
  });
}

export interface Correction {
  /** The canonical token that the checksum suggests. */
  token: Uint8Array;
  /** Where it differs: `group 5, symbol 1; group 11, symbol 4`. */
  places: string;
  /** The same in words: `2 symbols look wrong: …`. */
  says: string;
}

/**
 * What the checksum suggests for a token that does not verify; undefined where nothing is wrong.
 *
 * @throws malformed: more is wrong than can be located
 */
export function correct(token: Uint8Array): Correction | undefined {
  return withSymbols(token, (hrp, symbols) => {
    if (isRight(hrp, symbols)) return undefined;
    const repaired = repair(hrp, symbols) ?? failUnverified(hrp, symbols);
    const corrected = writeToken(hrp, repaired.symbols);
    wipe(repaired.symbols);
    return { token: corrected, places: repaired.places, says: repaired.says };
  });
}

/** The canonical token of these parts behind a version byte. */
export function encodeVersioned(hrp: Hrp, ...parts: Uint8Array[]): Uint8Array {
  const data = concat(Uint8Array.of(version), ...parts);
  const token = encodeText(hrp, data);
  wipe(data);
  return token;
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

/** Passes on the symbols behind the "1", `noSymbol` where a character has none, and wipes them. */
function withSymbols<T>(token: Uint8Array, use: (hrp: Hrp, symbols: Uint8Array) => T): T {
  const hrp = hrpOf(token);
  if (!hrp) fail("malformed", `expected a line that begins with ${hrps.join("1, ")}1`);
  const characters = token.subarray(hrp.length + 1);
  const symbols = characters.map(toSymbol);
  try {
    const isReadable = !symbols.includes(noSymbol);
    if (!isReadable) refuseSecond(characters, hrp);
    if (isMixedCase(token, isReadable)) fail("malformed", "upper and lower case are mixed");
    if (2 * hrp.length + 1 + symbols.length > maxSymbols) fail("malformed", "the line is too long");
    if (symbols.length <= checkSymbols) fail("malformed", "the line is too short");
    return use(hrp, symbols);
  } finally {
    wipe(symbols);
  }
}

function isRight(hrp: Hrp, symbols: Uint8Array): boolean {
  return !symbols.includes(noSymbol) && verifies(hrp, symbols);
}

function writeToken(hrp: Hrp, ...symbols: Uint8Array[]): Uint8Array {
  const token = concat(ascii(`${hrp}1`), ...symbols);
  for (let i = hrp.length + 1; i < token.length; i++) token[i] = toCharacter(token[i] as number);
  return token;
}

/** Two files joined without a newline between them leave a second HRP inside a line. */
function refuseSecond(characters: Uint8Array, hrp: Hrp): void {
  for (let i = 0; i < characters.length; i++) {
    if (!hrps.some((second) => hasHrpAt(characters, i, second))) continue;
    const hint = "a newline is missing between two shares or two files";
    fail("malformed", `a second line begins at character ${i + 1} after ${hrp}1`, hint);
  }
}

function hasHrpAt(bytes: Uint8Array, start: number, hrp: Hrp): boolean {
  for (let i = 0; i < hrp.length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== hrp.charCodeAt(i)) return false;
  }
  return bytes[start + hrp.length] === 0x31; // "1", the separator, which the alphabet lacks
}

/** What is no symbol has no case; where all are symbols, no branch depends on them. */
function isMixedCase(token: Uint8Array, isReadable: boolean): boolean {
  let seen = 0;
  for (const byte of token) {
    if (isReadable || toSymbol(byte) >= 0) seen |= ((byte >> 6) & 1) << ((byte >> 5) & 1);
  }
  return seen === 3;
}

/**
 * The text form of shares, sealed shares and keys: HRP ‖ "1" ‖ data ‖ checksum in the bech32
 * alphabet (BIP-173), five bits per symbol. Tokens stay bytes, since they may be secret. lib/typing
 * locates the faults of a token that does not verify.
 */

import { ascii, concat, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import { checkSymbols, checksum, verifies } from "./checksum.ts";
import { noSymbol, toBytes, toCharacter, toSymbol, toSymbols } from "./symbols.ts";

export const hrps = ["wdshare", "wdsealed", "wdpub", "wdkey", "wdwriter", "wdupdate"] as const;
export type Hrp = (typeof hrps)[number];

const checksumFault = "the checksum does not match";
const prefixFault = `expected a line that begins with ${hrps.join("1, ")}1`;

/** Encodes bytes as the canonical token: lower case, no groups, no newline, in ASCII. */
export function encodeText(hrp: Hrp, data: Uint8Array): Uint8Array {
  const symbols = toSymbols(data);
  const token = writeToken(hrp, symbols, Uint8Array.from(checksum(hrp, symbols)));
  wipe(symbols);
  return token;
}

/** The canonical token with these data and check symbols. */
export function writeToken(hrp: Hrp, ...symbols: Uint8Array[]): Uint8Array {
  const token = concat(ascii(`${hrp}1`), ...symbols);
  for (let i = hrp.length + 1; i < token.length; i++) token[i] = toCharacter(token[i] as number);
  return token;
}

/** The HRP that a token begins with, in either case; undefined if it is not known. */
export function hrpOf(token: Uint8Array): Hrp | undefined {
  return hrps.find((hrp) => hasHrpAt(token, 0, hrp));
}

/** Whether this HRP and its "1" begin here, in either case. */
export function hasHrpAt(bytes: Uint8Array, start: number, hrp: Hrp): boolean {
  for (let i = 0; i < hrp.length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== hrp.charCodeAt(i)) return false;
  }
  return bytes[start + hrp.length] === 0x31;
}

/**
 * Decodes a token that a line reader has stripped of spaces and hyphens; case does not matter.
 *
 * @throws malformed: if `isUnverified`, lib/typing can tell more
 */
export function decodeText(token: Uint8Array): { hrp: Hrp; data: Uint8Array } {
  return withSymbols(token, (hrp, symbols) => {
    const isToken = symbols.length > checkSymbols && !symbols.includes(noSymbol);
    if (!isToken || !verifies(hrp, symbols)) fail("malformed", checksumFault);
    const data = toBytes(symbols.subarray(0, -checkSymbols));
    if (!data) fail("malformed", "the padding is wrong, expected fewer than five zero bits");
    return { hrp, data };
  });
}

/** Whether this error says that a token's prefix is not known, or its checksum does not match. */
export function isUnverified(error: unknown): boolean {
  return error instanceof RecoveryError && [checksumFault, prefixFault].includes(error.message);
}

/** The canonical token of version 1 and these parts. */
export function encodeVersioned(hrp: Hrp, ...parts: Uint8Array[]): Uint8Array {
  const data = concat(Uint8Array.of(1), ...parts);
  const token = encodeText(hrp, data);
  wipe(data);
  return token;
}

/** The data after the version byte of a token of this kind, of version 1. @throws malformed */
export function decodeVersioned(expected: Hrp, token: Uint8Array): Uint8Array {
  return decodeKind(expected, token, 1).subarray(1);
}

/** The data of a token of this kind, with a version byte from 1 to `latest`. @throws malformed */
export function decodeKind(expected: Hrp, token: Uint8Array, latest: number): Uint8Array {
  const { hrp, data } = decodeText(token);
  if (hrp !== expected) fail("malformed", `expected a ${expected}1 line, this is a ${hrp}1 line`);
  const version = data[0] as number;
  if (version >= 1 && version <= latest) return data;
  return fail(
    "malformed",
    `version ${version} of ${hrp} is unknown`,
    "a newer worstday may read it",
  );
}

/**
 * Passes on the symbols after the "1", `noSymbol` for a character without one, and wipes them.
 *
 * @throws malformed: not a known HRP
 */
export function withSymbols<T>(token: Uint8Array, use: (hrp: Hrp, symbols: Uint8Array) => T): T {
  const hrp = hrpOf(token);
  if (!hrp) fail("malformed", prefixFault);
  const symbols = concat(token.subarray(hrp.length + 1));
  for (let i = 0; i < symbols.length; i++) symbols[i] = toSymbol(symbols[i] as number);
  try {
    return use(hrp, symbols);
  } finally {
    wipe(symbols);
  }
}

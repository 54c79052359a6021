// The text form: HRP, "1", bech32 symbols, 15 symbols of the long code of BIP-93.
//
// The checksum is worked out with BigInt, one symbol at a time, as BIP-93 prints it.

import { createHash } from "node:crypto";
import { concat } from "./bytes.ts";

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECK_SYMBOLS = 15;
const GENERATOR = [
  0x3d59d273535ea62d897n,
  0x7a9becb6361c6c51507n,
  0x543f9b7e6c38d8a2a0en,
  0x0c577eaeccf1990d13cn,
  0x1887f74f8dc71b10651n,
];

/** Residue of the long code of BIP-93 over 5-bit values, from a given first residue. */
export function polymod(values: number[], first: bigint): bigint {
  let residue = first;
  for (const value of values) {
    const top = residue >> 70n;
    residue = ((residue & 0x3fffffffffffffffffn) << 5n) ^ BigInt(value);
    GENERATOR.forEach((term, bit) => {
      if (((top >> BigInt(bit)) & 1n) === 1n) residue ^= term;
    });
  }
  return residue;
}

/** The first 75 bits of SHA-256("worstday text 1"). */
export function target(): bigint {
  const digest = createHash("sha256").update("worstday text 1").digest("hex");
  return BigInt(`0x${digest}`) >> BigInt(256 - 75);
}

function expandHrp(hrp: string): number[] {
  const codes = [...hrp].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

/** The 15 check symbols for a human-readable part and its data symbols. */
export function checksum(hrp: string, data: number[]): number[] {
  const zeros = new Array<number>(CHECK_SYMBOLS).fill(0);
  const residue = polymod([...expandHrp(hrp), ...data, ...zeros], 1n) ^ target();
  return zeros.map((_, i) => Number((residue >> BigInt(5 * (CHECK_SYMBOLS - 1 - i))) & 31n));
}

/** Bytes as 5-bit groups, most significant first; `padding` fills the last group. */
export function symbols(bytes: Uint8Array, padding = 0): number[] {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const missing = (5 - (bits.length % 5)) % 5;
  if (missing > 0) bits += padding.toString(2).padStart(missing, "0").slice(-missing);
  return (bits.match(/.{5}/g) ?? []).map((group) => Number.parseInt(group, 2));
}

/** A line from ready 5-bit data, its checksum right whatever the data says. */
export function encodeSymbols(hrp: string, data: number[]): string {
  const all = [...data, ...checksum(hrp, data)];
  return `${hrp}1${all.map((value) => ALPHABET.charAt(value)).join("")}`;
}

/** A canonical line. */
export function encode(hrp: string, payload: Uint8Array): string {
  return encodeSymbols(hrp, symbols(payload));
}

/** The payload of a canonical line of that HRP; throws on anything else. */
export function decode(hrp: string, line: string): Uint8Array {
  if (!line.startsWith(`${hrp}1`)) throw new Error(`not a ${hrp} line`);
  const all = [...line.slice(hrp.length + 1)].map((letter) => ALPHABET.indexOf(letter));
  if (all.includes(-1)) throw new Error("a symbol outside the alphabet");
  const data = all.slice(0, -CHECK_SYMBOLS);
  if (all.slice(data.length).join() !== checksum(hrp, data).join()) throw new Error("bad checksum");
  const bits = data.map((value) => value.toString(2).padStart(5, "0")).join("");
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  const rest = bits.slice(bytes.length * 8);
  if (rest.length > 4 || rest.includes("1")) throw new Error("bad padding");
  return concat(Uint8Array.from(bytes));
}

/** The line with the symbol at `index` after the separator replaced by another one. */
export function mistype(line: string, index: number): string {
  const at = line.indexOf("1") + 1 + index;
  const wrong = line.charAt(at) === "q" ? "p" : "q";
  return line.slice(0, at) + wrong + line.slice(at + 1);
}

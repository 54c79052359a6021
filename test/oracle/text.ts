/**
 * The text form by other means than lib/wire: HRP, "1", bech32 symbols, 15 symbols of the long code of
 * BIP-93, whose residue is a big integer here, one symbol at a time, as BIP-93 prints it; and bits
 * through strings.
 */

export const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

const generators = [
  0x3d59d273535ea62d897n,
  0x7a9becb6361c6c51507n,
  0x543f9b7e6c38d8a2a0en,
  0x0c577eaeccf1990d13cn,
  0x1887f74f8dc71b10651n,
];

/** SPEC's target, what is left behind a valid token: 75 bits of the hash of a sentence. */
const digest = new Bun.CryptoHasher("sha256").update("worstday text 1").digest("hex");
export const target = BigInt(`0x${digest}`) >> 181n;

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

/** The 15 check symbols, by the long code's definition, or of a word too long for it by a hash. */
export function checkOf(hrp: string, data: number[]): number[] {
  const zeros = new Array<number>(15).fill(0);
  const all = [...expandHrp(hrp), ...data, ...zeros];
  const hashed = Buffer.concat([Buffer.from(`worstday long text 1${hrp}\0`), Buffer.from(data)]);
  const hash = new Bun.CryptoHasher("sha256").update(hashed).digest("hex");
  const value = all.length > 1023 ? BigInt(`0x${hash}`) >> 181n : polymod(all, 1n) ^ target;
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

/** A canonical line. */
export function encode(hrp: string, payload: Uint8Array): string {
  return textOf(tokenOfBytes(hrp, payload));
}

/** The payload of a canonical line of that HRP; throws on anything else. */
export function decode(hrp: string, line: string): Uint8Array {
  const symbols = [...line.slice(hrp.length + 1, -15)].map((letter) => alphabet.indexOf(letter));
  const bits = symbols.map((value) => value.toString(2).padStart(5, "0")).join("");
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  if (symbols.includes(-1) || encode(hrp, bytes) !== line) throw new Error(`no ${hrp} line`);
  return bytes;
}

/** The line with the symbol at `index` after the separator replaced by another one. */
export function mistype(line: string, index: number): string {
  const at = line.indexOf("1") + 1 + index;
  const wrong = line.charAt(at) === "q" ? "p" : "q";
  return line.slice(0, at) + wrong + line.slice(at + 1);
}

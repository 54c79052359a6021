/**
 * Poly1305 (RFC 8439, section 2.5). Numbers modulo 2^130 - 5 are 13 limbs of 10 bits, least
 * significant first, so that every product and sum stays a signed 32-bit integer (see salsa20.ts).
 */

import { wipe } from "../core/bytes.ts";

const limbs = 13;
const clamp = Uint8Array.fromHex("ffffff0ffcffff0ffcffff0ffcffff0f");

/** The 16-byte tag under a 32-byte key, which must be used once only. */
export function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const clamped = clamp.map((byte, i) => byte & (key[i] as number));
  const r = toLimbs(clamped);
  const sum = new Int32Array(limbs);
  for (let start = 0; start < message.length; start += 16) {
    const block = message.subarray(start, start + 16);
    addMultiplied(sum, toLimbs(Uint8Array.of(...block, 1)), r);
  }
  const tag = addBytes(reduce(sum), key.subarray(16));
  wipe(clamped, r, sum);
  return tag;
}

/** At most 17 bytes, of 130 bits. */
function toLimbs(bytes: Uint8Array): Int32Array {
  const byteAt = (i: number) => bytes[i] ?? 0;
  return Int32Array.from({ length: limbs }, (_, i) => {
    const at = (10 * i) >> 3;
    return ((byteAt(at) | (byteAt(at + 1) << 8)) >> ((10 * i) & 7)) & 1023;
  });
}

/** sum = (sum + block) · r; all limbs are below 2^11 again. */
function addMultiplied(sum: Int32Array, block: Int32Array, r: Int32Array): void {
  for (let i = 0; i < limbs; i++) block[i] = (block[i] as number) + (sum[i] as number);
  for (let i = 0; i < limbs; i++) {
    let low = 0;
    let high = 0; // of weight 2^130, which is 5
    for (let j = 0; j <= i; j++) low += Math.imul(block[j] as number, r[i - j] as number);
    for (let j = i + 1; j < limbs; j++) {
      high += Math.imul(block[j] as number, r[limbs + i - j] as number);
    }
    sum[i] = low + Math.imul(5, high);
  }
  wipe(block);
  carry(sum);
  carry(sum);
}

/** Leaves 10 bits in each limb, perhaps more in the lowest, to which the overflow is added, times 5. */
function carry(limb: Int32Array): void {
  let over = 0;
  for (let i = 0; i < limbs; i++) {
    const value = (limb[i] as number) + over;
    limb[i] = value & 1023;
    over = value >> 10;
  }
  limb[0] = (limb[0] as number) + Math.imul(5, over);
}

/** The number's residue as 16 bytes: less 2^130 - 5 if it is not below that, then its low 128 bits. */
function reduce(sum: Int32Array): Uint8Array {
  carry(sum);
  const less = sum.slice(); // sum + 5: if that reaches 2^130, its low bits are the residue
  less[0] = (less[0] as number) + 5;
  let over = 0;
  for (let i = 0; i < limbs; i++) {
    const value = (less[i] as number) + over;
    less[i] = value & 1023;
    over = value >> 10;
  }
  const residue = sum.map((limb, i) => limb ^ ((limb ^ (less[i] as number)) & (0 - over)));
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => {
    const [at, shift] = [Math.floor((8 * i) / 10), (8 * i) % 10];
    return ((residue[at] as number) | ((residue[at + 1] as number) << 10)) >> shift;
  });
  wipe(less, residue);
  return bytes;
}

/** a + b modulo 2^128, little-endian. */
function addBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  let over = 0;
  for (let i = 0; i < 16; i++) {
    over += (a[i] as number) + (b[i] as number);
    a[i] = over;
    over >>= 8;
  }
  return a;
}

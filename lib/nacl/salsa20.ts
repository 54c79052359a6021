/**
 * Salsa20 (D. J. Bernstein, "The Salsa20 family of stream ciphers") as NaCl has it. Its words are signed
 * 32-bit integers throughout: an interpreter makes doubles of others, and takes longer for them.
 */

import { ascii, concat, secretBytes, wipe } from "../core/bytes.ts";

const sigma = wordsOf(ascii("expand 32-byte k"));
const columns = [0, 4, 8, 12, 5, 9, 13, 1, 10, 14, 2, 6, 15, 3, 7, 11];
const doubleRound = [...columns, 0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14];

/** HSalsa20 ("Extending the Salsa20 nonce", section 2): 32-byte key, 16-byte nonce, 32 bytes out. */
export function hsalsa20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const words = rounds(stateOf(key, nonce));
  const out = new Int32Array(secretBytes(32).buffer);
  for (const [i, from] of [0, 5, 10, 15, 6, 7, 8, 9].entries()) out[i] = words[from] as number;
  wipe(words);
  return new Uint8Array(out.buffer);
}

/** The first `length` bytes of XSalsa20's key stream; the nonce has 24 bytes. */
export function xsalsa20(key: Uint8Array, nonce: Uint8Array, length: number): Uint8Array {
  const subkey = hsalsa20(key, nonce.subarray(0, 16));
  const stream = secretBytes(64 * Math.ceil(length / 64));
  for (let block = 0; block < stream.length / 64; block++) {
    const counter = new Uint8Array(Int32Array.of(block, 0).buffer);
    const state = stateOf(subkey, concat(nonce.subarray(16), counter));
    const words = rounds(wordsOf(new Uint8Array(state.buffer)));
    for (let i = 0; i < 16; i++) words[i] = add(words[i] as number, state[i] as number);
    stream.set(new Uint8Array(words.buffer), 64 * block);
    wipe(state, words);
  }
  wipe(subkey);
  return stream.subarray(0, length);
}

function stateOf(key: Uint8Array, nonce: Uint8Array): Int32Array<ArrayBuffer> {
  const [s, k, n] = [sigma, wordsOf(key), wordsOf(nonce)];
  const state = new Int32Array(secretBytes(64).buffer);
  for (let i = 0; i < 4; i++) {
    state[5 * i] = s[i] as number;
    state[1 + i] = k[i] as number;
    state[6 + i] = n[i] as number;
    state[11 + i] = k[4 + i] as number;
  }
  wipe(k);
  return state;
}

/** The 20 rounds, in place. */
function rounds(x: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  for (let double = 0; double < 10; double++) {
    for (let i = 0; i < 32; i += 4) {
      const [a, b, c, d] = doubleRound.slice(i, i + 4) as [number, number, number, number];
      step(x, b, a, d, 7);
      step(x, c, b, a, 9);
      step(x, d, c, b, 13);
      step(x, a, d, c, 18);
    }
  }
  return x;
}

function step(x: Int32Array, to: number, from: number, other: number, turn: number): void {
  const sum = add(x[from] as number, x[other] as number);
  x[to] = (x[to] as number) ^ ((sum << turn) | ((sum >> (32 - turn)) & ((1 << turn) - 1)));
}

/** a + b modulo 2^32, by halves: a sum that overflows is a double before it is cut. */
function add(a: number, b: number): number {
  const low = (a & 0xffff) + (b & 0xffff);
  return (((a >> 16) + (b >> 16) + (low >> 16)) << 16) | (low & 0xffff);
}

/** Little-endian words, in memory of their own. */
function wordsOf(bytes: Uint8Array): Int32Array<ArrayBuffer> {
  return new Int32Array(concat(bytes).buffer);
}

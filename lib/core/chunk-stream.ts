/**
 * A stream of 1 MiB chunks, each ChaCha20-Poly1305 (RFC 8439) under one key:
 * the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (CRYPTO 2015). The chunk
 * number and a flag for the last chunk are in the nonce, so that chunks cannot be reordered,
 * dropped, repeated or cut off. Memory use does not depend on the length.
 */

import { wipe } from "./bytes.ts";
import { fail } from "./errors.ts";
import { chacha20Poly1305 } from "./primitives.ts";

export const chunkBytes = 1_048_576;
export const chunkTagBytes = 16;

/** Chunks in flight: enough to keep two cores busy; more only take memory. */
const windowChunks = 3;

/** Fills the buffer and returns its length; returns less only at the end of the input. */
export type Read = (buffer: Uint8Array) => Promise<number>;

/**
 * Encrypts everything that `read` gives, under a 32-byte key that is used for nothing else.
 * Yields ciphertext ‖ tag chunk by chunk: at least one, all but the last 1 MiB + 16 bytes.
 */
export async function* sealStream(key: Uint8Array, read: Read) {
  const { seal } = await chacha20Poly1305(key);
  yield* inOrder(read, chunkBytes, (chunk, number, last) => seal(nonceOf(number, last), chunk));
}

/**
 * The reverse: yields the plaintext of a chunk only once it has verified.
 *
 * @throws mismatch
 */
export async function* openStream(key: Uint8Array, read: Read) {
  const { open } = await chacha20Poly1305(key);
  yield* inOrder(read, chunkBytes + chunkTagBytes, async (chunk, number, last) => {
    const length = chunk.length - chunkTagBytes;
    if (length < 0 || (length === 0 && number > 0)) fail("mismatch", "the file is cut short");
    const plaintext = await open(nonceOf(number, last), chunk);
    if (plaintext) return plaintext;
    return fail("mismatch", `chunk ${number} does not verify: the file is damaged or cut short`);
  });
}

/** Runs `work` on several chunks at once and yields its results in the chunks' order. */
async function* inOrder(
  read: Read,
  length: number,
  work: (chunk: Uint8Array, number: number, last: boolean) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const pending: Promise<Uint8Array>[] = [];
  // One chunk is read ahead, to know which is the last. `work` copies what it is given at once.
  let chunk = new Uint8Array(length);
  let ahead = new Uint8Array(length);
  try {
    let filled = await read(chunk);
    for (let number = 0; ; number++) {
      const filledAhead = filled === length ? await read(ahead) : 0;
      const last = filledAhead === 0;
      const result = work(chunk.subarray(0, filled), number, last);
      result.catch(() => {}); // awaited below, unless an earlier chunk fails first
      pending.push(result);
      if (last) break;
      if (pending.length === windowChunks) yield await (pending.shift() as Promise<Uint8Array>);
      [chunk, ahead] = [ahead, chunk];
      filled = filledAhead;
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<Uint8Array>);
  } finally {
    wipe(chunk, ahead);
    for (const result of pending) result.then(wipe, () => {}); // left behind by a failure
  }
}

/** 4 zero bytes ‖ chunk number, 7 bytes big-endian ‖ 1 on the last chunk, else 0. */
function nonceOf(number: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, (BigInt(number) << 8n) | (last ? 1n : 0n));
  return nonce;
}

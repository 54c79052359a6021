import { expect, test } from "bun:test";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import sodium from "libsodium-wrappers";
import { concat } from "../../lib/core/bytes.ts";
import {
  chunkBytes,
  chunkTagBytes,
  noncePrefixBytes,
  openStream,
  sealStream,
} from "../../lib/core/chunk-stream.ts";
import { bulk, collect, expectFailure, flipped, readerOf, repeatable } from "./helpers.ts";

await sodium.ready;

const key = repeatable(1)(32);
const prefix = repeatable(2)(noncePrefixBytes);
const mebibyte = 1_048_576;
const sealedChunk = mebibyte + 16;
const lengths = [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 5 * mebibyte + 7];

const seal = (plaintext: Uint8Array) => collect(sealStream(key, prefix, readerOf(plaintext)));
const open = (sealed: Uint8Array) => collect(openStream(key, prefix, readerOf(sealed)));

/** The nonce of SPEC, written out by hand. */
function nonceOf(number: number, last: boolean): Uint8Array {
  const place = number.toString(16).padStart(14, "0");
  return concat(prefix, Uint8Array.fromHex(`${place}${last ? "01" : "00"}`));
}

/** One chunk, sealed by noble's XChaCha20-Poly1305 with its 24-byte nonce. */
function sealedAlone(plaintext: Uint8Array, number: number, last: boolean): Uint8Array {
  return xchacha20poly1305(key, nonceOf(number, last)).encrypt(plaintext);
}

/** The whole stream by noble. */
function oracle(plaintext: Uint8Array): Uint8Array {
  const count = Math.max(1, Math.ceil(plaintext.length / mebibyte));
  const chunks = Array.from({ length: count }, (_, i) => {
    return sealedAlone(plaintext.subarray(i * mebibyte, (i + 1) * mebibyte), i, i === count - 1);
  });
  return concat(...chunks);
}

/** The sealed chunks of 3 MiB + 5 bytes. */
async function fourChunks(): Promise<Uint8Array[]> {
  const sealed = await seal(bulk(3 * mebibyte + 5, 4));
  return [0, 1, 2, 3].map((i) => sealed.subarray(i * sealedChunk, (i + 1) * sealedChunk));
}

test("the sizes are those of SPEC", () => {
  expect([chunkBytes, chunkTagBytes, noncePrefixBytes]).toEqual([mebibyte, 16, 16]);
});

test.each(lengths)(
  "sealStream() of %d bytes is what noble makes chunk by chunk",
  async (length) => {
    const plaintext = bulk(length, length);
    const sealed = await seal(plaintext);
    expect(Buffer.compare(sealed, oracle(plaintext))).toBe(0);
    expect(Buffer.compare(await open(sealed), plaintext)).toBe(0);
  },
);

test("sealStream()'s chunks open in libsodium's XChaCha20-Poly1305", async () => {
  const plaintext = bulk(mebibyte + 100, 8);
  const sealed = await seal(plaintext);
  const decrypt = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt;
  const first = decrypt(null, sealed.subarray(0, sealedChunk), null, nonceOf(0, false), key);
  const second = decrypt(null, sealed.subarray(sealedChunk), null, nonceOf(1, true), key);
  expect(Buffer.compare(concat(first, second), plaintext)).toBe(0);
});

test("both streams yield chunk by chunk, all but the last of full size, in order", async () => {
  const plaintext = bulk(9 * mebibyte + 3, 5);
  const sealed: Uint8Array[] = [];
  for await (const chunk of sealStream(key, prefix, readerOf(plaintext))) sealed.push(chunk);
  expect(sealed.map(({ length }) => length)).toEqual([...new Array(9).fill(sealedChunk), 19]);
  let offset = 0;
  for await (const chunk of openStream(key, prefix, readerOf(concat(...sealed)))) {
    const expected = plaintext.subarray(offset, offset + chunk.length);
    expect(Buffer.compare(chunk, expected)).toBe(0);
    offset += chunk.length;
  }
  expect(offset).toBe(plaintext.length);
});

test("openStream() refuses chunks in any other order", async () => {
  const [a, b, c, d] = (await fourChunks()) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  for (const order of [
    [b, a, c, d],
    [a, c, b, d],
    [c, b, a, d],
    [a, b, d, c],
    [d, a, b, c],
  ]) {
    await expectFailure("mismatch", /chunk \d does not verify/, () => open(concat(...order)));
  }
});

test("openStream() refuses a stream with a chunk dropped or repeated", async () => {
  const chunks = await fourChunks();
  for (let i = 0; i < 4; i++) {
    const dropped = chunks.toSpliced(i, 1);
    await expectFailure("mismatch", /does not verify/, () => open(concat(...dropped)));
    const repeated = chunks.toSpliced(i, 0, chunks[i] as Uint8Array);
    await expectFailure("mismatch", /does not verify/, () => open(concat(...repeated)));
  }
});

test("openStream() refuses a stream cut at, before and behind every boundary", async () => {
  const sealed = concat(...(await fourChunks()));
  for (let chunk = 0; chunk <= 3; chunk++) {
    for (const near of [-17, -16, -15, -1, 0, 1, 15, 16, 17]) {
      const cut = chunk * sealedChunk + near;
      if (cut < 0 || cut >= sealed.length) continue;
      await expectFailure("mismatch", /cut short|does not verify/, () =>
        open(sealed.subarray(0, cut)),
      );
    }
  }
});

test("openStream() refuses a short stream cut anywhere", async () => {
  const sealed = await seal(bulk(100, 1));
  for (let length = 0; length < sealed.length; length++) {
    const cut = sealed.subarray(0, length);
    await expectFailure("mismatch", /cut short|does not verify/, () => open(cut));
  }
});

test("openStream() says of less than a tag, and of no more than one, that the file is cut short", async () => {
  const sealed = await seal(bulk(mebibyte + 1, 1));
  const lengths = [0, 1, 15, sealedChunk + 1, sealedChunk + 15, sealedChunk + 16];
  for (const length of lengths) {
    const cut = sealed.subarray(0, length);
    await expectFailure("mismatch", /^the file is cut short$/, () => open(cut));
  }
});

test("openStream() refuses bytes behind the last chunk", async () => {
  for (const length of [0, 1, mebibyte - 1, mebibyte, mebibyte + 1]) {
    const sealed = await seal(bulk(length, length));
    for (const extra of [1, 15, 16, 17]) {
      const longer = concat(sealed, new Uint8Array(extra));
      await expectFailure("mismatch", /cut short|does not verify/, () => open(longer));
    }
    await expectFailure("mismatch", /does not verify/, () => open(concat(sealed, sealed)));
  }
});

test("openStream() refuses an empty last chunk behind a full one, though its tag is right", async () => {
  const full = sealedAlone(bulk(mebibyte, 1), 0, false);
  const sealed = concat(full, sealedAlone(new Uint8Array(), 1, true));
  await expectFailure("mismatch", /./, () => open(sealed));
});

test("openStream() refuses a short chunk before the last, though its tag is right", async () => {
  const sealed = concat(sealedAlone(bulk(50, 1), 0, false), sealedAlone(bulk(50, 2), 1, true));
  await expectFailure("mismatch", /does not verify/, () => open(sealed));
});

test("openStream() refuses a last chunk that is not flagged so, and the reverse", async () => {
  await expectFailure("mismatch", /chunk 0/, () => open(sealedAlone(bulk(9, 1), 0, false)));
  const early = concat(sealedAlone(bulk(mebibyte, 1), 0, true), sealedAlone(bulk(9, 1), 1, true));
  await expectFailure("mismatch", /chunk 0/, () => open(early));
});

test("openStream() refuses any bit turned over in a short stream, its key and its prefix", async () => {
  const sealed = await seal(bulk(20, 1));
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    await expectFailure("mismatch", /chunk 0 does not/, () => open(flipped(sealed, bit)));
  }
  for (let bit = 0; bit < 256; bit++) {
    const other = openStream(flipped(key, bit), prefix, readerOf(sealed));
    await expectFailure("mismatch", /chunk 0 does not/, () => collect(other));
  }
  for (let bit = 0; bit < 128; bit++) {
    const other = openStream(key, flipped(prefix, bit), readerOf(sealed));
    await expectFailure("mismatch", /chunk 0 does not/, () => collect(other));
  }
});

test("openStream() names the damaged chunk and has yielded exactly those before it", async () => {
  const chunks = await fourChunks();
  for (let damaged = 0; damaged < 4; damaged++) {
    const changed = chunks.with(damaged, flipped(chunks[damaged] as Uint8Array, 39));
    const yielded: number[] = [];
    const consume = async () => {
      const stream = openStream(key, prefix, readerOf(concat(...changed)));
      for await (const chunk of stream) yielded.push(chunk.length);
    };
    await expectFailure("mismatch", new RegExp(`chunk ${damaged} `), consume);
    expect(yielded).toEqual(new Array(damaged).fill(mebibyte));
  }
});

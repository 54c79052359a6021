import { expect, setDefaultTimeout, test } from "bun:test";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import sodium from "libsodium-wrappers";
import { concat } from "../../lib/core/bytes.ts";
import { chunkBytes, chunkTagBytes, openStream, sealStream } from "../../lib/core/chunk-stream.ts";
import {
  bulk,
  collect,
  cuts,
  expectFailure,
  flipped,
  flips,
  readerOf,
  repeatable,
} from "./helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

await sodium.ready;

const key = repeatable(1)(32);
const mebibyte = 1_048_576;
const sealedChunk = mebibyte + 16;
const lengths = [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 3 * mebibyte + 3];

const seal = (plaintext: Uint8Array) => collect(sealStream(key, readerOf(plaintext)));
const open = (sealed: Uint8Array) => collect(openStream(key, readerOf(sealed)));

/** The nonce of SPEC, written out by hand. */
function nonceOf(number: number, last: boolean): Uint8Array {
  const place = number.toString(16).padStart(14, "0");
  return Uint8Array.fromHex(`00000000${place}${last ? "01" : "00"}`);
}

/** One chunk, sealed by noble's ChaCha20-Poly1305. */
function sealedAlone(plaintext: Uint8Array, number: number, last: boolean): Uint8Array {
  return chacha20poly1305(key, nonceOf(number, last)).encrypt(plaintext);
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
  expect([chunkBytes, chunkTagBytes]).toEqual([mebibyte, 16]);
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

test("sealStream()'s chunks open in libsodium's ChaCha20-Poly1305", async () => {
  const plaintext = bulk(mebibyte + 100, 8);
  const sealed = await seal(plaintext);
  const decrypt = sodium.crypto_aead_chacha20poly1305_ietf_decrypt;
  const first = decrypt(null, sealed.subarray(0, sealedChunk), null, nonceOf(0, false), key);
  const second = decrypt(null, sealed.subarray(sealedChunk), null, nonceOf(1, true), key);
  expect(Buffer.compare(concat(first, second), plaintext)).toBe(0);
});

test("both streams yield chunk by chunk, all but the last of full size", async () => {
  const sealed: Uint8Array[] = [];
  const opened: number[] = [];
  const plaintext = readerOf(bulk(9 * mebibyte + 3, 5));
  for await (const chunk of sealStream(key, plaintext)) sealed.push(chunk);
  const stream = openStream(key, readerOf(concat(...sealed)));
  for await (const chunk of stream) opened.push(chunk.length);
  expect(sealed.map(({ length }) => length)).toEqual([...new Array(9).fill(sealedChunk), 19]);
  expect(opened).toEqual([...new Array(9).fill(mebibyte), 3]);
});

test("openStream() refuses chunks in any other order, dropped or repeated", async () => {
  const [a, b, c, d] = (await fourChunks()) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const all = [a, b, c, d];
  const moved = [
    [b, a, c, d],
    [a, c, b, d],
    [c, b, a, d],
    [a, b, d, c],
    [d, a, b, c],
  ];
  const dropped = all.map((_, i) => all.toSpliced(i, 1));
  const repeated = all.map((chunk, i) => all.toSpliced(i, 0, chunk));
  for (const order of [...moved, ...dropped, ...repeated]) {
    await expectFailure("mismatch", /chunk \d does not verify/, () => open(concat(...order)));
  }
});

test("openStream() refuses a stream cut at, before and behind every boundary", async () => {
  const sealed = concat(...(await fourChunks()));
  for (let chunk = 0; chunk <= 3; chunk++) {
    for (const near of [-17, -16, -1, 0, 1, 15, 16, 17]) {
      const cut = chunk * sealedChunk + near;
      if (cut < 0 || cut >= sealed.length) continue;
      // of less than a tag, and of no more than one behind a chunk, that is what is said
      const isShort = near >= 0 && near < 16 + Number(chunk > 0) && cut !== chunk * sealedChunk;
      const words = isShort || cut === 0 ? /^the file is cut short$/ : /does not verify/;
      await expectFailure("mismatch", words, () => open(sealed.subarray(0, cut)));
    }
  }
  for (const cut of cuts(await seal(bulk(100, 1)))) {
    await expectFailure("mismatch", /cut short|does not verify/, () => open(cut));
  }
});

test("openStream() refuses bytes behind the last chunk", async () => {
  for (const length of [0, mebibyte - 1, mebibyte]) {
    const sealed = await seal(bulk(length, length));
    for (const extra of [1, 16, 17]) {
      const longer = concat(sealed, new Uint8Array(extra));
      await expectFailure("mismatch", /cut short|does not verify/, () => open(longer));
    }
    await expectFailure("mismatch", /does not verify/, () => open(concat(sealed, sealed)));
  }
});

const chunk = (length: number, number: number, last: boolean) =>
  sealedAlone(bulk(length, number), number, last);
const wrong: [what: string, says: RegExp, chunks: Uint8Array[]][] = [
  ["an empty last chunk behind a full one", /./, [chunk(mebibyte, 0, false), chunk(0, 1, true)]],
  ["a short chunk before the last", /chunk 0/, [chunk(50, 0, false), chunk(50, 1, true)]],
  ["a last chunk that is not flagged so", /chunk 0/, [chunk(9, 0, false)]],
  ["another that is", /chunk 0/, [chunk(mebibyte, 0, true), chunk(9, 1, true)]],
];
test.each(wrong)("openStream() refuses %s, though its tag is right", async (_, says, chunks) => {
  await expectFailure("mismatch", says, () => open(concat(...chunks)));
});

test("openStream() refuses a bit turned over in a short stream and in its key", async () => {
  const sealed = await seal(bulk(20, 1));
  // of each byte another bit: a stream takes two buffers of 1 MiB
  const some = (bytes: Uint8Array) => flips(bytes).filter((_, bit) => bit % 7 === 0);
  const streams = [
    ...some(sealed).map((other) => openStream(key, readerOf(other))),
    ...some(key).map((other) => openStream(other, readerOf(sealed))),
  ];
  for (const stream of streams) {
    await expectFailure("mismatch", /chunk 0 does not verify/, () => collect(stream));
  }
});

test("openStream() names the damaged chunk and has yielded exactly those before it", async () => {
  const chunks = await fourChunks();
  for (let damaged = 0; damaged < 4; damaged++) {
    const changed = chunks.with(damaged, flipped(chunks[damaged] as Uint8Array, 39));
    const yielded: number[] = [];
    const consume = async () => {
      const stream = openStream(key, readerOf(concat(...changed)));
      for await (const chunk of stream) yielded.push(chunk.length);
    };
    await expectFailure("mismatch", new RegExp(`chunk ${damaged} `), consume);
    expect(yielded).toEqual(new Array(damaged).fill(mebibyte));
  }
});

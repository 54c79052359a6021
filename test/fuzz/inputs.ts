/** Inputs that are nearly valid, as fast-check makes them, and such as are large. */

import fc from "fast-check";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { flipped } from "../core/helpers.ts";
import type { Layer } from "./execute.ts";

/** What has a meaning to one parser or another. */
export const words: Uint8Array[] = [
  ..."wdshare1 wdsealed1 wdpub1 wdkey1 WDSHARE1 WDPUB1 wdpub offline 1 ? # - -- = q Q b".split(" "),
  ..."ssh-ed25519 ssh-rsa AAAA AAAAC3NzaC1lZDI1NTE5 none openssh-key-v1\0 =".split(" "),
  ..."-o -k -kn --out --key= --help --version -h --__proto__ --no-out --constructor=1".split(" "),
  ...'null true 0 -1 1e999 1.0 {} [] [[ }} , : " \\u0061 \\ {"toString":1} __proto__'.split(" "),
  ..."-----BEGIN |-----END |-----|OPENSSH PRIVATE KEY-----\n|worstday vault 1|vault 2".split("|"),
  ..." |\t|\n|\r|\r\n|\0|\x7f|\x80|\xff|\xef\xbb\xbf|\xff\xfe|\xed\xa0\x80|\u00b9\u00b2".split("|"),
  ..."\0\0\0\0|\0\0\0\x01|\0\0\0\x20|\x7f\xff\xff\xff|\x80\0\0\0|\xff\xff\xff\xff".split("|"),
  ..."\0--key=x|\0-ox|\0x|\na#".split("|"),
].map(ascii);

/** Inputs for these layers, each to be given to its layer's `wrap`. */
export function anyIn(layers: Layer[]): fc.Arbitrary<{ inner: Uint8Array; layer: Layer }> {
  return fc.oneof(
    ...layers.map((layer) => {
      const arbitrary = anyOf(layer.seeds).map((inner) => ({ inner, layer }));
      return { arbitrary, weight: layer.weight ?? 1 };
    }),
  );
}

/** Mostly valid inputs with one to eight changes; and any bytes, and such parts behind one another. */
function anyOf(seeds: Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const valid = fc.constantFrom(...seeds);
  const edits = fc.array(editOf(seeds), { minLength: 1, maxLength: 8, size: "xsmall" });
  const changed = fc
    .tuple(valid, edits)
    .map(([bytes, edits]) => edits.reduce((before, edit) => edit(before), bytes));
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...words), changed);
  const pieces = fc.array(piece, { maxLength: 5 }).map((parts) => concat(...parts));
  return fc.oneof({ arbitrary: changed, weight: 7 }, fc.uint8Array({ maxLength: 300 }), pieces);
}

type Edit = (bytes: Uint8Array) => Uint8Array;

/** A piece of some bytes, at any place, that is changed, left out, repeated or put something for. */
function editOf(seeds: Uint8Array[]): fc.Arbitrary<Edit> {
  const spliced = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat())
    .map(([bytes, a, b]) => bytes.subarray(a % (bytes.length + 1)).subarray(0, b % 300));
  const some = fc.uint8Array({ minLength: 1, maxLength: 4 });
  const put = fc.oneof(some, some, fc.constantFrom(...words), spliced);
  const length = fc.oneof(fc.constant(1), fc.constant(1), fc.nat(64), fc.constant(100_000));
  const edits = fc.tuple(fc.nat(), length, fc.nat(6), put, fc.nat(20));
  return edits.map(([place, length, kind, put, number]) => (bytes) => {
    const at = place % (bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const changed = changedPiece(after.subarray(0, length), kind, put, number);
    const all = concat(before, changed, after.subarray(length));
    return all.length < 100_000 ? all : bytes;
  });
}

function changedPiece(piece: Uint8Array, kind: number, put: Uint8Array, number: number) {
  const isLetter = (byte: number) => /[a-z]/i.test(String.fromCharCode(byte));
  if (kind === 0) return piece.length > 0 ? flipped(piece, number % 8) : piece;
  if (kind === 1) return put;
  if (kind === 2) return concat(put, piece);
  if (kind === 3) return new Uint8Array(0);
  if (kind === 4) return piece.map((byte) => (isLetter(byte) ? byte ^ 0x20 : byte));
  if (kind === 5) return piece.toReversed();
  return concat(...Array<Uint8Array>(number).fill(piece));
}

/**
 * So many bytes of one word or one valid input, over and over; inside of something else only where
 * there is no other way to give them.
 */
export async function* large(bytes: number, layers: Layer[]): AsyncGenerator<Uint8Array> {
  const plain = layers.filter(({ wrap }) => !wrap);
  for (const { seeds, wrap } of plain.length > 0 ? plain : layers) {
    for (const piece of [...words, ...seeds].filter(({ length }) => length > 0)) {
      const input = new Uint8Array(bytes);
      for (let i = 0; i < bytes; i += piece.length) input.set(piece.subarray(0, bytes - i), i);
      yield wrap ? await wrap(input) : input;
    }
  }
}

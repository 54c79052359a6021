/** Inputs that are nearly valid: changes to valid ones, drawn from a seed, and what fast-check makes. */

import fc from "fast-check";
import { ascii, concat } from "../../lib/core/bytes.ts";
import type { Layer } from "./execute.ts";

/** A whole number from 0 up to, and not including, `below`. */
export type Draw = (below: number) => number;

/** The same numbers for the same seed (xorshift32). */
export function drawFrom(seed: number): Draw {
  let state = (Math.imul(seed + 1, 0x9e3779b1) | 1) >>> 0;
  return (below) => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

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

/** An input from one of these layers, changed inside of it. */
export async function drawChanged(draw: Draw, layers: Layer[]): Promise<Uint8Array> {
  const all = layers.flatMap((layer) => Array.from({ length: layer.weight ?? 1 }, () => layer));
  const { seeds, wrap } = oneOf(draw, all);
  const inner = mutate(draw, seeds);
  return wrap ? await wrap(inner) : inner;
}

/** What fast-check makes for these layers, to be given to `wrap`. */
export function anyIn(layers: Layer[]): fc.Arbitrary<{ inner: Uint8Array; layer: Layer }> {
  return fc.oneof(
    ...layers.map((layer) => {
      const arbitrary = anyOf(layer.seeds).map((inner) => ({ inner, layer }));
      return { arbitrary, weight: layer.weight ?? 1 };
    }),
  );
}

/** A valid input with one to eight changes, more often few. */
function mutate(draw: Draw, seeds: Uint8Array[]): Uint8Array {
  let bytes = oneOf(draw, seeds);
  do bytes = change(draw, bytes, seeds);
  while (draw(2) === 0 && bytes.length < 100_000);
  return bytes;
}

function change(draw: Draw, bytes: Uint8Array, seeds: Uint8Array[]): Uint8Array {
  const at = draw(bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const length = draw(2) === 0 ? 1 : 1 + draw(Math.min(64, after.length + 1));
  const [piece, rest] = [after.subarray(0, length), after.subarray(length)];
  const random = () => Uint8Array.from({ length: 1 + draw(4) }, () => draw(256));
  const changes: (() => Uint8Array)[] = [
    () => concat(before, Uint8Array.of((piece[0] ?? 0) ^ (1 << draw(8))), after.subarray(1)),
    () => concat(before, Uint8Array.of(draw(256)), after.subarray(1)),
    () => concat(before, random(), after),
    () => concat(before, rest),
    () => concat(before, piece, after),
    () => concat(before, oneOf(draw, words), after),
    () => concat(before, oneOf(draw, words), rest),
    () => concat(before, switchCase(piece), rest),
    () => (draw(2) === 0 ? before : after),
    () => concat(before, part(draw, oneOf(draw, seeds))), // a splice
    () => concat(before, part(draw, oneOf(draw, seeds)), after),
    () => concat(before, piece.toReversed(), rest),
    () => concat(before, repeated(draw, piece), after),
  ];
  return oneOf(draw, changes)();
}

/** Seldom a great many times. */
function repeated(draw: Draw, piece: Uint8Array): Uint8Array {
  const most = draw(500) === 0 ? 50_000 : 20;
  return concat(
    ...Array.from({ length: Math.ceil(draw(most) / (piece.length || 1)) }, () => piece),
  );
}

function part(draw: Draw, bytes: Uint8Array): Uint8Array {
  const start = draw(bytes.length + 1);
  return draw(2) === 0
    ? bytes.subarray(start)
    : bytes.subarray(start, start + draw(bytes.length - start + 1));
}

function switchCase(piece: Uint8Array): Uint8Array {
  const isLetter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return piece.map((byte) => (isLetter(byte) ? byte ^ 0x20 : byte));
}

function oneOf<T>(draw: Draw, items: T[]): T {
  return items[draw(items.length)] as T;
}

/** Any bytes, words, valid inputs and valid inputs with a change, behind one another. */
function anyOf(seeds: Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const valid = fc.constantFrom(...seeds);
  const changed = fc
    .tuple(valid, fc.nat(), fc.nat(3), fc.uint8Array({ maxLength: 3 }))
    .map(([bytes, place, removed, put]) => {
      const at = place % (bytes.length + 1);
      return concat(bytes.subarray(0, at), put, bytes.subarray(at + removed));
    });
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...words), changed);
  const pieces = fc.array(piece, { maxLength: 5 }).map((parts) => concat(...parts));
  return fc.oneof(fc.uint8Array({ maxLength: 300 }), valid, changed, changed, pieces);
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

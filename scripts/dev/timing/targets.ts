/** What `npm run timing` measures, and the controls that tell whether it can. */

import { ascii, equal } from "../../../lib/core/bytes.ts";
import { multiply, multiplyEach } from "../../../lib/core/gf256.ts";
import { derive } from "../../../lib/core/hash.ts";
import { randomBytes } from "../../../lib/core/random.ts";
import { evaluate, interpolate } from "../../../lib/core/shamir.ts";
import { verify } from "../../../lib/core/sharing.ts";
import { poly1305 } from "../../../lib/nacl/poly1305.ts";
import { hsalsa20, xsalsa20 } from "../../../lib/nacl/salsa20.ts";
import { decodeBase64 } from "../../../lib/ssh/base64.ts";
import { sha512 } from "../../../lib/ssh/ed25519-key.ts";
import { decodeText, encodeText, type Hrp } from "../../../lib/wire/text.ts";
import { equalLeaky, multiplyBranchy, multiplyNegating, operateOnly } from "./controls.ts";

export type Mode = "interpreted" | "compiled";

export interface Target {
  /** The input of each class, fixed and random; not measured. */
  inputs: [fixed: () => Uint8Array, random: () => Uint8Array];
  /** What is measured, on the memory that each input is copied to. */
  prepare: (input: Uint8Array) => () => unknown;
  /** Of a control, the modes in which it must be flagged; in the others it must not be. */
  flagged?: Mode[];
}

const both: Mode[] = ["interpreted", "compiled"];
const payloadBytes = 48; // the tag and a key of 32 bytes
const header = { setId: new Uint8Array(8), k: 2, n: 3 };
const tag = randomBytes(16);
const almostTag = tag.with(15, (tag[15] as number) ^ 1);

export const targets: Record<string, Target> = {
  "gf256 multiply": bytes(64, (input) => () => products(input, multiply)),
  "gf256 multiplyEach": bytes(payloadBytes, (input) => {
    const words = new Int32Array(payloadBytes / 4);
    const copy = new Uint8Array(words.buffer);
    return () => {
      copy.set(input);
      multiplyEach(words, 0x8d);
      return words;
    };
  }),
  "shamir interpolate": bytes(2 * payloadBytes, (input) => {
    const points = sharesOf(input);
    return () => interpolate(points, 0);
  }),
  "shamir evaluate": bytes(2 * payloadBytes, (input) => {
    const [secret, coins] = [input.subarray(0, payloadBytes), input.subarray(payloadBytes)];
    return () => evaluate(secret, 2, 3, () => coins.slice());
  }),
  "equal, of tags": tags(equal),
  "decodeText wdshare": tokens("wdshare", 60),
  "decodeText wdkey": tokens("wdkey", 33),
  "encodeText wdshare": bytes(60, (input) => () => encodeText("wdshare", input)),
  "encodeText wdkey": bytes(33, (input) => () => encodeText("wdkey", input)),
  decodeBase64: {
    inputs: pair(96, (data) => ascii(data.toBase64())),
    prepare: (input) => () => decodeBase64(input),
  },
  "sha512 of the runtime": bytes(32, (input) => () => sha512(input)),

  "sharing verify": bytes(2 * payloadBytes, (input) => {
    const shares = sharesOf(input).map((point) => ({ ...header, ...point }));
    return () => verify(shares);
  }),
  "derive, with HKDF": bytes(32, (input) => () => derive(input, "worstday file", header.setId)),
  hsalsa20: bytes(32, (input) => () => hsalsa20(input, new Uint8Array(16))),
  xsalsa20: bytes(32, (input) => () => xsalsa20(input, new Uint8Array(24), 151)),
  "poly1305, of the key": bytes(32, (input) => () => poly1305(input, new Uint8Array(119))),

  "control: stops at a difference": { ...tags(equalLeaky), flagged: both },
  "control: multiplies by branches": {
    ...bytes(64, (input) => () => products(input, multiplyBranchy)),
    flagged: both,
  },
  "control: masks by negation": {
    ...bytes(64, (input) => () => products(input, multiplyNegating)),
    flagged: ["interpreted"],
  },
  "floor: bit operations alone": bytes(64, (input) => () => products(input, operateOnly)),
  "control: fixed against itself": control(0),
  "control: random against random": control(1),
};

/** Zeros against random bytes. */
function bytes(length: number, prepare: Target["prepare"]): Target {
  return { inputs: pair(length, (data) => data), prepare };
}

function pair(length: number, encode: (data: Uint8Array) => Uint8Array): Target["inputs"] {
  const zeros = encode(new Uint8Array(length));
  return [() => zeros, () => encode(randomBytes(length))];
}

function tokens(hrp: Hrp, length: number): Target {
  const inputs = pair(length, (data) => encodeText(hrp, data));
  return { inputs, prepare: (input) => () => decodeText(input) };
}

/** The right tag but for its last byte against random ones: none is accepted. */
function tags(compare: typeof equal): Target {
  return {
    inputs: [() => almostTag, () => randomBytes(16)],
    prepare: (input) => () => compare(tag, input),
  };
}

/** Two classes that are the same one. */
function control(of: 0 | 1): Target {
  const { inputs, prepare } = tokens("wdkey", 33);
  return { inputs: [inputs[of], inputs[of]], prepare, flagged: [] };
}

function sharesOf(input: Uint8Array) {
  return [1, 2].map((x) => ({ x, y: input.subarray((x - 1) * payloadBytes, x * payloadBytes) }));
}

function products(input: Uint8Array, by: typeof multiply): number {
  let sum = 0;
  for (let i = 0; i < input.length; i += 2) sum ^= by(input[i] as number, input[i + 1] as number);
  return sum;
}

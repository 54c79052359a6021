/** Hybrid keys, and what is sealed to them: by @hpke/core, whose randomness can be fixed. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import type { Share } from "../../../lib/core/sharing.ts";
import {
  encodePrivateKey,
  encodePublicKey,
  publicHalf,
  recipientId,
} from "../../../lib/wire/keys.ts";
import { encodeSealedShare, type SealedShare, sealShare } from "../../../lib/wire/sealed-share.ts";
import { encodePlace, encodeShare } from "../../../lib/wire/share.ts";
import { encodeText } from "../../../lib/wire/text.ts";
import { hpkeSeal } from "../../../test/hybrid/reference.ts";
import { alicePrivate, alicePublic } from "./keys.ts";
import {
  fixedRandom,
  flip,
  lines,
  shareLines,
  shares,
  type Vector,
  type Vectors,
  vector,
} from "./vector.ts";

/** The seed 00 01 … 1f. */
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const privateKey = concat(Uint8Array.of(2), seed);
const publicKey = await publicHalf(privateKey);
const privateLine = encodePrivateKey(privateKey);
const publicLine = encodePublicKey(publicKey);
const info = ascii("worstday sealed share");

export async function hybridVectors(): Promise<Vectors> {
  return { ...keyVectors(), ...(await sealedVectors()) };
}

function keyVectors(): Vectors {
  const keygen = (about: string, token: Uint8Array, outcome: Vector["outcome"]) =>
    vector(about, "keygen -y", lines(token), outcome);
  const seal = (about: string, key: Uint8Array) => {
    const files = { "node.pub": lines(encodeText("wdpub", concat(Uint8Array.of(2), key))) };
    return vector(about, "seal node.pub", shareLines(...shares("key", 1, 1)), "malformed", files);
  };
  const withHalf = (hex: string) => concat(publicKey.subarray(0, 1184), Uint8Array.fromHex(hex));
  return {
    "hybrid-key-public": keygen("the public key of a seed", privateLine, lines(publicLine)),
    "hybrid-key-31-bytes": keygen(
      "a seed too short",
      encodeText("wdkey", privateKey.slice(0, -1)),
      "malformed",
    ),
    "hybrid-pub-32-bytes": seal("an X25519 key under version 2", alicePublic),
    "hybrid-pub-1217-bytes": seal("too long", concat(publicKey, Uint8Array.of(0))),
    "hybrid-pub-first-3329": seal(
      "a first number of 3329",
      publicKey.with(0, 0x01).with(1, 0x0d | ((publicKey[1] as number) & 0xf0)),
    ),
    "hybrid-pub-last-4095": seal(
      "a last number of 4095",
      publicKey.with(1150, 0xf0 | ((publicKey[1150] as number) & 0x0f)).with(1151, 0xff),
    ),
    "hybrid-pub-low-order": seal("an X25519 half of low order", withHalf("00".repeat(32))),
    "hybrid-pub-p": seal("an X25519 half that is p", withHalf(`ed${"ff".repeat(30)}7f`)),
  };
}

async function sealedVectors(): Promise<Vectors> {
  const [share, second] = shares("hybrid", 2, 3) as [Share, Share];
  const [line, other] = [share, second].map(encodeShare) as [Uint8Array, Uint8Array];
  const recipient = recipientId(publicKey);
  const aad = concat(Uint8Array.of(2), recipient, encodePlace(share));
  const seal = (message: Uint8Array) =>
    hpkeSeal({ message, info, aad }, publicKey, fixedRandom("hybrid")(64));
  const box = await seal(line);
  const token = (change: Partial<SealedShare> = {}) =>
    encodeSealedShare({ ...share, recipient, box, ...change });
  const toAlice = await sealShare(second, alicePublic, fixedRandom("box"));

  const unseal = (about: string, stdin: Uint8Array, outcome: Vector["outcome"]) =>
    vector(about, "unseal --key node.key", stdin, outcome, { "node.key": lines(privateLine) });
  const bad = (about: string, change: Partial<SealedShare>, code: Vector["outcome"] = "mismatch") =>
    unseal(about, lines(token(change)), code);
  const point = concat(box.slice(0, 1088), new Uint8Array(32), box.slice(1120));
  const damaged = token().with(1000, token()[1000] === 0x71 ? 0x70 : 0x71);
  return {
    "hybrid-opens": unseal("a share sealed to a hybrid key", lines(token()), lines(line)),
    "hybrid-mixed": vector(
      "shares sealed to keys of both kinds",
      "unseal --key hybrid.key --key alice.key",
      lines(token(), toAlice),
      lines(line, other),
      { "hybrid.key": lines(privateLine), "alice.key": lines(encodePrivateKey(alicePrivate)) },
    ),
    "hybrid-ml-kem-damaged": bad("one bit of ML-KEM's ciphertext", { box: flip(box, 500) }),
    "hybrid-point-damaged": bad("one bit of the ephemeral key", { box: flip(box, 1100) }),
    "hybrid-low-order": bad("an ephemeral key of low order", { box: point }),
    "hybrid-message-damaged": bad("one bit of the message", { box: flip(box, 1130) }),
    "hybrid-tag-damaged": bad("one bit of the tag", { box: flip(box, -1) }),
    "hybrid-other-set": bad("another set in the clear", { setId: flip(share.setId, 0) }),
    "hybrid-other-k": bad("another k in the clear", { k: 3 }),
    "hybrid-no-share": bad("what is sealed is no share", {
      box: await seal(ascii("x".repeat(119))),
    }),
    "hybrid-version-1": unseal(
      "a box under version 1",
      lines(encodeText("wdsealed", concat(Uint8Array.of(1), aad.slice(1), box))),
      "malformed",
    ),
    "hybrid-short": bad("too short for a share", { box: box.slice(0, 1205) }, "malformed"),
    "hybrid-x25519-box": bad("a sealed box to its recipient id", { box: box.slice(0, 167) }),
    "hybrid-mistyped": unseal("one symbol is another", lines(damaged), "malformed"),
  };
}

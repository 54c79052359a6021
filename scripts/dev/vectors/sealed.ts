/** Sealed shares. */

import { ascii } from "../../../lib/core/bytes.ts";
import type { Share } from "../../../lib/core/sharing.ts";
import { sealBox } from "../../../lib/nacl/sealed-box.ts";
import { encodePrivateKey, recipientId } from "../../../lib/wire/keys.ts";
import { encodeSealedShare, type SealedShare, sealShare } from "../../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../../lib/wire/share.ts";
import { alicePrivate, alicePublic } from "./keys.ts";
import { fixedRandom, flip, lines, shares, type Vector, type Vectors, vector } from "./vector.ts";

export async function sealedVectors(): Promise<Vectors> {
  const [share, second] = shares("sealed", 2, 3) as [Share, Share];
  const [line, other] = [share, second].map(encodeShare) as [Uint8Array, Uint8Array];
  const seal = (message: Uint8Array) => sealBox(message, alicePublic, fixedRandom("box"));
  const good = await sealShare(share, alicePublic, fixedRandom("box"));
  const box = await seal(line);
  const recipient = recipientId(alicePublic);
  const token = (change: Partial<SealedShare>) =>
    encodeSealedShare({ ...share, recipient, box, ...change });
  const foreign = token({ recipient: flip(recipient, 0) });

  const unseal = (about: string, stdin: Uint8Array, outcome: Vector["outcome"]) =>
    vector(about, "unseal --key node.key", stdin, outcome, {
      "node.key": lines(encodePrivateKey(alicePrivate)),
    });
  const bad = (about: string, change: Partial<SealedShare>, code: Vector["outcome"] = "mismatch") =>
    unseal(about, lines(token(change)), code);
  const upper = ascii(String.fromCharCode(...line).toUpperCase());
  const noShare = upper.slice().fill(0x78);
  const zeroPoint = Uint8Array.of(...new Uint8Array(32), ...box.slice(32));
  return {
    "sealed-opens": unseal("a sealed share and its share", lines(good), lines(line)),
    "sealed-passes": unseal("a plain share passes", lines(other), lines(other)),
    "sealed-foreign-too": unseal(
      "one for others stays as it is",
      lines(good, foreign),
      lines(line, foreign),
    ),
    "sealed-to-another": unseal("sealed to another key", lines(foreign), "mismatch"),
    "sealed-box-damaged": bad("one bit of the box", { box: flip(box, 60) }),
    "sealed-point-damaged": bad("one bit of the ephemeral key", { box: flip(box, 3) }),
    "sealed-low-order": bad("an ephemeral key of low order", { box: zeroPoint }),
    "sealed-other-set": bad("another set in the clear", { setId: flip(share.setId, 0) }),
    "sealed-other-k": bad("another k in the clear", { k: 3 }),
    "sealed-other-n": bad("another n in the clear", { n: 4 }),
    "sealed-other-x": bad("another x in the clear", { x: 2 }),
    "sealed-upper-case": bad("sealed in upper case", { box: await seal(upper) }),
    "sealed-no-share": bad("what is sealed is no share", { box: await seal(noShare) }),
    "sealed-x-zero": bad("x = 0 in the clear", { x: 0 }, "malformed"),
    "sealed-short": bad("a box too short for a share", { box: box.slice(0, 117) }, "malformed"),
  };
}

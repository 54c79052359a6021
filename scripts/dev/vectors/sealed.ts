/** Sealed shares. */

import { ascii } from "../../../lib/core/bytes.ts";
import type { Share } from "../../../lib/core/sharing.ts";
import { encodePrivateKey, recipientId } from "../../../lib/wire/keys.ts";
import { sealBox } from "../../../lib/wire/sealed-box.ts";
import { encodeSealedShare, type SealedShare, sealShare } from "../../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../../lib/wire/share.ts";
import { alicePrivate, alicePublic } from "./keys.ts";
import { fixedRandom, flip, lines, shareLines, shares, type Vector } from "./vector.ts";

export async function sealedVectors(): Promise<Record<string, Vector>> {
  const [share, second] = shares("sealed", 2, 3) as [Share, Share];
  const seal = (message: Uint8Array) => sealBox(message, alicePublic, fixedRandom("box"));
  const good = await sealShare(share, alicePublic, fixedRandom("box"));
  const box = await seal(encodeShare(share));
  const recipient = recipientId(alicePublic);
  const token = (change: Partial<SealedShare>) =>
    encodeSealedShare({ ...share, recipient, box, ...change });
  const files = { "node.key": lines(encodePrivateKey(alicePrivate)) };
  const command = ["unseal", "--key", "node.key"];
  const opens = (about: string, stdin: Uint8Array, stdout: Uint8Array): Vector => {
    return { about, command, stdin, files, stdout };
  };
  const bad = (error: NonNullable<Vector["error"]>, about: string, sealed: Uint8Array): Vector => {
    return { about, command, stdin: lines(sealed), files, error };
  };
  const upper = ascii(String.fromCharCode(...encodeShare(share)).toUpperCase());
  const zeroPoint = Uint8Array.of(...new Uint8Array(32), ...box.slice(32));
  const foreign = token({ recipient: flip(recipient, 0) });
  return {
    "sealed-opens": opens("a sealed share and its share", lines(good), shareLines(share)),
    "sealed-passes": opens("a plain share passes", shareLines(second), shareLines(second)),
    "sealed-foreign-too": opens(
      "one for others stays as it is",
      lines(good, foreign),
      lines(encodeShare(share), foreign),
    ),
    "sealed-to-another": bad("mismatch", "sealed to another key", foreign),
    "sealed-box-damaged": bad("mismatch", "one bit of the box", token({ box: flip(box, 60) })),
    "sealed-point-damaged": bad(
      "mismatch",
      "one bit of the ephemeral key",
      token({ box: flip(box, 3) }),
    ),
    "sealed-low-order": bad("mismatch", "an ephemeral key of low order", token({ box: zeroPoint })),
    "sealed-other-set": bad(
      "mismatch",
      "another set in the clear",
      token({ setId: flip(share.setId, 0) }),
    ),
    "sealed-other-k": bad("mismatch", "another k in the clear", token({ k: 3 })),
    "sealed-other-n": bad("mismatch", "another n in the clear", token({ n: 4 })),
    "sealed-other-x": bad("mismatch", "another x in the clear", token({ x: 2 })),
    "sealed-upper-case": bad("mismatch", "sealed in upper case", token({ box: await seal(upper) })),
    "sealed-no-share": bad(
      "mismatch",
      "what is sealed is no share",
      token({ box: await seal(upper.fill(0x78)) }),
    ),
    "sealed-x-zero": bad("malformed", "x = 0 in the clear", token({ x: 0 })),
    "sealed-short": bad(
      "malformed",
      "a box too short for a share",
      token({ box: box.slice(0, 117) }),
    ),
  };
}

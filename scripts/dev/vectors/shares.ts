/** Single shares: what may stand in one. */

import type { Share } from "../../../lib/core/sharing.ts";
import { encodeShare } from "../../../lib/wire/share.ts";
import {
  forgeShare,
  lines,
  shareLines,
  shares,
  type Vector,
  type Vectors,
  vector,
} from "./vector.ts";

export function shareVectors(): Vectors {
  const [share] = shares("share", 2, 3) as [Share];
  const whole = (bytes: number, k: number, n: number): Vector => {
    const secret = Uint8Array.from({ length: bytes }, (_, i) => i);
    const dealt = shares(`share ${bytes} ${k} ${n}`, k, n, secret);
    return vector(
      `${bytes} bytes, ${k} of ${n}`,
      "combine",
      shareLines(...dealt.slice(-k)),
      secret,
    );
  };
  const bad = (about: string, forged: Partial<Share>, version = 1): Vector => {
    const stdin = lines(forgeShare({ ...share, ...forged }, version), encodeShare(share));
    return vector(about, "combine", stdin, "malformed");
  };
  return {
    "share-1-byte": whole(1, 2, 3),
    "share-256-bytes": whole(256, 2, 3),
    "share-line-inside": whole(119, 2, 2),
    "share-1-of-1": whole(32, 1, 1),
    "share-3-of-5": whole(32, 3, 5),
    "share-20-of-255": whole(32, 20, 255),
    "share-version-2": bad("an unknown version", {}, 2),
    "share-x-zero": bad("x = 0, where the secret itself is", { x: 0 }),
    "share-x-above-n": bad("x above n", { x: 4 }),
    "share-k-zero": bad("k = 0", { k: 0 }),
    "share-k-above-n": bad("k above n", { k: 4 }),
    "share-n-zero": bad("k = n = x = 0", { k: 0, n: 0, x: 0 }),
    "share-no-secret": bad("room for a tag and no secret", { y: share.y.slice(0, 16) }),
    "share-no-tag": bad("a header only", { y: new Uint8Array() }),
    "share-257-bytes": bad("a secret longer than 256 bytes", { y: new Uint8Array(273) }),
  };
}

/** Several shares: which belong together, and which are wrong. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import type { Share } from "../../../lib/core/sharing.ts";
import {
  fixedRandom,
  flip,
  forgeByHolder,
  forgeShare,
  forgeShares,
  lines,
  secret,
  shareLines,
  shares,
  type Vector,
} from "./vector.ts";

export function combineVectors(): Record<string, Vector> {
  const [a, b, c] = shares("combine", 2, 3) as [Share, Share, Share];
  const [p, q, r] = shares("combine other", 2, 3, secret.toReversed()) as [Share, Share, Share];
  const wrong = (share: Share): Share => ({ ...share, y: flip(share.y, 20) });
  const sameSet = shares("combine five", 2, 5);
  const forged = forgeShares(sameSet[0] as Share, secret.toReversed());
  const good = (about: string, stdin: Uint8Array, ...flags: string[]): Vector => ({
    about,
    command: ["combine", ...flags],
    stdin,
    stdout: secret,
  });
  const bad = (
    error: NonNullable<Vector["error"]>,
    about: string,
    stdin: Uint8Array,
    ...flags: string[]
  ): Vector => ({ about, command: ["combine", ...flags], stdin, error });
  const setId = Array.from(a.setId, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    "combine-1-2": good("shares 1 and 2 of 3", shareLines(a, b)),
    "combine-1-3": good("shares 1 and 3 of 3", shareLines(a, c)),
    "combine-3-2": good("shares 3 and 2, out of order", shareLines(c, b)),
    "combine-all": good("all three", shareLines(a, b, c)),
    "combine-repeated": good("one share twice", shareLines(a, a, b)),
    "combine-one-wrong-1": good("three, the first wrong", shareLines(wrong(a), b, c)),
    "combine-one-wrong-2": good("three, the second wrong", shareLines(a, wrong(b), c)),
    "combine-one-wrong-3": good("three, the third wrong", shareLines(a, b, wrong(c))),
    "combine-set": good("two whole sets, one chosen", shareLines(a, p, b, q), "--set", setId),
    "combine-strict": bad(
      "mismatch",
      "one wrong, --strict",
      shareLines(a, b, wrong(c)),
      "--strict",
    ),
    "combine-one": bad("too-few", "one share of two", shareLines(a)),
    "combine-one-repeated": bad("too-few", "the same share twice", shareLines(a, a)),
    "combine-two-half-sets": bad("too-few", "one share each of two sets", shareLines(a, p)),
    "combine-set-absent": bad("too-few", "none of the set", shareLines(p, q), "--set", setId),
    "combine-two-sets": bad("refused", "two whole sets", shareLines(a, b, p, q, r)),
    "combine-set-and-half": bad("refused", "a whole set and a part of one", shareLines(a, b, p)),
    "combine-exactly-k-wrong": bad("mismatch", "two, one wrong", shareLines(a, wrong(b))),
    "combine-tag-wrong": bad(
      "mismatch",
      "the tag's bytes wrong",
      shareLines(a, { ...b, y: flip(b.y, 0) }),
    ),
    "combine-all-wrong": bad("mismatch", "three, two wrong", shareLines(a, wrong(b), wrong(c))),
    "combine-contradiction": bad("mismatch", "two values of share 1", shareLines(a, wrong(a), b)),
    "combine-two-secrets": bad(
      "mismatch",
      "two forged shares among four of one set",
      shareLines(sameSet[0], sameSet[1], forged[2], forged[3]),
    ),
    "combine-k-differs": bad(
      "mismatch",
      "thresholds differ",
      lines(forgeShare(a), forgeShare({ ...b, k: 3 })),
    ),
    "combine-n-differs": bad(
      "mismatch",
      "counts differ",
      lines(forgeShare(a), forgeShare({ ...b, n: 4 })),
    ),
    "combine-length-differs": bad(
      "mismatch",
      "lengths differ",
      lines(forgeShare(a), forgeShare({ ...b, y: concat(b.y, fixedRandom("length")(1)) })),
    ),
    "combine-sealed-damaged": bad(
      "malformed",
      "a damaged sealed line beside enough shares",
      concat(shareLines(a, b), ascii("wdsealed1qqq\n")),
    ),
    "combine-forged-by-holder": bad(
      "mismatch",
      "the holder of share 1 has forged share 2 so that both lead to another secret",
      shareLines(a, forgeByHolder(a, b, secret.toReversed()), c),
    ),
    "combine-comment-only": bad("too-few", "nothing but a comment", ascii("# offline\n")),
  };
}

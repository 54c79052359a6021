/** Several shares: which belong together, and which are wrong. */

import { ascii, concat, toHex } from "../../../lib/core/bytes.ts";
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
  type Vectors,
  vector,
} from "./vector.ts";

export function combineVectors(): Vectors {
  const other = secret.toReversed();
  const [a, b, c] = shares("combine", 2, 3) as [Share, Share, Share];
  const [p, q, r] = shares("combine other", 2, 3, other) as [Share, Share, Share];
  const wrong = (share: Share): Share => ({ ...share, y: flip(share.y, 20) });
  const wrongTag = { ...b, y: flip(b.y, 0) };
  const longer = { ...b, y: concat(b.y, fixedRandom("length")(1)) };
  const five = shares("combine five", 2, 5);
  const forged = forgeShares(five[0] as Share, other);
  const twoAndTwo = [...five.slice(0, 2), ...forged.slice(2, 4)];
  const byHolder = forgeByHolder(a, b, other);
  const ofSet = `combine --set ${toHex(a.setId)}`;

  const good = (about: string, ...given: Share[]) =>
    vector(about, "combine", shareLines(...given), secret);
  const bad = (outcome: Vector["outcome"], about: string, ...given: Share[]) =>
    vector(about, "combine", shareLines(...given), outcome);
  const differs = (about: string, share: Share) =>
    vector(about, "combine", lines(forgeShare(a), forgeShare(share)), "mismatch");
  const damagedSealed = concat(shareLines(a, b), ascii("wdsealed1qqq\n"));
  return {
    "combine-1-2": good("shares 1 and 2 of 3", a, b),
    "combine-1-3": good("shares 1 and 3 of 3", a, c),
    "combine-3-2": good("shares 3 and 2, out of order", c, b),
    "combine-all": good("all three", a, b, c),
    "combine-repeated": good("one share twice", a, a, b),
    "combine-one-wrong-1": good("three, the first wrong", wrong(a), b, c),
    "combine-one-wrong-2": good("three, the second wrong", a, wrong(b), c),
    "combine-one-wrong-3": good("three, the third wrong", a, b, wrong(c)),
    "combine-one": bad("too-few", "one share of two", a),
    "combine-one-repeated": bad("too-few", "the same share twice", a, a),
    "combine-two-half-sets": bad("too-few", "one share each of two sets", a, p),
    "combine-two-sets": bad("refused", "two whole sets", a, b, p, q, r),
    "combine-set-and-half": bad("refused", "a whole set and a part of one", a, b, p),
    "combine-exactly-k-wrong": bad("mismatch", "two, one wrong", a, wrong(b)),
    "combine-tag-wrong": bad("mismatch", "the tag's bytes wrong", a, wrongTag),
    "combine-all-wrong": bad("mismatch", "three, two wrong", a, wrong(b), wrong(c)),
    "combine-contradiction": bad("mismatch", "two values of share 1", a, wrong(a), b),
    "combine-two-secrets": bad("mismatch", "two forged shares among four of one set", ...twoAndTwo),
    "combine-forged-by-holder": bad(
      "mismatch",
      "the holder of share 1 has forged share 2 so that both lead to another secret",
      ...[a, byHolder, c],
    ),
    "combine-k-differs": differs("thresholds differ", { ...b, k: 3 }),
    "combine-n-differs": differs("counts differ", { ...b, n: 4 }),
    "combine-length-differs": differs("lengths differ", longer),
    "combine-set": vector("two whole sets, one chosen", ofSet, shareLines(a, p, b, q), secret),
    "combine-set-absent": vector("none of the set", ofSet, shareLines(p, q), "too-few"),
    "combine-strict": {
      ...bad("mismatch", "one wrong, --strict", a, b, wrong(c)),
      command: ["combine", "--strict"],
    },
    "combine-sealed-damaged": {
      ...bad("malformed", "a damaged sealed line beside enough shares"),
      stdin: damagedSealed,
    },
    "combine-comment-only": {
      ...bad("too-few", "nothing but a comment"),
      stdin: ascii("# offline\n"),
    },
  };
}

/** recover(), where shares disagree: how it searches, and whom it does not follow. */

import { expect, test } from "bun:test";
import { blake2b } from "../../lib/core/blake2b.ts";
import { concat } from "../../lib/core/bytes.ts";
import { maxTries, recover } from "../../lib/core/recover.ts";
import { interpolate } from "../../lib/core/shamir.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { expectFailure, repeatable } from "./helpers.ts";

const secret = Uint8Array.from({ length: 32 }, (_, i) => 3 * i + 1);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

/** Shares whose values at these indexes are replaced by others that fit nothing. */
function spoiled(shares: Share[], indexes: number[]): Share[] {
  const random = repeatable(indexes.length + 99);
  return shares.map((share) =>
    indexes.includes(share.x) ? { ...share, y: random(share.y.length) } : share,
  );
}

/** The tag that makes `lie` the secret of this set. */
function tagFor({ setId, k, n }: Share, lie: Uint8Array): Uint8Array {
  const header = concat(Uint8Array.of(1), setId, Uint8Array.of(k, n));
  return blake2b({ length: 16, person: "worstday share" }, header, lie);
}

test("recover() tries the 10,000th way, and no other after it", async () => {
  // Of 2-of-255: 255 neighbours, then pairs in order: 9,594 have an index up to 41, then come
  // (42, 43), (42, 44) and so on. What is found last is still too weak against 253 others.
  const shares = deal(Uint8Array.of(7), 2, 255);
  const wrongBut = (right: number) => {
    const wrong = upTo(255).filter((x) => x !== 42 && x !== right);
    return recover(spoiled(shares, wrong));
  };
  const before = 41 * 255 - (41 * 42) / 2;
  const last = 42 + (maxTries(2) - 255 - before);
  expect(last).toBeLessThan(255);
  await expectFailure("mismatch", /too many shares disagree/, () => wrongBut(last));
  await expectFailure("mismatch", /none of 10,?000/, () => wrongBut(last + 1));
});

test("recover() finds one wrong share among many, wherever it is", async () => {
  const shares = deal(Uint8Array.of(7), 10, 13);
  for (const wrong of upTo(13)) {
    const { secret, disagreeing } = recover(spoiled(shares, [wrong]));
    expect(secret).toEqual(Uint8Array.of(7));
    expect(disagreeing.map(({ x }) => x)).toEqual([wrong]);
  }
});

test("recover() says where it cannot try all ways, and then follows only the many", async () => {
  const shares = deal(Uint8Array.of(7), 10, 20);
  for (const wrong of [[1], [20], [10, 19, 20], [1, 12], [1, 2, 3, 4, 5]]) {
    const { secret, disagreeing, undecided } = recover(spoiled(shares, wrong));
    expect([secret, undecided]).toEqual([Uint8Array.of(7), true]);
    expect(disagreeing.map(({ x }) => x)).toEqual(wrong);
  }
  await expectFailure("mismatch", /too many shares disagree to tell .*: 1, 2, 3, 4, 5, 6$/, () =>
    recover(spoiled(shares, [1, 2, 3, 4, 5, 6])),
  );
});

test("recover() follows 15 shares of 10-of-21 where 5 disagree, but not where 6 do", async () => {
  const mixed = spoiled(deal(Uint8Array.of(7), 10, 21), [1, 2, 3, 4, 5, 6]);
  expect(recover(mixed.slice(1)).disagreeing).toHaveLength(5);
  await expectFailure("mismatch", /too many shares disagree/, () => recover(mixed));
});

test("recover() does not follow a holder of 3 of 5 shares who forges 52 more", async () => {
  const lie = secret.toReversed();
  const shares = deal(secret, 5, 60);
  const own = shares.slice(0, 3);
  const payload = concat(tagFor(shares[0] as Share, lie), lie);
  const line = [{ x: 0, y: payload }, ...own, { x: 60, y: repeatable(1)(48) }];
  const forged = shares.slice(3, 55).map((share) => ({ ...share, y: interpolate(line, share.x) }));
  const honest = shares.slice(57, 59);
  await expectFailure("mismatch", /two different secrets/, () =>
    recover([...own, ...forged, ...honest]),
  );
});

test("maxTries() bounds the work: 10,000 ways, and fewer for a large k", () => {
  expect([1, 2, 28, 100, 255].map(maxTries)).toEqual([10_000, 10_000, 10_000, 838, 129]);
});

test("recover() does not follow a holder who forges the other shares to a secret of his own", async () => {
  const shares = deal(secret, 2, 3) as [Share, Share, Share];
  const lie = secret.toReversed();
  const payload = concat(tagFor(shares[0], lie), lie);
  for (const [own, forged, honest] of [
    [0, 1, 2],
    [1, 0, 2],
    [0, 2, 1],
    [2, 0, 1],
    [1, 2, 0],
    [2, 1, 0],
  ] as const) {
    const line = [{ x: 0, y: payload }, shares[own]];
    const fake = { ...shares[forged], y: interpolate(line, shares[forged].x) };
    expect(recover([shares[own], fake]).secret).toEqual(lie); // alone it is consistent
    const says = /^two different secrets: one from shares (\d, \d), another from (\d, \d)$/;
    const { message } = await expectFailure("mismatch", says, () =>
      recover([shares[own], fake, shares[honest]]),
    );
    const pairs = (says.exec(message) ?? []).slice(1).map((pair) => pair.split(", ").sort());
    const expected = [forged, honest].map((other) => [`${own + 1}`, `${other + 1}`].sort());
    expect(pairs.sort()).toEqual(expected.sort());
  }
});

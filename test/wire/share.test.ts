import { expect, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../lib/core/bytes.ts";
import { decodePlace, decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { codeOf, expectFailure, repeatable } from "../core/helpers.ts";
import { tokenOfBytes } from "../oracle/text.ts";

const setId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

test("encodeShare() and decodeShare() undo each other for any share", () => {
  const bytes = (minLength: number, maxLength = minLength) =>
    fc.uint8Array({ minLength, maxLength });
  const place = fc
    .tuple(fc.integer({ min: 1, max: 255 }), fc.nat(), fc.nat())
    .map(([n, a, b]) => ({ k: 1 + (a % n), n, x: 1 + (b % n) }));
  fc.assert(
    fc.property(place, bytes(8), bytes(17, 272), (place, setId, y) => {
      expect(decodeShare(encodeShare({ ...place, setId, y }))).toEqual({ ...place, setId, y });
    }),
    { numRuns: 1000 },
  );
});

test("decodePlace() takes 1 ≤ k ≤ n and 1 ≤ x ≤ n only, for all k and n, and for k = 1 all x", () => {
  const wrong: number[][] = [];
  const all = Array.from({ length: 256 }, (_, i) => i);
  for (const k of all) {
    for (const n of all) {
      for (const x of k === 1 ? all : [0, 1, k, n, (n + 1) & 255, 255]) {
        const isRight = k >= 1 && k <= n && x >= 1 && x <= n;
        const place = concat(setId, Uint8Array.of(k, n, x));
        if ((codeOf(() => decodePlace(place)) === "none") !== isRight) wrong.push([k, n, x]);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("decodeShare() says which of k, n and x is out of range", async () => {
  const refused = [
    [[0, 3, 1], /0 of 3/],
    [[4, 3, 1], /4 of 3/],
    [[0, 0, 0], /0 of 0/],
    [[2, 3, 0], /index 0/], // its y would be the secret
    [[2, 3, 4], /index 4.*1 to 3/],
    [[1, 1, 255], /index 255/],
  ] as const;
  for (const [place, words] of refused) {
    const data = concat(Uint8Array.of(1), setId, Uint8Array.of(...place), repeatable(1)(48));
    await expectFailure("malformed", words, () => decodeShare(tokenOfBytes("wdshare", data)));
  }
});

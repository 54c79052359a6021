import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Share } from "../../lib/core/sharing.ts";
import { gather, type LocatedShare } from "../../lib/pipes/gather.ts";
import { choose, expectFailure, repeatable } from "../core/helpers.ts";

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const setIds = { a: "0000000000000001", b: "fedcba9876543210", c: "7777777777777777" };

/** The shares of a set, without any meaning: gather() looks at places and equality only. */
function dealt(set: keyof typeof setIds, k: number, n: number, length = 20): Share[] {
  const setId = Uint8Array.fromHex(setIds[set]);
  return upTo(n).map((x) => ({ setId, k, n, x, y: repeatable(x)(length) }));
}

/** As if they stood on lines 1, 2, 3 and so on. */
function located(...shares: Share[]): LocatedShare[] {
  return shares.map((share, i) => ({ where: `line ${i + 1}`, share }));
}

const [a, b, c] = [dealt("a", 2, 3), dealt("b", 2, 3), dealt("c", 3, 3)];
const [a1, a2, a3] = a as [Share, Share, Share];
const [b1, b2] = b as [Share, Share, Share];
const [c1, c2] = c as [Share, Share, Share];

test("gather() gives all shares of the one set, in the order of their lines", () => {
  for (const k of upTo(4)) {
    const shares = dealt("a", k, 5);
    for (const count of upTo(5).filter((count) => count >= k)) {
      for (const some of choose(shares, count)) {
        const lines = located(...some.toReversed());
        expect(gather(lines)).toEqual({ setId: setIds.a, shares: lines, repeated: [] });
      }
    }
  }
});

test("gather() counts a repeated share once, and says which line repeats which", () => {
  const copy = structuredClone(a1);
  const lines = located(a1, a2, copy, a2, copy);
  expect(gather(lines)).toEqual({
    setId: setIds.a,
    shares: lines.slice(0, 2),
    repeated: [
      { where: "line 3", first: "line 1" },
      { where: "line 4", first: "line 2" },
      { where: "line 5", first: "line 1" },
    ],
  });
});

test("gather() refuses fewer than k shares, however often they are repeated", async () => {
  for (const k of [2, 3, 4]) {
    const shares = dealt("a", k, 5);
    for (const count of upTo(k - 1)) {
      for (const few of choose(shares, count)) {
        const words = new RegExp(`set ${setIds.a} has ${count} of the ${k} shares needed`);
        const lines = located(...few, ...few, ...few);
        await expectFailure("too-few", words, () => gather(lines));
      }
    }
  }
});

test("gather() of nothing is too few", async () => {
  await expectFailure("too-few", /no shares/, () => gather([]));
  const words = new RegExp(`no share of set ${setIds.b}`);
  await expectFailure("too-few", words, () => gather([], setIds.b));
  await expectFailure("too-few", words, () => gather(located(a1, a2), setIds.b));
});

test("gather() refuses two values for one share, and names both lines and the share", async () => {
  for (let bit = 0; bit < 20 * 8; bit++) {
    const other = structuredClone(a2);
    other.y[bit >> 3] = (other.y[bit >> 3] as number) ^ (1 << (bit & 7));
    const words = new RegExp(`^line 3: share 2 of set ${setIds.a} contradicts line 2$`);
    await expectFailure("mismatch", words, () => gather(located(a1, a2, other, a3)));
  }
});

test("gather() refuses another threshold, share count or length within a set", async () => {
  const changes = [
    [{ ...a2, k: 3 }, /line 2: threshold 3, but line 1 .* 2/],
    [{ ...a2, n: 4 }, /line 2: share count 4, but line 1 .* 3/],
    [{ ...a2, y: new Uint8Array(19) }, /line 2: length 19, but line 1 .* 20/],
    [{ ...a1, k: 1 }, /line 2: threshold 1, but line 1 .* 2/],
    [{ ...a1, y: new Uint8Array(21) }, /line 2: length 21, but line 1 .* 20/],
  ] as const;
  for (const [changed, words] of changes) {
    await expectFailure("mismatch", words, () => gather(located(a1, changed, a3)));
  }
});

test("gather() compares every line of a set, not only its neighbours", async () => {
  const lines = located(a1, b1, a2, { ...a3, n: 200 });
  await expectFailure("mismatch", /line 4: .*200, but line 1/, () => gather(lines));
});

test("gather() of several sets, none of them complete, is too few and tells of each", async () => {
  const words = new RegExp(`${setIds.a} has 1 of the 2.*${setIds.c} has 2 of the 3`);
  await expectFailure("too-few", words, () => gather(located(a1, c1, c2)));
});

test("gather() never chooses between sets, even where only one is complete", async () => {
  for (const lines of [located(a1, a2, b1), located(b1, a1, a2), located(a1, b1, a2)]) {
    const { message, hint } = await expectFailure("refused", /2 sets/, () => gather(lines));
    expect(message).toContain(`--set ${setIds.a}`);
    expect(message).not.toContain(`--set ${setIds.b}`);
    expect(hint).toContain(`${setIds.b} has 1 of the 2`);
  }
});

test("gather() offers every complete set to choose from", async () => {
  const lines = located(a1, b1, c1, a2, b2);
  const { message } = await expectFailure("refused", /3 sets/, () => gather(lines));
  const offered = [...message.matchAll(/--set ([0-9a-f]{16})/g)].map(([, id]) => id);
  expect(offered.toSorted()).toEqual([setIds.a, setIds.b]);
});

test("gather() with a wanted set leaves all others aside, contradictory ones too", () => {
  const lines = located(b1, a1, { ...b1, k: 3 }, { ...b2, y: new Uint8Array(1) }, a2);
  expect(gather(lines, setIds.a)).toEqual({
    setId: setIds.a,
    shares: [lines[1] as LocatedShare, lines[4] as LocatedShare],
    repeated: [],
  });
});

test("gather() with a wanted set that is not complete says how many are there", async () => {
  const words = new RegExp(`set ${setIds.a} has 1 of the 2`);
  await expectFailure("too-few", words, () => gather(located(a1, b1, b2), setIds.a));
});

test("gather() keeps sets apart whose ids differ in one bit", async () => {
  for (let bit = 0; bit < 64; bit++) {
    const setId = a2.setId.slice();
    setId[bit >> 3] = (setId[bit >> 3] as number) ^ (1 << (bit & 7));
    const words = /1 of the 2.*1 of the 2/;
    await expectFailure("too-few", words, () => gather(located(a1, { ...a2, setId })));
  }
});

test("gather() gives the same set whatever the order of the lines", () => {
  const lines = fc.shuffledSubarray(located(...dealt("a", 3, 8)), { minLength: 3 });
  fc.assert(
    fc.property(lines, (lines) => {
      expect(gather(lines).shares).toEqual(lines);
    }),
  );
});

test("gather() names lines as they were given to it", async () => {
  const lines: LocatedShare[] = [
    { where: "offline.txt: line 7", share: a1 },
    { where: "node-a: line 1", share: { ...a1, y: new Uint8Array(20) } },
  ];
  await expectFailure("mismatch", /^node-a: line 1: .*offline\.txt: line 7/, () => gather(lines));
});

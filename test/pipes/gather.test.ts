import { expect, test } from "bun:test";
import type { ErrorCode } from "../../lib/core/errors.ts";
import type { Share } from "../../lib/core/sharing.ts";
import { gather, type LocatedShare } from "../../lib/pipes/gather.ts";
import { choose, expectFailure, flipped, repeatable } from "../core/helpers.ts";

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

const [a1, a2, a3] = dealt("a", 2, 3) as [Share, Share, Share];
const [b1, b2] = dealt("b", 2, 3) as [Share, Share];
const [c1, c2] = dealt("c", 3, 3) as [Share, Share];
const resized = (share: Share, length: number) => ({ ...share, y: new Uint8Array(length) });

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

test("gather() refuses two values for one share, and names both lines and the share", async () => {
  for (let bit = 0; bit < 20 * 8; bit++) {
    const lines = located(a1, a2, { ...a2, y: flipped(a2.y, bit) }, a3);
    const words = new RegExp(`^line 3: share 2 of set ${setIds.a} contradicts line 2$`);
    await expectFailure("mismatch", words, () => gather(lines));
  }
});

const oneMissing = new RegExp(`set ${setIds.a} has 1 of the 2`);
const twoSets = new RegExp(`${setIds.a} has 1 of the 2.*${setIds.c} has 2 of the 3`);
test("gather() refuses too few shares, and those that do not fit together", async () => {
  const cases: [ErrorCode, RegExp, Share[], wanted?: string][] = [
    ["too-few", /no shares/, []],
    ["too-few", /no share of set f/, [], setIds.b],
    ["too-few", /no share of set f/, [a1, a2], setIds.b],
    ["too-few", oneMissing, [a1, b1, b2], setIds.a],
    ["too-few", twoSets, [a1, c1, c2]],
    ["mismatch", /line 2: threshold 3, but line 1 .* 2/, [a1, { ...a2, k: 3 }, a3]],
    ["mismatch", /line 2: share count 4, but line 1 .* 3/, [a1, { ...a2, n: 4 }, a3]],
    ["mismatch", /line 2: length 19, but line 1 .* 20/, [a1, resized(a2, 19), a3]],
    ["mismatch", /line 2: length 21, but line 1 .* 20/, [a1, resized(a1, 21), a3]],
    ["mismatch", /line 2: threshold 1, but line 1 .* 2/, [a1, { ...a1, k: 1 }, a3]],
    ["mismatch", /line 4: .*200, but line 1/, [a1, b1, a2, { ...a3, n: 200 }]],
  ];
  for (const [code, words, given, wanted] of cases) {
    await expectFailure(code, words, () => gather(located(...given), wanted));
  }
});

test("gather() never chooses between sets, and offers those that are complete", async () => {
  for (const [given, complete] of [
    [[a1, a2, b1], [setIds.a]],
    [[b1, a1, a2], [setIds.a]],
    [[a1, b1, a2], [setIds.a]],
    [
      [a1, b1, c1, a2, b2],
      [setIds.a, setIds.b],
    ],
  ] as const) {
    const words = /\b[23] sets/;
    const { message, hint } = await expectFailure("refused", words, () =>
      gather(located(...given)),
    );
    const offered = [...message.matchAll(/--set ([0-9a-f]{16})/g)].map(([, id]) => id);
    expect<unknown>(offered.toSorted()).toEqual(complete);
    expect(hint).toMatch(new RegExp(`${setIds.b} has [12] of the 2`));
  }
});

test("gather() with a wanted set leaves all others aside, contradictory ones too", () => {
  const lines = located(b1, a1, { ...b1, k: 3 }, resized(b2, 1), a2);
  const shares = [lines[1], lines[4]] as LocatedShare[];
  expect(gather(lines, setIds.a)).toEqual({ setId: setIds.a, shares, repeated: [] });
});

test("gather() keeps sets apart whose ids differ in one bit", async () => {
  for (let bit = 0; bit < 64; bit++) {
    const lines = located(a1, { ...a2, setId: flipped(a2.setId, bit) });
    await expectFailure("too-few", /1 of the 2.*1 of the 2/, () => gather(lines));
  }
});

test("gather() names lines as they were given to it", async () => {
  const lines: LocatedShare[] = [
    { where: "offline.txt: line 7", share: a1 },
    { where: "node-a: line 1", share: { ...a1, y: new Uint8Array(20) } },
  ];
  await expectFailure("mismatch", /^node-a: line 1: .*offline\.txt: line 7/, () => gather(lines));
});

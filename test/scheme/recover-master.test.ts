import { expect, test } from "bun:test";
import { toHex } from "../../lib/core/bytes.ts";
import { labeledHash } from "../../lib/core/hash.ts";
import { interpolate } from "../../lib/core/shamir.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { keyIdOf } from "../../lib/core/vault.ts";
import { recoverMaster } from "../../lib/scheme/recover-master.ts";
import { commitmentOf, type TaggedScheme } from "../../lib/scheme/scheme.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { choose, expectFailure, flipped, repeatable } from "../core/helpers.ts";
import { observeWipes } from "./observe.ts";
import { bent, located, master, scheme, schemeWith, shares } from "./scheme-fixture.ts";

const [one, two, three, four] = shares;
const altered = /^scheme\.json does not carry the tag of this key: it was altered$/;

/** The scheme that commits to these shares instead, as someone without the key can write it. */
function committedTo(given: Share[], changes: Partial<TaggedScheme> = {}): TaggedScheme {
  const holders = scheme.holders.map((holder, i) => {
    const share = given.find(({ x }) => x === i + 1);
    return share ? { ...holder, commitment: commitmentOf(encodeShare(share)) } : holder;
  });
  return { ...scheme, holders, ...changes };
}

test("recoverMaster() gives the key of every 2 shares or more, in any order", () => {
  for (const count of [2, 3, 4]) {
    for (const some of choose(shares, count)) {
      expect(recoverMaster(scheme, located(...some))).toEqual(master);
      expect(recoverMaster(scheme, located(...some.toReversed()))).toEqual(master);
    }
  }
});

test("recoverMaster() counts a repeated share once, and leaves the shares as they are", () => {
  const given = located(two, two, four, two);
  expect(recoverMaster(scheme, given)).toEqual(master);
  expect(given).toEqual(located(two, two, four, two));
});

test("recoverMaster() refuses fewer than k shares", async () => {
  for (const few of [[], [one], [three, three]]) {
    await expectFailure("too-few", /./, () => recoverMaster(scheme, located(...few)));
  }
});

/** That these shares are refused, and with which words and hint. */
async function isRefused(words: RegExp, given: Share[], of = scheme, hint = /(?:)/) {
  const failing = () => recoverMaster(of, located(...given));
  const failure = await expectFailure("mismatch", words, failing);
  expect(failure.hint ?? "").toMatch(hint);
}

test("recoverMaster() refuses a share of another set, and says which", async () => {
  const [foreign] = deal(master, 2, 4, repeatable(9)) as [Share];
  for (const given of [[one, two, foreign], [foreign, one, two], [foreign]]) {
    const where = `line ${given.indexOf(foreign) + 1}`;
    const words = new RegExp(`^${where} is of set ${toHex(foreign.setId)}, .* ${scheme.set}$`);
    await isRefused(words, given, scheme, /another generation or another scheme/);
  }
});

test("recoverMaster() refuses a share that was not dealt, though the others would do", async () => {
  for (const [i, share] of shares.entries()) {
    const given = shares.slice(0, Math.max(2, i + 1)).with(i, bent(share));
    const words = new RegExp(`^line ${i + 1}: share ${i + 1} is not the one that was dealt$`);
    await isRefused(words, given, scheme, /^or scheme\.json was altered/);
  }
});

test("recoverMaster() refuses a share of the same set with another k, n or index", async () => {
  for (const change of [
    () => ({ n: 5 }),
    () => ({ k: 3 }),
    ({ x }: Share) => ({ n: 255, x: x + 200 }),
    ({ x }: Share) => ({ x: 5 - x }),
  ]) {
    const given = shares.map((share) => ({ ...share, ...change(share) }));
    await isRefused(/is not the one that was dealt$/, given);
  }
  await isRefused(/threshold 3/, [one, { ...two, k: 3 }]);
});

test("recoverMaster() refuses two values for one share", () =>
  isRefused(/^line 3: share 1 of set .* contradicts line 1$/, [one, two, bent(one)]));

test("recoverMaster() refuses a scheme.json whose tag is of another key, or of other fields", async () => {
  const keyId = toHex(keyIdOf(repeatable(7)(32)));
  const changes: Partial<TaggedScheme>[] = [
    { tag: toHex(flipped(Uint8Array.fromHex(scheme.tag), 7)) },
    { generation: 2, vault: "vault-2.wd" },
    { created: "2026-01-02T03:04:06Z" },
    { vaultDigest: "0".repeat(64) },
    { k: 3 },
    { keyId },
    { holders: scheme.holders.with(2, { ...scheme.holders[2], recipient: "offline" } as never) },
  ];
  const others = changes.map((change) => ({ ...scheme, ...change }));
  for (const of of [...others, schemeWith({ keyId })]) {
    await isRefused(altered, [one, two], of, /do not trust the names and keys in it/);
  }
});

test("recoverMaster() refuses a scheme.json that has the tag, and another k than the shares", () =>
  isRefused(altered, [one, two], schemeWith({ k: 3 })));

test("recoverMaster() refuses shares and a scheme.json that were made together elsewhere", async () => {
  const dealtOf = (secret: Uint8Array) => deal(secret, 2, 4, repeatable(2));
  for (const length of [1, 31, 32, 33, 64, 65, 256]) {
    const foreign = dealtOf(repeatable(8)(length));
    await isRefused(altered, foreign, committedTo(foreign));
  }
  const other = repeatable(8)(32);
  const stolen = committedTo(dealtOf(other), { keyId: toHex(keyIdOf(other)) });
  await isRefused(altered, dealtOf(other), stolen);
});

/** A share of the same set that leads, with the first one, to another secret. */
function forged(): Share {
  const [{ setId, k, n }, lie] = [one, repeatable(8)(32)];
  const header = Uint8Array.of(1, ...setId, k, n);
  const tag = labeledHash("worstday share", header, lie).subarray(0, 16);
  const y = interpolate([{ x: 0, y: new Uint8Array([...tag, ...lie]) }, one], 3);
  return { ...three, y };
}

test("recoverMaster() refuses shares that disagree, though scheme.json commits to them", async () => {
  for (const [given, words] of [
    [[one, two, bent(three)], /^the shares disagree with each other$/],
    [[one, bent(two)], /these 2 shares do not verify together/],
    [[one, two, forged()], /^two different secrets/],
  ] as const) {
    await isRefused(words, [...given], committedTo([...given]));
  }
});

test("recoverMaster() wipes the key that it does not give, and the lines it made", async () => {
  const disagreeing = [one, two, bent(three)];
  const cases = [
    [schemeWith({ keyId: "0".repeat(64) }), [one, two]],
    [{ ...scheme, tag: "0".repeat(64) }, [one, two]],
    [committedTo(disagreeing), disagreeing],
  ] as const;
  for (const [made, given] of cases) {
    const wiped = await observeWipes(() =>
      expectFailure("mismatch", /./, () => recoverMaster(made, located(...given))),
    );
    expect(wiped(master)).toBeGreaterThan(0);
    for (const share of given) expect(wiped(encodeShare(share))).toBe(1);
  }
  const wiped = await observeWipes(() => recoverMaster(scheme, located(one, two)));
  expect(wiped(master)).toBe(0);
});

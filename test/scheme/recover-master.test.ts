import { expect, test } from "bun:test";
import { blake2b } from "../../lib/core/blake2b.ts";
import { toHex } from "../../lib/core/bytes.ts";
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

test("recoverMaster() refuses a share of another set, and says which", async () => {
  const [foreign] = deal(master, 2, 4, repeatable(9)) as [Share];
  for (const given of [[one, two, foreign], [foreign, one, two], [foreign]]) {
    const where = `line ${given.indexOf(foreign) + 1}`;
    const words = new RegExp(`^${where} is of set ${toHex(foreign.setId)}, .* ${scheme.set}$`);
    const { hint } = await expectFailure("mismatch", words, () =>
      recoverMaster(scheme, located(...given)),
    );
    expect(hint).toMatch(/another generation or another scheme/);
  }
});

test("recoverMaster() refuses a share that was not dealt, though the others would do", async () => {
  for (const given of [
    [bent(one), two],
    [one, two, bent(three)],
    [one, two, three, bent(four)],
  ]) {
    const wrong = given.findIndex((share) => !shares.includes(share));
    const words = new RegExp(
      `^line ${wrong + 1}: share ${wrong + 1} is not the one that was dealt$`,
    );
    const { hint } = await expectFailure("mismatch", words, () =>
      recoverMaster(scheme, located(...given)),
    );
    expect(hint).toMatch(/^or scheme\.json was altered/);
  }
});

test("recoverMaster() refuses a share of the same set with another k, n or index", async () => {
  const dealt = /is not the one that was dealt$/;
  for (const given of [
    shares.map((share) => ({ ...share, n: 5 })),
    shares.map((share) => ({ ...share, k: 3 })),
    shares.map((share) => ({ ...share, n: 255, x: share.x + 200 })),
    shares.map((share) => ({ ...share, x: 5 - share.x })),
  ]) {
    await expectFailure("mismatch", dealt, () => recoverMaster(scheme, located(...given)));
  }
  const mixed = located(one, { ...two, k: 3 });
  await expectFailure("mismatch", /threshold 3/, () => recoverMaster(scheme, mixed));
});

test("recoverMaster() refuses two values for one share", async () => {
  const words = /^line 3: share 1 of set .* contradicts line 1$/;
  await expectFailure("mismatch", words, () => {
    return recoverMaster(scheme, located(one, two, bent(one)));
  });
});

test("recoverMaster() refuses a scheme.json whose tag is of another key, or of other fields", async () => {
  const tag = toHex(flipped(Uint8Array.fromHex(scheme.tag), 7));
  const changes: Partial<TaggedScheme>[] = [
    { tag },
    { generation: 2, vault: "vault-2.wd" },
    { created: "2026-01-02T03:04:06Z" },
    { vaultDigest: "0".repeat(64) },
    { k: 3 },
    { keyId: toHex(keyIdOf(repeatable(7)(32))) },
    { holders: scheme.holders.with(2, { ...scheme.holders[2], recipient: "offline" } as never) },
  ];
  for (const change of changes) {
    const { hint } = await expectFailure("mismatch", altered, () =>
      recoverMaster({ ...scheme, ...change }, located(one, two)),
    );
    expect(hint).toMatch(/do not trust its names and keys/);
  }
});

test("recoverMaster() refuses another key id under a right tag", async () => {
  const keyId = toHex(keyIdOf(repeatable(7)(32)));
  const other = schemeWith({ keyId });
  await expectFailure("mismatch", altered, () => recoverMaster(other, located(one, two)));
});

test("recoverMaster() refuses shares and a scheme.json that were made together elsewhere", async () => {
  for (const length of [1, 31, 33, 64, 65, 256]) {
    const foreign = deal(repeatable(8)(length), 2, 4, repeatable(2));
    const made = committedTo(foreign);
    await expectFailure("mismatch", altered, () => recoverMaster(made, located(...foreign)));
  }
  const other = repeatable(8)(32);
  const foreign = deal(other, 2, 4, repeatable(2));
  const stolen = committedTo(foreign, { keyId: toHex(keyIdOf(other)) });
  await expectFailure("mismatch", altered, () => recoverMaster(stolen, located(...foreign)));
});

test("recoverMaster() refuses shares that disagree, though scheme.json commits to them", async () => {
  const given = [one, two, bent(three)];
  await expectFailure("mismatch", /^the shares disagree with each other$/, () =>
    recoverMaster(committedTo(given), located(...given)),
  );
  const pair = [one, bent(two)];
  await expectFailure("mismatch", /these 2 shares do not verify together/, () =>
    recoverMaster(committedTo(pair), located(...pair)),
  );
});

test("recoverMaster() refuses a share that leads to another secret", async () => {
  const lie = repeatable(8)(32);
  const header = encodeHeader(one);
  const tag = blake2b({ length: 16, person: "worstday share" }, header, lie);
  const payload = new Uint8Array([...tag, ...lie]);
  const forged = { ...three, y: interpolate([{ x: 0, y: payload }, one], 3) };
  const given = [one, two, forged];
  await expectFailure("mismatch", /^two different secrets/, () =>
    recoverMaster(committedTo(given), located(...given)),
  );
});

function encodeHeader({ setId, k, n }: Share): Uint8Array {
  return Uint8Array.of(1, ...setId, k, n);
}

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

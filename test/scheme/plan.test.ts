import { expect, test } from "bun:test";
import fc from "fast-check";
import { type ErrorCode, RecoveryError } from "../../lib/core/errors.ts";
import { isOffline } from "../../lib/scheme/fields.ts";
import { type Changes, changePlan, makePlan, type Plan, type Seat } from "../../lib/scheme/plan.ts";
import { codeOf, expectFailure } from "../core/helpers.ts";
import { schemeWith } from "./scheme-fixture.ts";

const seat = (name: string, recipient = `key of ${name}`) => ({ name, recipient });
const seats = (...names: string[]) => names.map((name) => seat(name));
const kept = (count: number) => {
  return Array.from({ length: count }, (_, i) => seat(`offline-${i + 1}`, "offline"));
};

/** Holders with these seats; nothing else of a scheme matters to its next plan. */
function schemeOf({ k, seats }: Plan) {
  const holders = seats.map((one, i) => ({ ...one, index: i + 1, commitment: "" }));
  return { ...schemeWith({}), k, n: seats.length, holders };
}

const names = (count: number) => kept(count).map(({ name }) => name);
const none: Changes = { holders: [], drop: [], k: undefined, offline: undefined };
const abc = schemeOf(makePlan(2, seats("a", "b", "c"), names(1)));
const change = (changes: Partial<Changes>) => changePlan(abc, { ...none, ...changes });

test("makePlan() puts the offline shares last, under numbers", () => {
  const { k, seats: all } = makePlan(3, seats("b", "a"), names(2));
  expect(k).toBe(3);
  expect(all).toEqual([...seats("b", "a"), ...kept(2)]);
  expect(all.map(isOffline)).toEqual([false, false, true, true]);
  expect(makePlan(2, seats("a", "b"), names(0)).seats).toEqual(seats("a", "b"));
  expect(makePlan(255, seats("a"), names(254)).seats).toHaveLength(255);
});

test.each([
  [1, 2, 0, "with k = 1 every share would be the key itself: -k takes 2 or more"],
  [2, 1, 0, "-k is 2, more than the number of shares, 1"],
  [2, 0, 0, "-k is 2, more than the number of shares, 0"],
  [2, 255, 1, "there can be at most 255 shares, not 256"],
  [2, 2, 2, "2 offline shares could recover the key by themselves"],
])("makePlan(%d, %d holders, %d offline) is refused: %s", async (k, sealed, count, words) => {
  const nodes = Array.from({ length: sealed }, (_, i) => `n${i}`);
  const planning = () => makePlan(k, seats(...nodes), names(count));
  await expectFailure("usage", new RegExp(`^${words}$`), planning);
});

test("makePlan() allows every threshold that there can be, and no other", () => {
  for (let sealed = 0; sealed <= 6; sealed++) {
    const some = seats(..."abcdef".slice(0, sealed));
    for (let offlineCount = 0; offlineCount <= 6; offlineCount++) {
      for (let k = 0; k <= 13; k++) {
        const fits = k >= 2 && k <= sealed + offlineCount && offlineCount < k;
        expect(codeOf(() => makePlan(k, some, names(offlineCount)))).toBe(fits ? "none" : "usage");
      }
    }
  }
});

test("makePlan() refuses a name twice, and a key twice, and says which", async () => {
  const [a, b] = seats("a", "b") as [Seat, Seat];
  for (const [all, code, words] of [
    [[a, b, { ...b, name: "a" }], "usage", /^two holders are named a$/],
    [[b, a, a, b], "usage", /^two holders are named a$/], // the first name that comes again
    [[a, seat("offline-1")], "usage", /^two holders are named offline-1$/],
    [[a, b, seat("c", "key of a")], "refused", /^c has the same key as another holder$/],
  ] as const) {
    await expectFailure(code, words, () => makePlan(2, [...all], names(1)));
  }
  expect(makePlan(2, [a, seat("offline-2")], names(1)).seats).toHaveLength(3);
});

test("changePlan() without changes is the plan that there was", () => {
  expect(change({})).toEqual({ k: 2, seats: [...seats("a", "b", "c"), ...kept(1)] });
  for (const plan of [
    makePlan(3, seats("x", "y"), names(2)),
    makePlan(2, seats("x", "y"), names(0)),
  ]) {
    expect(changePlan(schemeOf(plan), none)).toEqual(plan);
  }
});

test("changePlan() changes keys in place, adds holders behind the others, and drops them", () => {
  const [b, d, heir] = [seat("b", "a new key"), seat("d"), seat("d", "key of a")];
  const cases: [Partial<Changes>, Seat[]][] = [
    [{ holders: [d, b] }, [seat("a"), b, seat("c"), d]],
    [{ drop: ["a", "c"] }, seats("b")],
    [{ drop: ["b", "b"] }, seats("a", "c")],
    [{ drop: ["a"], holders: [heir] }, [...seats("b", "c"), heir]], // who may have its key
  ];
  for (const [changes, sealed] of cases) {
    expect(change(changes).seats).toEqual([...sealed, ...kept(1)]);
  }
});

test("changePlan() keeps the names of offline holders, drops them, and takes others", () => {
  const kin = schemeOf(makePlan(3, seats("a", "b"), ["alice", "bob"]));
  const offlineOf = (changes: Partial<Changes>) => {
    const plan = changePlan(kin, { ...none, ...changes });
    return plan.seats.filter(isOffline).map(({ name }) => name);
  };
  expect(offlineOf({})).toEqual(["alice", "bob"]);
  expect(offlineOf({ drop: ["alice"] })).toEqual(["bob"]);
  expect(offlineOf({ offline: ["carol"] })).toEqual(["carol"]);
});

test("changePlan() changes the threshold and the number of offline shares", () => {
  const all = [...seats("a", "b", "c"), ...kept(2)];
  expect(change({ k: 3, offline: names(2) })).toEqual({ k: 3, seats: all });
  expect(change({ offline: [] }).seats).toEqual(seats("a", "b", "c"));
});

const twice = (name: string) => ({ holders: [seat(name, "1"), seat("e"), seat(name, "2")] });
const copies = "use fewer than 2; operators who stand in for each other keep copies of one share";
const listed = "recovery-status lists them";
const refusals: [Partial<Changes>, ErrorCode, RegExp, hint?: string][] = [
  [{ k: 5 }, "usage", /^-k is 5, more/],
  [{ offline: names(2) }, "usage", /^2 offline shares could recover/, copies],
  [{ drop: ["a", "b", "c"] }, "usage", /^-k is 2, more/],
  [{ holders: [seat("d", "key of a")] }, "refused", /^d has the same key/],
  [{ holders: [seat("a", "key of b")] }, "refused", /^b has the same key/],
  [{ holders: [seat("a")], drop: ["a"] }, "usage", /^a cannot both be dropped and get a share$/],
  [{ offline: ["x"], drop: ["x"] }, "usage", /^x cannot both be dropped and get a share$/],
  [twice("a"), "usage", /^two holders are named a$/],
  [twice("d"), "usage", /^two holders are named d$/],
  [{ holders: [seat("offline-1")] }, "usage", /^two holders are named offline-1$/],
  [{ drop: ["a", "d"] }, "usage", /^no holder d to drop$/, listed],
];
test("changePlan() refuses what makePlan() refuses, and changes that contradict each other", async () => {
  for (const [changes, code, words, hint] of refusals) {
    expect((await expectFailure(code, words, () => change(changes))).hint).toBe(hint);
  }
});

test("changePlan() of any changes gives a plan that makePlan() would have made, or says why not", () => {
  const name = fc.constantFrom<string[]>("a", "b", "c", "d", "e", "offline-1", "offline-2");
  const key = fc.constantFrom("key of a", "key of b", "key 1", "key 2");
  const changes = fc.record({
    holders: fc.array(
      fc.tuple(name, key).map(([name, key]) => seat(name, key)),
      { maxLength: 3 },
    ),
    drop: fc.array(name, { maxLength: 2 }),
    k: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    offline: fc.option(fc.nat(4).map(names), { nil: undefined }),
  });
  const property = fc.property(changes, (changes) => {
    try {
      const plan = changePlan(abc, changes);
      const offline = plan.seats.filter(isOffline).map(({ name }) => name);
      const sealed = plan.seats.filter((one) => !isOffline(one));
      expect(makePlan(plan.k, sealed, offline)).toEqual(plan);
      expect(sealed).toEqual(expect.arrayContaining(changes.holders));
      expect(plan.seats.some((one) => changes.drop.includes(one.name))).toBe(false);
      expect(plan.k).toBe(changes.k ?? 2);
      const left = names(1).filter((name) => !changes.drop.includes(name));
      expect(offline).toEqual(changes.offline ?? left);
    } catch (error) {
      if (!(error instanceof RecoveryError)) throw error;
      expect(["usage", "refused"]).toContain(error.code);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});

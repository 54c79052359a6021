import { expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { fail } from "../../lib/core/errors.ts";
import type { Share } from "../../lib/core/sharing.ts";
import { type Generation, makeGeneration, type Store } from "../../lib/scheme/generation.ts";
import { makePlan, type Plan } from "../../lib/scheme/plan.ts";
import { decodeScheme, verifyTag } from "../../lib/scheme/scheme.ts";
import { decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { bulk, choose, expectFailure, failureOf, flipped, readerOf } from "../core/helpers.ts";
import { concat, hex, utf8 } from "../oracle/bytes.ts";
import { updateKeyOf } from "../oracle/scheme.ts";
import { boxOpen, makeKey, parseSealed, recipientId } from "../oracle/sealed.ts";
import { combineLines } from "../oracle/share.ts";
import { textOf } from "../oracle/text.ts";
import { keyId, openVault } from "../oracle/vault.ts";
import { observeWipes } from "./observe.ts";

setDefaultTimeout(60_000); // for a busy machine

const slow = 120_000; // for a runtime that does not compile: a bound, no assertion
const nodes = ["a", "b", "c", "d"].map((name) => ({ name, key: makeKey(name) }));
const when = { number: 3, now: new Date("2026-01-02T03:04:05.678Z") };
const secrets = utf8("the secrets that open everything else\n");

function planOf(k: number, sealed: number, offlineCount: number): Plan {
  const seats = nodes.map(({ name, key }) => ({ name, recipient: key.publicLine }));
  const offline = Array.from({ length: offlineCount }, (_, i) => `offline-${i + 1}`);
  return makePlan(k, seats.slice(0, sealed), offline);
}
const plan = planOf(2, 2, 1);

/** Any number of shares, none of them sealed: where it is about the shares alone. */
function barePlan(k: number, n: number): Plan {
  return { k, seats: Array(n).fill({ name: "kept", recipient: "offline" }) };
}

type Memory = Store & { files: Map<string, Uint8Array>; calls: string[]; opened: number };
const vaultIn = ({ files }: Memory) => files.get("vault-3.wd") as Uint8Array;

/** A store in memory, which wipes what it has written, as a folder does; `spoil` may interfere. */
function memory(spoil: (call: string) => void = () => {}): Memory {
  const files = new Map<string, Uint8Array>();
  const calls: string[] = [];
  const called = (call: string) => {
    calls.push(call);
    spoil(call);
  };
  const store: Memory = {
    files,
    calls,
    opened: 0,
    async create(file, chunks) {
      called(`create ${file}`);
      expect(files.has(file)).toBe(false);
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) {
        parts.push(chunk.slice());
        chunk.fill(0);
        spoil(`written to ${file}`);
      }
      files.set(file, concat(...parts));
    },
    async open(file) {
      called(`open ${file}`);
      store.opened++;
      const read = readerOf(files.get(file) as Uint8Array);
      return {
        async read(buffer) {
          spoil(`read ${file}`);
          return read(buffer);
        },
        close: () => void store.opened--,
      };
    },
  };
  return store;
}

/** What `making` has for share lines, by way of the one call that writes them all. */
async function tapLines<T>(making: () => T, tap: (lines: Uint8Array[]) => void) {
  const { map } = Array.prototype;
  let taps = 0;
  Array.prototype.map = function (this: Share[], ...args: [never]) {
    const result = map.apply(this, args) as Uint8Array[];
    if ((args[0] as unknown) === encodeShare && taps++ === 0) tap(result);
    return result as never;
  };
  try {
    return await making();
  } finally {
    Array.prototype.map = map;
    expect(taps).toBeGreaterThan(0);
  }
}

/** What was drawn from the system's generator meanwhile, and the share lines: as they are afterwards. */
async function observed<T>(making: () => Promise<T>) {
  const drawn: Uint8Array[] = [];
  const lines: Uint8Array[] = [];
  const { getRandomValues } = crypto;
  crypto.getRandomValues = ((into: Uint8Array) => {
    drawn.push(into);
    return getRandomValues.call(crypto, into as never);
  }) as typeof getRandomValues;
  try {
    const result = await tapLines(making, (tapped) => void lines.push(...tapped));
    return { result, drawn, lines };
  } finally {
    crypto.getRandomValues = getRandomValues;
  }
}

const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

/** Reads a generation as someone who has every node's key, by means of the oracle alone. */
function linesOf({ scheme, offlineShares }: Generation, { files }: Memory): string[] {
  const offline = offlineShares.map(textOf);
  return scheme.holders.map(({ name, recipient }) => {
    if (recipient === "offline") return offline.shift() as string;
    const line = textOf(files.get(`sealed-3/${name}`) as Uint8Array);
    expect(line).toMatch(/^wdsealed1[a-z0-9]+\n$/);
    const key = makeKey(name);
    const sealed = parseSealed(line);
    expect(hex(sealed.recipient)).toBe(hex(recipientId(key.public)));
    return textOf(boxOpen(sealed.box, key));
  });
}

const make = (of: Plan, store: Store, plaintext = secrets) =>
  makeGeneration(of, when, readerOf(plaintext), store);

test.each([
  [2, 2, 0, 0],
  [2, 2, 1, 1],
  [3, 3, 2, 1_048_576],
  [4, 4, 0, 1_048_577],
  [5, 4, 1, 10],
])(
  "makeGeneration(): %d of %d sealed shares and %d others recover %d bytes",
  async (...numbers) => {
    const [k, sealed, kept, length] = numbers;
    const [store, plaintext] = [memory(), bulk(length, length)];
    const made = await make(planOf(k, sealed, kept), store, plaintext);
    const lines = linesOf(made, store);
    expect(lines).toHaveLength(sealed + kept);
    const master = combineLines(lines.slice(0, k));
    for (const some of choose(lines, k)) expect(combineLines(some)).toEqual(master);

    const vault = vaultIn(store);
    expect(Buffer.compare(openVault(master, vault), plaintext)).toBe(0);
    const holders = planOf(k, sealed, kept).seats.map(({ name, recipient }, i) => {
      const { index, commitment } = made.scheme.holders[i] as { index: number; commitment: string };
      expect([index, commitment]).toEqual([i + 1, expect.stringMatching(/^[0-9a-f]{64}$/)]);
      return { name, index, recipient, commitment };
    });
    const { set } = made.scheme;
    expect(made.scheme).toEqual({
      ...{ version: 1, set, generation: 3, k, n: sealed + kept, keyId: hex(keyId(master)) },
      vault: "vault-3.wd",
      vaultDigest: createHash("sha256").update(vault).digest("hex"),
      updateKey: hex(updateKeyOf(master)),
      created: "2026-01-02T03:04:05Z",
      holders,
    });
    const decoded = decodeScheme(made.schemeBytes);
    expect(decoded).toEqual({ ...made.scheme, tag: decoded.tag });
    expect(verifyTag(decoded, master)).toBe(true);
    expect(made.offlineShares).toHaveLength(kept);
  },
);

test("makeGeneration() makes these files, each proved when it is there, and leaves none open", async () => {
  const store = memory();
  const wiped = await observeWipes(() => make(plan, store));
  expect([...store.files.keys()]).toEqual(["vault-3.wd", "sealed-3/a", "sealed-3/b"]);
  expect(store.calls).toEqual([
    ...["create vault-3.wd", "open vault-3.wd", "create sealed-3/a", "open sealed-3/a"],
    ...["create sealed-3/b", "open sealed-3/b"],
  ]);
  expect(store.opened).toBe(0);
  expect(wiped(secrets)).toBeGreaterThan(0); // what was opened to prove it
});

test("makeGeneration() makes another key, set and salt each time", async () => {
  const seen = { set: new Set(), keyId: new Set(), salt: new Set() };
  for (let round = 0; round < 2; round++) {
    const store = memory();
    const { scheme } = await make(plan, store);
    seen.set.add(scheme.set);
    seen.keyId.add(scheme.keyId);
    seen.salt.add(hex(vaultIn(store).subarray(48, 80)));
  }
  expect(Object.values(seen).map(({ size }) => size)).toEqual([2, 2, 2]);
});

test("makeGeneration() passes on whatever fails, at whichever step, and wipes key and shares", async () => {
  const steps: string[] = [];
  const noting = memory((call) => void steps.push(call));
  await make(plan, noting);
  expect(steps.length).toBeGreaterThan(10);
  for (const [at, step] of steps.entries()) {
    let count = 0;
    const failing = memory((call) => {
      if (count++ === at) fail("io", `no space left for ${call}`);
    });
    const making = () => failureOf(() => make(plan, failing));
    const { result, drawn, lines } = await observed(making);
    expect([result.code, result.message]).toEqual(["io", `no space left for ${step}`]);
    expect(lines.map(isWiped)).toEqual([true, true, true]);
    expect(isWiped(drawn[0] as Uint8Array)).toBe(true); // the master key
    const calls = steps.slice(0, at + 1).filter((call) => /^(create|open)/.test(call));
    expect(failing.calls).toEqual(calls);
  }
});

test("makeGeneration() passes on what fails in the plaintext", async () => {
  const failing = async () => fail("mismatch", "chunk 3 does not verify");
  const making = () => makeGeneration(plan, when, failing, memory());
  await expectFailure("mismatch", /^chunk 3 does not verify$/, making);
});

test("makeGeneration() wipes the key and all shares but those to be handed out", async () => {
  const store = memory();
  const { result, drawn, lines } = await observed(() => make(plan, store));
  const { scheme, offlineShares } = result;
  expect(lines.map(isWiped)).toEqual([true, true, false]);
  expect(offlineShares).toEqual(lines.slice(2));
  expect(isWiped(drawn[0] as Uint8Array)).toBe(true);
  // The set id, then the vault's salt: both are public.
  const [set, salt] = drawn.filter((bytes) => !isWiped(bytes)) as [Uint8Array, Uint8Array];
  expect([set.subarray(0, 8), salt.subarray(0, 32)]).toEqual([
    Uint8Array.fromHex(scheme.set),
    vaultIn(store).slice(48, 80),
  ]);
});

const readBack = /^(.*) does not read back as it was written$/;

/** Makes a generation whose file is changed between writing and reading. */
function spoiling(file: string, change: (bytes: Uint8Array) => Uint8Array) {
  const store: Memory = memory((call) => {
    if (call !== `open ${file}`) return;
    store.files.set(file, change(store.files.get(file) as Uint8Array));
  });
  return { store, making: () => make(plan, store) };
}

test("makeGeneration() names a file that reads back otherwise, whichever and however", async () => {
  const other = memory();
  await make(plan, other);
  for (const [file, good] of other.files) {
    const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => flipped(bytes, 0),
      (bytes) => flipped(bytes, bytes.length * 8 - 1),
      (bytes) => flipped(bytes, bytes.length * 4),
      (bytes) => bytes.slice(0, -1),
      (bytes) => bytes.slice(1),
      (bytes) => concat(bytes, Uint8Array.of(0)),
      (bytes) => concat(bytes, bytes),
      (bytes) => new Uint8Array(bytes.length),
      () => new Uint8Array(0),
      () => good, // of another generation
    ];
    for (const change of changes) {
      const { store, making } = spoiling(file, change);
      const { message, hint } = await expectFailure("io", readBack, making);
      expect(message.replace(readBack, "$1")).toBe(file);
      expect(hint).toBe("the disk may be failing");
      expect(store.opened).toBe(0);
    }
  }
});

/** What comes of a generation in which one share line has another value than was dealt. */
function withBentLine(of: Plan, i: number): Promise<unknown> {
  const making = () => make(of, memory()).catch((error: unknown) => error);
  return tapLines(making, (lines) => {
    const share = decodeShare(lines[i] as Uint8Array);
    lines[i] = encodeShare({ ...share, y: share.y.map((byte) => byte ^ 1) });
  });
}

// 2 of 141 can be combined in 9,870 ways, 2 of 142 in 10,011: from there on each share is in some.
test.each([...["2 of 2", "2 of 3", "3 of 5", "5 of 5", "2 of 142", "3 of 255", "254 of 255"]])(
  "makeGeneration() proves the shares of %s, and would notice one that does not fit",
  async (numbers) => {
    const [k, n] = numbers.split(" of ").map(Number) as [number, number];
    const { scheme, offlineShares } = await make(barePlan(k, n), memory());
    expect([scheme.k, scheme.n, offlineShares.length]).toEqual([k, n, n]);
    for (const i of n <= 8 ? offlineShares.keys() : [0, n - 1]) {
      const fault = await withBentLine(barePlan(k, n), i);
      expect(fault).toEqual(new TypeError("shares that do not recover"));
    }
  },
  slow,
);

test(
  "makeGeneration() tries all ways up to 10,000, and beyond that one for each share",
  async () => {
    for (const [n, ways] of Object.entries({ 141: 9870, 142: 142 })) {
      let lines: string[] = [];
      const wiped = await observeWipes(async () => {
        const { offlineShares } = await make(barePlan(2, Number(n)), memory());
        lines = offlineShares.map(textOf);
      });
      const master = combineLines(lines.slice(0, 2));
      expect([n, wiped(master)]).toEqual([n, ways + 1]); // and its own copy
    }
  },
  slow,
);

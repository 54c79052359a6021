import { expect, test } from "bun:test";
import { at, type ErrorCode, eachAt, fail, RecoveryError } from "../../lib/core/errors.ts";
import { failureOf } from "./helpers.ts";

const codes: ErrorCode[] = ["io", "usage", "malformed", "too-few", "mismatch", "refused"];

async function* yielding<T>(items: T[], end?: () => never): AsyncGenerator<T> {
  yield* items;
  end?.();
}

/** Both ways to say where: of an action, done at once or later, and of a generator. */
const ways: [name: string, located: (where: string, action: () => unknown) => Promise<unknown>][] =
  [
    ["at()", (where, action) => at(where, action)],
    ["at(), later", (where, action) => at(where, async () => action())],
    ["eachAt()", (where, action) => eachAt(where, yielding([], action as () => never)).next()],
  ];

test.each(codes)(
  "fail() throws a RecoveryError of code %s, with message and hint",
  async (code) => {
    const failure = await failureOf(() => fail(code, "what is wrong", "what to do"));
    expect(failure).toMatchObject({ code, message: "what is wrong", hint: "what to do" });
    expect(failure).toBeInstanceOf(Error);
    expect((await failureOf(() => fail(code, "x"))).hint).toBeUndefined();
  },
);

test.each(ways)(
  "%s puts the place before the message and keeps code and hint",
  async (_, within) => {
    for (const code of codes) {
      const failing = () => fail(code, "what is wrong", "what to do");
      const place = code === "io" ? "" : "f.txt: line 2: "; // io says itself what it was about
      expect(await failureOf(() => within("f.txt: line 2", failing))).toMatchObject({
        code,
        message: `${place}what is wrong`,
        hint: "what to do",
      });
    }
  },
);

test.each(ways)(
  "%s lets other errors through, so that our own faults stay faults",
  async (_, within) => {
    for (const error of [new TypeError("t"), new RangeError("r"), new Error("e"), "text"]) {
      const throwing = () => {
        throw error;
      };
      expect(await within("line 1", throwing).catch((caught: unknown) => caught)).toBe(error);
    }
  },
);

test("at() gives the result of an action that succeeds, at once or later", async () => {
  expect(await at("line 1", () => 7)).toBe(7);
  expect(await at("line 1", async () => 7)).toBe(7);
});

test("at() nests: the outermost place comes first", async () => {
  const inner = () => at("line 3", () => fail("malformed", "wrong"));
  expect((await failureOf(() => at("f.txt", inner))).message).toBe("f.txt: line 3: wrong");
});

test("eachAt() passes all steps on, those before one that fails too", async () => {
  const seen: number[] = [];
  for await (const item of eachAt("f", yielding([1, 2, 3]))) seen.push(item);
  const failing = eachAt(
    "f",
    yielding([4], () => fail("mismatch", "wrong")),
  );
  await failureOf(async () => {
    for await (const item of failing) seen.push(item);
  });
  expect(seen).toEqual([1, 2, 3, 4]);
});

test("eachAt() ends the generator it reads when its consumer leaves early", async () => {
  let ended = false;
  async function* items() {
    try {
      yield 1;
      yield 2;
    } finally {
      ended = true; // where openVault() wipes its key
    }
  }
  for await (const _ of eachAt("f", items())) break;
  expect(ended).toBe(true);
});

test("a RecoveryError is told by its class, with no cause and nothing but code and hint", () => {
  const error = new RecoveryError("io", "m");
  expect(error.cause).toBeUndefined();
  expect(Object.keys(error).filter((key) => !["code", "hint"].includes(key))).toEqual(
    Object.keys(new Error("m")),
  );
});

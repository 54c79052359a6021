import { expect, test } from "bun:test";
import { at, type ErrorCode, eachAt, fail, RecoveryError } from "../../lib/core/errors.ts";
import { failureOf } from "./helpers.ts";

const codes: ErrorCode[] = ["io", "usage", "malformed", "too-few", "mismatch", "refused"];

async function* yielding<T>(items: T[], end?: () => never): AsyncGenerator<T> {
  yield* items;
  end?.();
}

test("fail() throws a RecoveryError with code, message and hint", async () => {
  for (const code of codes) {
    const failure = await failureOf(() => fail(code, "what is wrong", "what to do"));
    expect([failure.code, failure.message, failure.hint]).toEqual([
      code,
      "what is wrong",
      "what to do",
    ]);
    expect(failure).toBeInstanceOf(Error);
    expect((await failureOf(() => fail(code, "x"))).hint).toBeUndefined();
  }
});

test("at() puts the place before the message and keeps code and hint", async () => {
  for (const code of codes) {
    const failing = () => fail(code, "what is wrong", "what to do");
    for (const action of [failing, async () => failing()]) {
      const failure = await failureOf(() => at("f.txt: line 2", action));
      const place = code === "io" ? "" : "f.txt: line 2: "; // io says itself what it was about
      expect([failure.code, failure.message, failure.hint]).toEqual([
        code,
        `${place}what is wrong`,
        "what to do",
      ]);
    }
  }
});

test("at() gives the result of an action that succeeds, at once or later", async () => {
  expect(await at("line 1", () => 7)).toBe(7);
  expect(await at("line 1", async () => 7)).toBe(7);
});

test("at() lets other errors through untouched, so that our own faults stay faults", async () => {
  for (const error of [new TypeError("t"), new RangeError("r"), new Error("e"), "text"]) {
    const throwing = () => {
      throw error;
    };
    expect(await at("line 1", throwing).catch((caught: unknown) => caught)).toBe(error);
    expect(await at("x", async () => throwing()).catch((caught: unknown) => caught)).toBe(error);
  }
});

test("at() nests: the outermost place comes first", async () => {
  const inner = () => at("line 3", () => fail("malformed", "wrong"));
  expect((await failureOf(() => at("f.txt", inner))).message).toBe("f.txt: line 3: wrong");
});

test("eachAt() passes all steps on", async () => {
  const seen: number[] = [];
  for await (const item of eachAt("f", yielding([1, 2, 3]))) seen.push(item);
  expect(seen).toEqual([1, 2, 3]);
  expect(await eachAt("f", yielding<number>([])).next()).toEqual({ value: undefined, done: true });
});

test("eachAt() puts the place before the message of a failing step, after the good ones", async () => {
  const seen: number[] = [];
  const consume = async () => {
    const items = yielding([1, 2], () => fail("mismatch", "chunk 2 is wrong", "hint"));
    for await (const item of eachAt("v.wd", items)) seen.push(item);
  };
  const failure = await failureOf(consume);
  expect([failure.code, failure.message, failure.hint]).toEqual([
    "mismatch",
    "v.wd: chunk 2 is wrong",
    "hint",
  ]);
  expect(seen).toEqual([1, 2]);
});

test("eachAt() lets other errors through untouched", async () => {
  const error = new TypeError("ours");
  const items = yielding([], () => {
    throw error;
  });
  const step = eachAt("f", items).next();
  expect(await step.catch((caught: unknown) => caught)).toBe(error);
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

import { describe, expect, test } from "bun:test";
import { defineCommand, type Flags, parse, wholeNumber } from "../../lib/cli/command.ts";
import { RecoveryError } from "../../lib/errors.ts";

const { args } = defineCommand({
  meta: { name: "test", description: "A command" },
  args: {
    out: { type: "string", alias: "o", description: "a value" },
    key: { type: "string", multiple: true, description: "values" },
    force: { type: "boolean", description: "a switch" },
    first: { type: "positional", required: true, description: "an operand" },
    rest: { type: "positional", multiple: true, required: false, description: "operands" },
  },
  example: "test",
  run: async () => {},
});

async function refused(argv: string[], message: RegExp, flags: Flags = args): Promise<void> {
  const error = await parse(flags, argv).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(RecoveryError);
  expect((error as RecoveryError).code).toBe("usage");
  expect((error as RecoveryError).message).toMatch(message);
}

describe("parse()", () => {
  test("reads flags and operands in any order", async () => {
    const values = await parse(args, [
      "a",
      "--key",
      "1",
      "--force",
      "b",
      "--key=2",
      "-o",
      "x",
      "c",
    ]);
    expect(values).toEqual({
      out: "x",
      key: ["1", "2"],
      force: true,
      first: "a",
      rest: ["b", "c"],
    });
  });

  test("leaves out what is not given, but for switches and lists", async () => {
    expect<unknown>(await parse(args, ["a"])).toEqual({
      key: [],
      force: false,
      first: "a",
      rest: [],
    });
  });

  test("takes everything behind -- for operands", async () => {
    expect((await parse(args, ["--", "--force", "-o"])).rest).toEqual(["-o"]);
  });

  test("takes - for a value and for an operand", async () => {
    const values = await parse(args, ["--key", "-", "-"]);
    expect([values.key, values.first]).toEqual([["-"], "-"]);
  });

  test("takes a value glued to its short flag", async () => {
    expect((await parse(args, ["-ofile", "a"])).out).toBe("file");
  });

  const faults: [string[], RegExp][] = [
    [["--no-such", "a"], /unknown flag --no-such/],
    [["-z", "a"], /unknown flag -z/],
    [["--no-force", "a"], /unknown flag --no-force/],
    [["--__proto__", "a"], /unknown flag/],
    [["--first", "a"], /unknown flag --first/],
    [["--force=yes", "a"], /--force takes no value/],
    [["--force", "--force", "a"], /--force is given twice/],
    [["-o", "1", "--out", "2", "a"], /--out is given twice/],
    [["a", "-o"], /-o needs a value/],
    [["-o", "--force", "a"], /-o needs a value/],
    [["--out=", "a"], /--out has an empty value/],
    [["--key", "", "a"], /--key has an empty value/],
    [["a", ""], /an argument is empty/],
    [[], /FIRST is missing/],
  ];
  for (const [argv, message] of faults) {
    test(`refuses ${JSON.stringify(argv)}`, () => refused(argv, message));
  }

  test("refuses operands that the command has no place for", async () => {
    const flags: Flags = { file: { type: "positional", required: false, description: "one" } };
    await refused(["a", "b"], /1 argument too many/, flags);
    await refused(["a", "b", "c"], /2 arguments too many/, flags);
  });

  test("refuses a required flag that is missing", async () => {
    await refused([], /-k is missing/, {
      threshold: { type: "string", alias: "k", required: true, description: "one" },
    });
    await refused([], /--key is missing/, {
      key: { type: "string", multiple: true, required: true, description: "some" },
    });
  });
});

describe("wholeNumber()", () => {
  test("takes the numbers of its range", () => {
    expect(["1", "7", "255", "007"].map((text) => wholeNumber("-n", text, 1, 255))).toEqual([
      1, 7, 255, 7,
    ]);
  });

  for (const text of [
    "0",
    "256",
    "-1",
    "1.0",
    "1e2",
    "0x10",
    " 1",
    "1 ",
    "",
    "one",
    "١",
    "9999999",
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => wholeNumber("-n", text, 1, 255)).toThrow(
        /-n takes a whole number from 1 to 255/,
      );
    });
  }
});

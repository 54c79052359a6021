import { describe, expect, test } from "bun:test";
import { parse, setId, wholeNumber } from "../../lib/cli/arguments.ts";
import { defineManual, type Flags } from "../../lib/cli/command.ts";
import { RecoveryError } from "../../lib/core/errors.ts";

const { args } = defineManual({
  meta: { name: "test", description: "A command" },
  args: {
    out: { type: "string", alias: "o", description: "a value" },
    key: { type: "string", multiple: true, description: "values" },
    force: { type: "boolean", description: "a switch" },
    first: { type: "positional", required: true, description: "an operand" },
    rest: { type: "positional", multiple: true, required: false, description: "operands" },
  },
  description: "",
  examples: "",
});

/** parse(), where the command line asks for neither help nor the version. */
async function read(argv: string[]) {
  const values = await parse(args, argv);
  if (values === "help" || values === "version") throw new Error(`it gave ${values}`);
  return values;
}

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
    expect<unknown>(await read(["a"])).toEqual({
      key: [],
      force: false,
      first: "a",
      rest: [],
    });
  });

  test("takes everything behind -- for operands", async () => {
    expect((await read(["--", "--force", "-o"])).rest).toEqual(["-o"]);
  });

  test("takes - for a value and for an operand", async () => {
    const values = await read(["--key", "-", "-"]);
    expect([values.key, values.first]).toEqual([["-"], "-"]);
  });

  test("takes a value glued to its short flag", async () => {
    expect((await read(["-ofile", "a"])).out).toBe("file");
  });

  test("says where help or the version is asked for, whatever else is wrong", async () => {
    for (const argv of [["--help"], ["-h"], ["-z", "--help"], ["--version", "-h"], ["a", "-h"]]) {
      expect(await parse(args, argv)).toBe("help");
    }
    expect(await parse(args, ["--version"])).toBe("version");
    expect((await read(["--", "--help"])).first).toBe("--help");
    await refused(["a", "-o", "--version"], /-o needs a value/);
  });

  test("refuses a share or key as any argument, and does not repeat it", async () => {
    const secret = "wdshare1qyqqzqsrqszsvpczqvqehasqkwjfk0fxl7qce8zpx559pxsse7ur7usyhln7u9";
    const grouped = secret.replace(/(.{8})/g, "$1 ");
    const unreadable = secret.replace("qyq", "?y?");
    for (const text of [
      secret,
      ` ${secret}`,
      secret.toUpperCase(),
      grouped,
      `--${secret}`,
      unreadable,
    ]) {
      await refused([text], /^a share or key was given as an argument$/);
      await refused(["a", "-o", text], /^a share or key was given as an argument$/);
    }
    const body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";
    const block = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`;
    for (const text of [block, body, "-----BEGIN RSA PRIVATE KEY-----\nMIIE", `x ${block}`]) {
      await refused([text], /^a share or key was given as an argument$/);
    }
    expect((await read(["wdshare1.txt", "wdsealed1-node-a.example.org"])).first).toBe(
      "wdshare1.txt",
    );
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

test("setId() takes 16 hex digits in either case, and nothing but them", () => {
  expect(setId("--set", undefined)).toBeUndefined();
  expect(setId("--set", "0123456789abcdef")).toBe("0123456789abcdef");
  expect(setId("--set", "0123456789ABCDEF")).toBe("0123456789abcdef");
  for (const text of [
    "",
    "0123456789abcde",
    "0123456789abcdef0",
    "0123456789abcdeg",
    " ".repeat(16),
  ]) {
    expect(() => setId("--set", text)).toThrow("--set takes 16 hex digits");
  }
});

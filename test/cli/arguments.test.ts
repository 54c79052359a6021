import { expect, test } from "bun:test";
import { mkdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, setId } from "../../lib/cli/arguments.ts";
import { defineManual, type Flags } from "../../lib/cli/command.ts";
import { wholeNumber } from "../../lib/cli/whole-number.ts";
import { expectFailure } from "../core/helpers.ts";

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
async function read(...argv: string[]) {
  const values = await parse(args, argv);
  if (values === "help" || values === "version") throw new Error(`it gave ${values}`);
  return values;
}

const refused = (argv: string[], message: RegExp, flags: Flags = args) =>
  expectFailure("usage", message, () => parse(flags, argv));

test("parse() reads flags and operands in any order", async () => {
  expect(await read(..."a --key 1 --force b --key=2 -o x c".split(" "))).toEqual({
    ...{ out: "x", key: ["1", "2"], force: true, first: "a", rest: ["b", "c"] },
  });
});

test("parse() leaves out what is not given, but for switches and lists", async () => {
  expect<unknown>(await read("a")).toEqual({ key: [], force: false, first: "a", rest: [] });
});

test("parse() takes everything behind -- for operands, - for a value, and values glued on", async () => {
  expect((await read("--", "--help", "--force", "-o")).rest).toEqual(["--force", "-o"]);
  expect(await read("--key", "-", "-")).toMatchObject({ key: ["-"], first: "-" });
  expect((await read("-ofile", "a")).out).toBe("file");
});

test("parse() says where help or the version is asked for, whatever else is wrong", async () => {
  for (const argv of ["--help", "-h", "-z --help", "--version -h", "a -h", "a -o --help"]) {
    expect(await parse(args, argv.split(" "))).toBe("help");
  }
  for (const argv of ["--version", "-V", "-V -o"]) {
    expect(await parse(args, argv.split(" "))).toBe("version");
  }
});

test("parse() refuses what looks like a share or private key, mistyped or not, and does not repeat it", async () => {
  const data = "qyqqzqsrqszsvpczqvqehasqkwjfk0fxl7qce8zpx559pxsse7ur7usyhln7u9";
  const secret = `wdshare1${data}`;
  const body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";
  const rest = "QyNTUxOQAAACBb9o3Vb1mYQ2nN7xqmS0d5wqfO3QbFh1cYp8aXn5m7ZQAAAJjv3c4x793OM";
  const block = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`;
  const words = /^an argument looks like a share or a private key$/;
  for (const text of [
    ...[secret, ` ${secret}`, secret.toUpperCase(), secret.replace(/(.{8})/g, "$1 ")],
    ...[`--${secret}`, secret.replace("qyq", "?y?"), `--set=${secret}`],
    ...[block, body, rest, "-----BEGIN RSA PRIVATE KEY-----\nMIIE", `x ${block}`],
    ...[data, data.toUpperCase(), data.replace(/(.{4})/g, "$1-"), data.slice(0, 60), `a=${data}`],
    ...["wdshare1o", "wdsharel", "wdshara1", "wd share1b", "share1"].map((start) => start + data),
  ]) {
    await refused([text], words);
    await refused(["a", "-o", text], words);
  }
  const names = [
    ...["wdshare1.txt", "wdsealed1-node-a.example.org", `wdpub1${data}`, `node-a=wdpub1${data}`],
    ...[
      `ssh-ed25519 ${rest}`,
      `AAAAC3NzaC1lZDI1NTE5AAAAI${rest}`,
      `${"0123456789abcdef".repeat(4)}.tar`,
      "f".repeat(300),
    ],
    ...["/mnt/usb-of-2026/backup-2026-11-26-10-30-00-node-a-fleet-b-eu-west-1-rack-12.tar"],
    ...["recovery-scheme-550e8400-e29b-41d4-a716-446655440000.json", "x".repeat(200)],
  ];
  expect((await read("a", ...names)).rest).toEqual(names);
});

test("parse() takes the name of a file that is there, and of a new one in its folder, whatever it looks like", async () => {
  const folder = join(tmpdir(), "8xk4yl1r3n6kbpqnd6cvbzq8cjl2g8d4-worstday-node-a-1b-key");
  const names = [folder, `--out=${folder}/a.pub`, `node-a=${folder}`, `${folder}/new.tar`];
  await refused([folder], /looks like/);
  mkdirSync(folder);
  try {
    expect((await read("a", "--", ...names)).rest).toEqual(names);
    const data = "qyqqzqsrqszsvpczqvqehasqkwjfk0fxl7qce8zpx559pxsse7ur7usyhln7u9";
    for (const one of [`${folder}/${data}`, `/${data}`]) await refused([one], /looks like/);
  } finally {
    rmdirSync(folder);
  }
});

test("parse() suggests the flags that are near an unknown one", async () => {
  for (const [typed, meant] of Object.entries({
    ...{ "--forec": "--force", "--fore=x": "--force", "--Help": "--help", "--ky": "--key" },
    ...{ "--ver": "--version", "--no-force": undefined, "--x": undefined, "-z": undefined },
  })) {
    const hint = await parse(args, [typed]).catch((error) => error.hint);
    expect([typed, hint]).toEqual([typed, meant && `did you mean ${meant}?`]);
  }
});

test.each([
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
])("parse() refuses %j", async (argv, message) => {
  await refused(argv, message);
});

test("parse() refuses operands that have no place, and a required flag that is missing", async () => {
  const description = "one";
  const one: Flags = { file: { type: "positional", required: false, description } };
  await refused(["a", "b"], /1 argument too many/, one);
  await refused(["a", "b", "c"], /2 arguments too many/, one);
  const k: Flags = { threshold: { type: "string", alias: "k", required: true, description } };
  await refused([], /-k is missing/, k);
  const key: Flags = { key: { type: "string", multiple: true, required: true, description } };
  await refused([], /--key is missing/, key);
});

test("wholeNumber() takes the numbers of its range, and nothing else", async () => {
  for (const [text, number] of Object.entries({ "1": 1, "7": 7, "255": 255, "007": 7 })) {
    expect(wholeNumber("-n", text, 1, 255)).toBe(number);
  }
  const wrong = ["0", "256", "-1", "1.0", "1e2", "0x10", " 1", "1 ", "", "one", "١", "9999999"];
  for (const text of wrong) {
    const words = /^-n takes a whole number from 1 to 255/;
    await expectFailure("usage", words, () => wholeNumber("-n", text, 1, 255));
  }
});

test("setId() takes 16 hex digits in either case, and nothing but them", async () => {
  expect(setId("--set", undefined)).toBeUndefined();
  const id = "0123456789abcdef";
  for (const text of [id, id.toUpperCase()]) expect(setId("--set", text)).toBe(id);
  for (const text of ["", id.slice(1), `${id}0`, `${id.slice(1)}g`, " ".repeat(16)]) {
    await expectFailure("usage", /^--set takes 16 hex digits/, () => setId("--set", text));
  }
});

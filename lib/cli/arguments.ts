/**
 * A strict command line parser. citty's own accepts unknown flags, keeps the last of a repeated one
 * and understands `--no-x`.
 */

import { existsSync } from "node:fs";
import { fail } from "../core/errors.ts";
import type { Flag, Flags, Values } from "./command.ts";

type Given = Record<string, boolean | string | string[]>;

/**
 * The values of a command line, or which of help and version it asks for, whatever else is wrong.
 *
 * @throws usage: unknown, repeated, empty or missing flags, surplus operands, what looks secret;
 * what is not UTF-8, which the runtime decodes with loss: another file may have that name
 */
export async function parse<F extends Flags>(
  args: F,
  argv: string[],
): Promise<Values<F> | "help" | "version"> {
  argv.forEach(refuseSecret);
  if (argv.join().includes("\ufffd")) {
    fail("usage", "an argument is not UTF-8", "for a file, rename it, or give it on stdin");
  }
  const flags = argv.slice(0, [...argv, "--"].indexOf("--"));
  if (flags.some((one) => one === "--help" || one === "-h")) return "help";
  if (flags.some((one) => one === "--version" || one === "-V")) return "version";
  const [values, operands, rest]: [Given, string[], string[]] = [{}, [], [...argv]];
  for (let one = rest.shift(); one !== undefined; one = rest.shift()) {
    const [, long, longValue, short, shortValue] = flagForm.exec(one) ?? [];
    const raw = long ?? short;
    if (one === "--") for (const operand of rest.splice(0)) operands.push(operand);
    else if (raw === undefined) operands.push(one);
    else {
      const found = Object.entries(args).find((flag) => spellings(flag).includes(raw));
      const [name, flag] = found ?? (await failUnknown(args, raw));
      const takesNext = flag.type !== "boolean" && !/^-./.test(rest[0] ?? "");
      const value = longValue ?? shortValue ?? (takesNext ? rest.shift() : undefined);
      take(values, name, flag, raw, value);
    }
  }
  takeOperands(args, values, operands);
  for (const [name, flag] of Object.entries<Flag>(args)) {
    if (flag.required && values[name] === undefined) {
      const spelled = spellings([name, flag]).at(-1) ?? name.toUpperCase();
      fail("usage", `${spelled} is missing`);
    }
    if (flag.type === "boolean") values[name] ??= false;
    else if ("multiple" in flag) values[name] ??= [];
  }
  return values as Values<F>;
}

/** An argument shows in `ps` and in the shell's history. The message does not repeat it. */
function refuseSecret(argument: string): void {
  const isFine =
    isPublic.test(argument) || !isGibberish(argument) || !isGibberish(unknown(argument));
  if (isFine && !secretLike.test(argument.replace(/[\s-]/g, ""))) return;
  const hint = "arguments show in ps and in the shell's history: give it on stdin or in a file";
  fail("usage", "an argument looks like a share or a private key", hint);
}

const secretLike =
  /wd(share|sealed|key|writer)1[qpzry9x8gf2tvdw0s3jn54khce6mua7l?]{20}|BEGIN\w{0,32}PRIVATEKEY|b3BlbnNzaC1rZXktdjE/i;
const isPublic = /(^|[\s=])(wdpub1|(sk-)?(ssh|ecdsa)-|AAAA\w3NzaC1)/i; // the last is SSH's base64

/** Whether this may be a mistyped share or key: 50 letters and digits, well mixed, not hex. */
function isGibberish(argument: string): boolean {
  const text = argument.replace(/[\s-]/g, "");
  const runs = text.replace(/[0-9a-f]{20,}/gi, "/").match(/[a-z0-9?+]{50,}/gi) ?? [];
  return runs.some((run) => (run.match(/\d\D/g) ?? []).length >= 6);
}

/** The argument without the path of an existing file, or of the folder of a new one. */
function unknown(argument: string): string {
  const path = argument.slice(argument.indexOf("=") + 1);
  const known = [path, path.replace(/\/[^/]*$/, "")].find((one) => existsSync(one));
  return known ? path.slice(known.length) : argument;
}

/** `--name`, `--name=value`, `-n` or `-nvalue`. */
const flagForm = /^(?:(--[^=]*)(?:=(.*))?|(-[^-])(.+)?)$/su;

/** `--name` and, if it has that, `-n`. */
function spellings([name, flag]: [string, Flag]): string[] {
  if (flag.type === "positional") return [];
  return "alias" in flag ? [`--${name}`, `-${flag.alias}`] : [`--${name}`];
}

async function failUnknown(args: Flags, raw: string): Promise<never> {
  const { suggestion } = await import("./suggestion.ts");
  const known = ["--help", "--version", ...Object.entries(args).flatMap(spellings)];
  return fail("usage", `unknown flag ${raw}`, suggestion(raw, known));
}

function take(values: Given, name: string, flag: Flag, raw: string, value?: string): void {
  if (flag.type === "boolean") {
    if (value !== undefined) fail("usage", `${raw} takes no value`);
  } else if (value === undefined) {
    fail("usage", `${raw} needs a value`);
  } else if (value === "") {
    fail("usage", `${raw} has an empty value`);
  } else if ("multiple" in flag) {
    values[name] ??= [];
    (values[name] as string[]).push(value);
    return;
  }
  if (values[name] !== undefined) fail("usage", `${raw} is given twice`);
  values[name] = value ?? true;
}

function takeOperands(args: Flags, values: Given, operands: string[]): void {
  if (operands.includes("")) fail("usage", "an argument is empty");
  for (const [name, flag] of Object.entries(args)) {
    if (flag.type !== "positional" || operands.length === 0) continue;
    values[name] = "multiple" in flag ? operands.splice(0) : (operands.shift() as string);
  }
  if (operands.length > 0) {
    fail("usage", `${operands.length} argument${operands.length > 1 ? "s" : ""} too many`);
  }
}

/** The set id given to a flag, in lower case; undefined if there is none. */
export function setId(flag: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[0-9a-f]{16}$/i.test(value)) return value?.toLowerCase();
  return fail("usage", `${flag} takes 16 hex digits`, "inspect shows the set of each share");
}

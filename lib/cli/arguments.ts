/**
 * A strict command line parser. citty's own accepts unknown flags, keeps the last of a repeated one
 * and understands `--no-x`.
 */

import { fail } from "../core/errors.ts";
import type { Flag, Flags, Values } from "./command.ts";

/**
 * The values of a command line, or which of help and version it asks for.
 *
 * @throws usage: unknown, repeated, empty or missing flags, surplus operands
 */
export async function parse<F extends Flags>(
  args: F,
  argv: string[],
): Promise<Values<F> | "help" | "version"> {
  argv.forEach(refuseSecret);
  const tokens = argv.length > 0 ? await tokenize(args, argv) : [];
  for (const name of ["help", "version"] as const) {
    if (tokens.some((token) => token.kind === "option" && token.name === name)) return name;
  }
  const values: Record<string, boolean | string | string[]> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind === "option") take(args, values, token);
  }
  takeOperands(args, values, operands);
  for (const [name, flag] of Object.entries<Flag>(args)) {
    if (flag.type === "boolean") values[name] ??= false;
    else if ("multiple" in flag) values[name] ??= [];
    if (flag.required && (values[name] === undefined || isEmpty(values[name]))) {
      fail("usage", `${display(name, flag)} is missing`);
    }
  }
  return values as Values<F>;
}

/** An argument shows in `ps` and in the shell's history. The message does not repeat it. */
function refuseSecret(argument: string): void {
  if (!secretLike.test(argument.replace(/[\s-]/g, ""))) return;
  fail("usage", "a share or key was given as an argument", "give it on stdin or in a file");
}

const secretLike =
  /wd(share|sealed|key)1[qpzry9x8gf2tvdw0s3jn54khce6mua7l?]{20}|BEGIN\w{0,32}PRIVATEKEY|b3BlbnNzaC1rZXktdjE/i;

async function tokenize(args: Flags, argv: string[]) {
  const { parseArgs } = await import("node:util"); // slow to load, and often not needed
  const flags = Object.entries(args).filter(([, flag]) => flag.type !== "positional");
  const options = Object.fromEntries(flags.map(([name, flag]) => [name, option(flag)]));
  const { tokens } = parseArgs({
    args: argv,
    options: { ...options, help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function option(flag: Flag): { type: "boolean" | "string"; short?: string } {
  const type = flag.type === "boolean" ? "boolean" : "string";
  return "alias" in flag && typeof flag.alias === "string" ? { type, short: flag.alias } : { type };
}

/** Flags that people may remember. */
const moved: Record<string, string> = { prune: "recovery-prune does that now" };

function take(
  args: Flags,
  values: Record<string, boolean | string | string[]>,
  token: {
    name: string;
    rawName: string;
    value?: string | undefined;
    inlineValue?: boolean | undefined;
  },
): void {
  const { name, rawName, value, inlineValue } = token;
  const flag = Object.hasOwn(args, name) ? args[name] : undefined;
  if (!flag || flag.type === "positional") {
    fail("usage", `unknown flag ${rawName}`, moved[name]);
  }
  if (flag.type === "boolean") {
    if (value !== undefined) fail("usage", `${rawName} takes no value`);
  } else if (value === undefined || (!inlineValue && value.length > 1 && value.startsWith("-"))) {
    fail("usage", `${rawName} needs a value`);
  } else if (value === "") {
    fail("usage", `${rawName} has an empty value`);
  } else if ("multiple" in flag) {
    values[name] ??= [];
    (values[name] as string[]).push(value);
    return;
  }
  if (values[name] !== undefined) fail("usage", `${rawName} is given twice`);
  values[name] = value ?? true;
}

function takeOperands(
  args: Flags,
  values: Record<string, boolean | string | string[]>,
  operands: string[],
): void {
  if (operands.includes("")) fail("usage", "an argument is empty");
  for (const [name, flag] of Object.entries(args)) {
    if (flag.type !== "positional" || operands.length === 0) continue;
    values[name] = "multiple" in flag ? operands.splice(0) : (operands.shift() as string);
  }
  if (operands.length > 0) {
    fail("usage", `${operands.length} argument${operands.length > 1 ? "s" : ""} too many`);
  }
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function display(name: string, flag: Flag): string {
  if (flag.type === "positional") return name.toUpperCase();
  return "alias" in flag ? `-${flag.alias}` : `--${name}`;
}

/** The set id given to a flag, in lower case; undefined if there is none. */
export function setId(flag: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[0-9a-f]{16}$/i.test(value)) return value?.toLowerCase();
  return fail("usage", `${flag} takes 16 hex digits`);
}

/** A whole number from `low` to `high`, in plain decimal. */
export function wholeNumber(flag: string, value: string, low: number, high: number): number {
  const number = /^[0-9]{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= low && number <= high)) {
    fail("usage", `${flag} takes a whole number from ${low} to ${high}`);
  }
  return number;
}

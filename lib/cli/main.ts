/** Runs a command: its command line, its errors, its exit status. Only this sets exit codes. */

import { version } from "../../package.json" with { type: "json" };
import { type ErrorCode, RecoveryError } from "../errors.ts";
import { parse } from "./arguments.ts";
import type { Command, Flags } from "./command.ts";
import { writeAll } from "./exclusive-file.ts";
import { nameProgram, tell } from "./messages.ts";
import { attempt } from "./system.ts";

export { version };

const exitCodes: Record<ErrorCode, number> = {
  io: 1,
  usage: 2,
  malformed: 3,
  "too-few": 4,
  mismatch: 5,
  refused: 6,
};
const internalExitCode = 70;

/** Runs the command on the arguments and sets the exit status. Never throws. */
export async function main<F extends Flags>(
  command: Command<F>,
  argv: string[] = process.argv.slice(2),
): Promise<void> {
  const { name } = command.meta;
  await guard(name, async () => {
    const args = await parse(command.args, argv);
    if (args === "help") return print(await help(command));
    if (args === "version") return print(`${name} (worstday) ${version}\n`);
    await command.run(args);
  });
}

/** Runs `action` under this name: errors become one line on stderr and an exit status. */
export async function guard(name: string, action: () => Promise<void>): Promise<void> {
  nameProgram(name);
  process.on("uncaughtException", report).on("unhandledRejection", report);
  try {
    await action();
  } catch (error) {
    report(error, name);
  }
}

function report(error: unknown, name?: unknown): void {
  if (!(error instanceof RecoveryError)) {
    process.exitCode = internalExitCode;
    tell("error", "a fault of worstday itself; do not rely on what it may have written");
    return;
  }
  process.exitCode = exitCodes[error.code];
  tell("error", error.message);
  if (error.hint !== undefined) tell("hint", error.hint);
  if (error.code === "usage" && typeof name === "string") tell("hint", `see ${name} --help`);
}

export async function print(text: string): Promise<void> {
  await attempt("cannot write to stdout", () => writeAll(1, new TextEncoder().encode(text)));
}

/** citty's rendering, without its colours, and what it has no place for. */
async function help<F extends Flags>({ meta, args, example }: Command<F>): Promise<string> {
  const { renderUsage } = await import("citty");
  const { stripVTControlCharacters } = await import("node:util");
  const usage = await renderUsage({ meta: { ...meta, version }, args });
  return `${stripVTControlCharacters(usage).trimEnd()}\n\nEXAMPLE\n\n  ${example}\n`;
}

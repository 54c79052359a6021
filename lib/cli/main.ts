/** Runs a command: its command line, its errors, its exit status. Only this sets exit codes. */

import { version } from "../../package.json" with { type: "json" };
import { type ErrorCode, RecoveryError } from "../core/errors.ts";
import { attempt, errnoOf, writeAll } from "../system/errno.ts";
import { nameProgram, tell } from "../system/messages.ts";
import { parse } from "./arguments.ts";
import type { Command } from "./command.ts";
import { openIo } from "./io.ts";

export { version };

/** What they mean in every command is in manual.ts. */
const exitCodes: Record<ErrorCode, number> = {
  ...{ io: 1, usage: 2, malformed: 3, "too-few": 4, mismatch: 5, refused: 6 },
};
const bugExitCode = 70;

/** Runs a command on the arguments and sets the exit status. Never throws. */
export async function main(
  { manual, run }: Command,
  argv: string[] = process.argv.slice(2),
): Promise<void> {
  const { name } = manual.meta;
  await guard(name, async () => {
    const args = await parse(manual.args, argv);
    if (args === "help") {
      const { help } = await import("./help.ts");
      return print(await help(manual));
    }
    if (args === "version") return print(`${name} (worstday) ${version}\n`);
    const { io, end } = openIo();
    try {
      await run(args as never, io);
    } finally {
      end();
    }
  });
}

/** Runs `action` under this name: errors become one line on stderr and an exit status. */
export async function guard(name: string, action: () => Promise<void>): Promise<void> {
  nameProgram(name);
  const stray = (error: unknown) => report(error);
  process.on("uncaughtException", stray).on("unhandledRejection", stray);
  try {
    await action();
  } catch (error) {
    report(error, name);
  }
}

function report(error: unknown, name?: string): void {
  if (!(error instanceof RecoveryError)) {
    process.exitCode = bugExitCode;
    tell("error", `a bug in worstday (${placeOf(error)}): do not use what it may have written`);
    tell("hint", "please report it, with this message");
    return;
  }
  process.exitCode = exitCodes[error.code];
  tell("error", error.message);
  if (error.hint !== undefined) tell("hint", error.hint);
  if (error.code === "usage" && name !== undefined) tell("hint", `see ${name} --help`);
}

/** What can be reported of an error: its kind and where in our code it arose, never its message. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const { message, stack = "" } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length);
  const place = /((?:lib|scripts)\/[\w/.-]+|\$bunfs\/[\w/.-]+)(?::\d+)+/.exec(frames)?.[0];
  return [error.constructor.name, errnoOf(error), place && `at ${place}`].filter(Boolean).join(" ");
}

export async function print(text: string): Promise<void> {
  await attempt("cannot write to stdout", () => writeAll(1, new TextEncoder().encode(text)));
}

/** Runs a command: its command line, its errors, its exit status. Only this sets exit codes. */

import { version } from "../../package.json" with { type: "json" };
import { RecoveryError } from "../core/errors.ts";
import { parse } from "./arguments.ts";
import type { Command } from "./command.ts";
import { writeAll } from "./exclusive-file.ts";
import { exitCodes, internalExitCode } from "./exit-status.ts";
import { openIo } from "./io.ts";
import { nameProgram, tell } from "./messages.ts";
import { attempt } from "./system.ts";

export { version };

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

/** A command's input lines, from named files or from stdin. */

import type { Io } from "../cli/io.ts";
import { type ErrorCode, fail } from "../core/errors.ts";
import { type Line, readLines } from "../wire/lines.ts";
import { hrpOf } from "../wire/text.ts";

interface Options {
  /** What is missing if there are no lines, for the message, and the code of that error. */
  wanted: string;
  code?: ErrorCode;
  /** Correct lines that do not verify, as their checksums suggest; absent if a command cannot. */
  accept?: boolean;
}

/** @throws malformed, io; the given code if there are no lines */
export async function linesOf(
  io: Io,
  files: string[],
  { wanted, code = "malformed", accept }: Options,
): Promise<Line[]> {
  const sources = [];
  for (const file of files.length > 0 ? files : [undefined]) sources.push(await io.read(file));
  const found = sources.map(({ bytes, file }) => readLines(bytes, file));
  const given = found.flat();
  if (given.length === 0) failEmpty(sources, wanted, code);
  for (const [i, { file }] of sources.entries()) {
    if (found[i]?.length === 0) io.tell("warning", `no ${wanted} in ${file ?? "stdin"}`);
  }
  const lines = await joinedLines(io, given);
  if (accept) {
    const { correctLines } = await import("../typing/explain.ts");
    await correctLines(lines, (said) => io.tell("warning", said));
  }
  for (const line of lines) {
    line.corrects = accept !== undefined;
    io.secret(line.token);
  }
  return lines;
}

/** The lines. If some begin no token, lib/typing joins what it can, such as the rows of a card. */
export async function joinedLines(io: Io, lines: Line[]): Promise<Line[]> {
  if (lines.every(({ token }) => hrpOf(token))) return lines;
  const { joinLines } = await import("../typing/rows.ts");
  const joined = joinLines(lines, (said) => io.tell("warning", said));
  for (const { token } of joined) io.secret(token);
  return joined;
}

export const emptyHint = "stdin was empty: did the command before this one in the pipe fail?";

/**
 * Refuses empty input, so that a failed command makes every command after it in the pipe fail.
 *
 * @throws the given code
 */
export function failEmpty(
  sources: { file: string | undefined }[],
  wanted: string,
  code: ErrorCode = "malformed",
): never {
  const files = sources.map(({ file }) => file ?? "stdin").join(", ");
  const stdin = sources.some(({ file }) => file === undefined);
  return fail(code, `no ${wanted} in ${files}`, stdin ? emptyHint : undefined);
}

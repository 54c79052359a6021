/** A command's input lines, from named files or from stdin. */

import type { Io } from "../cli/io.ts";
import { type ErrorCode, fail } from "../core/errors.ts";
import { type Line, readLines } from "../wire/lines.ts";

interface Options {
  /** What is missing if there are no lines, for the message, and the code of that error. */
  wanted: string;
  code?: ErrorCode;
  /** Correct lines that do not verify, as their checksums suggest. */
  accept?: boolean;
}

/** @throws malformed, io; the given code if there are no lines */
export async function linesOf(
  io: Io,
  files: string[],
  { wanted, code = "malformed", accept = false }: Options,
): Promise<Line[]> {
  const sources = [];
  for (const file of files.length > 0 ? files : [undefined]) sources.push(await io.read(file));
  const found = sources.map(({ bytes, file }) => readLines(bytes, file));
  const lines = found.flat();
  if (lines.length === 0) failEmpty(sources, wanted, code);
  for (const [i, { file }] of sources.entries()) {
    if (found[i]?.length === 0) io.tell("warning", `no ${wanted} in ${file ?? "stdin"}`);
  }
  if (accept) {
    const { correctLines } = await import("../typing/corrections.ts");
    await correctLines(lines, (said) => io.tell("warning", said));
    for (const { token } of lines) io.secret(token);
  }
  return lines;
}

export const emptyHint = "stdin was empty: did the command before it in the pipe fail?";

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

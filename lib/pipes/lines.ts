/** The lines that a command is given: in named files, or on stdin. */

import type { Io } from "../cli/io.ts";
import { type ErrorCode, fail } from "../core/errors.ts";
import { type Line, readLines } from "../wire/lines.ts";

interface Options {
  /** What there is too little of when there are no lines, and the code of that error. */
  wanted: string;
  code?: ErrorCode;
  /** Take what the checksum suggests for a line that does not verify. */
  accept?: boolean;
}

/** @throws malformed, io; the given code where there are no lines */
export async function linesOf(
  io: Io,
  files: string[],
  { wanted, code = "malformed", accept = false }: Options,
): Promise<Line[]> {
  const sources = [];
  for (const file of files.length > 0 ? files : [undefined]) sources.push(await io.read(file));
  const lines = sources.flatMap(({ bytes, file }) => readLines(bytes, file));
  if (lines.length === 0) failEmpty(sources, wanted, code);
  if (accept) {
    const { correctLines } = await import("../typing/corrections.ts");
    await correctLines(lines, (said) => io.tell("warning", said));
    for (const { token } of lines) io.secret(token);
  }
  return lines;
}

export const emptyHint = "stdin was empty: did the command before it in the pipe fail?";

/**
 * Refuses input without any content, so that a pipe whose first command failed fails to the end.
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

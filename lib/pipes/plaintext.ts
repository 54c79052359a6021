/** The plaintext of a new vault. */

import type { Input, Io } from "../cli/io.ts";
import { fail } from "../core/errors.ts";
import { emptyHint } from "./lines.ts";

/**
 * The `read` of a file or of stdin; it fails if the input is empty, unless that is allowed. Without
 * `allowEmpty`, the command has no flag for it.
 */
export async function openPlaintext(
  io: Io,
  file: string | undefined,
  { wanted, allowEmpty }: { wanted: string; allowEmpty?: boolean },
): Promise<Input["read"]> {
  if (file === undefined && (await io.isTerminal("stdin"))) {
    const hint = "name a file, or add < FILE; to type the input, name -";
    fail("usage", `stdin is the terminal, not the ${wanted}`, hint);
  }
  const { name, read } = await io.open(file);
  let first = !allowEmpty;
  return async (buffer) => {
    const length = await read(buffer);
    if (first && length === 0) {
      const hints = name === "stdin" ? [emptyHint] : [];
      if (allowEmpty === false) hints.push("if it is meant to be empty, add --allow-empty");
      fail("malformed", `no ${wanted} in ${name}`, hints.join(" ") || undefined);
    }
    first = false;
    return length;
  };
}

/** @throws refused */
export function refuseNowhere(loss: string): never {
  return fail(
    "refused",
    `stdout is closed or /dev/null: ${loss}`,
    "if that is intended, add --force",
  );
}

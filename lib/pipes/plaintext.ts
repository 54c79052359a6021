/** What is to be closed into a vault. */

import type { Input, Io } from "../cli/io.ts";
import { fail } from "../core/errors.ts";
import { emptyHint } from "./lines.ts";

/** The `read` of a file or of stdin, which fails where there is nothing at all. */
export async function openPlaintext(
  io: Io,
  file: string | undefined,
  { wanted, allowEmpty }: { wanted: string; allowEmpty: boolean },
): Promise<Input["read"]> {
  const { name, read } = await io.open(file);
  let first = !allowEmpty;
  return async (buffer) => {
    const length = await read(buffer);
    if (first && length === 0) {
      const failed = name === "stdin" ? `${emptyHint} ` : "";
      fail("malformed", `no ${wanted} in ${name}`, `${failed}--allow-empty if that is meant`);
    }
    first = false;
    return length;
  };
}

/** @throws refused */
export function refuseNowhere(loss: string): never {
  return fail("refused", `stdout is closed or /dev/null: ${loss}`, "--force, if so meant");
}

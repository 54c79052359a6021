/** The raw key of a vault, as combine writes it. */

import type { Io } from "../cli/io.ts";
import { fail } from "../core/errors.ts";
import { masterBytes } from "../core/vault.ts";
import { hrpOf } from "../wire/text.ts";
import { failEmpty } from "./lines.ts";

/** Its 32 bytes, from a file or from stdin. @throws io, malformed */
export async function readVaultKey(io: Io, file?: string): Promise<Uint8Array> {
  const source = await io.read(file);
  const { length } = source.bytes;
  if (length === 0) failEmpty([source], "key");
  if (length === masterBytes) return source.bytes;
  const added = length === masterBytes + 1 ? "a newline may have been added" : undefined;
  const hint = hrpOf(source.bytes) ? "these are no key yet: unseal and combine them first" : added;
  const name = source.file ?? "stdin";
  return fail("malformed", `${name} has ${length} bytes, expected a ${masterBytes}-byte key`, hint);
}

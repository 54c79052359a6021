/** Compares a scheme with the scheme.json that is known to be in force. */

import type { Io } from "../cli/io.ts";
import { at, fail } from "../core/errors.ts";
import { failEmpty } from "../pipes/lines.ts";
import type { Scheme } from "./fields.ts";
import { schemeFile } from "./files.ts";
import { decodeScheme } from "./scheme.ts";
import { holderOf } from "./share-check.ts";

/**
 * Reads the other scheme.json from a file, or from stdin for `-`, and returns that name.
 *
 * @throws mismatch: it is another one, or has no holder with the private key; io, malformed
 */
export async function refuseStale(
  io: Io,
  scheme: Scheme,
  against: string,
  privateKey?: Uint8Array,
): Promise<string> {
  const { bytes, file } = await io.read(against);
  const name = file ?? "stdin";
  if (bytes.length === 0) failEmpty([{ file }], schemeFile);
  const other = await at(name, () => decodeScheme(bytes));
  if (JSON.stringify(scheme) === JSON.stringify(other)) return name;
  if (privateKey) await at(name, () => holderOf(other, privateKey));
  const [what, hint] = difference(scheme, other);
  return fail("mismatch", `${what}: ${label(scheme)} is here, ${name} has ${label(other)}`, hint);
}

/** What is wrong, and what to do. */
function difference(here: Scheme, other: Scheme): [what: string, hint: string] {
  if (here.set === other.set) {
    return ["altered", "recovery-verify --drill tells which has the tag of the master key"];
  }
  if (here.generation < other.generation) return ["stale", "copy the newer folder here"];
  const hint = "keep both folders, and find out which of them is in force before you copy anything";
  return [here.generation > other.generation ? "newer" : "different sets", hint];
}

function label({ generation, set }: Scheme): string {
  return `generation ${generation} (set ${set})`;
}

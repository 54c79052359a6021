/** Compares a scheme with the scheme.json that is known to be in force. */

import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { failEmpty } from "../pipes/lines.ts";
import { recipientId } from "../wire/keys.ts";
import { schemeFile } from "./fields.ts";
import { decodeScheme, type TaggedScheme } from "./scheme.ts";
import { findHolder } from "./verify.ts";

/**
 * Reads the other scheme.json from a file, or from stdin for `-`, and returns that name.
 *
 * @throws mismatch: it is another one, or has no holder with the private key; io, malformed
 */
export async function refuseStale(
  io: Io,
  scheme: TaggedScheme,
  against: string,
  privateKey?: Uint8Array,
): Promise<string> {
  const { bytes, file } = await io.read(against);
  const name = file ?? "stdin";
  if (bytes.length === 0) failEmpty([{ file }], schemeFile);
  const wanted = await at(name, () => decodeScheme(bytes));
  if (JSON.stringify(scheme) === JSON.stringify(wanted)) return name;
  if (privateKey) await refuseDropped(wanted, name, privateKey);
  const there = `${name} has ${label(wanted)}`;
  if (scheme.set === wanted.set) {
    const hint = "recovery-verify --drill tells which has the tag of the master key";
    return fail("mismatch", `${schemeFile} and ${name} differ, though of one set`, hint);
  }
  if (scheme.generation < wanted.generation) {
    return fail(
      "mismatch",
      `stale: ${label(scheme)} is here, ${there}`,
      "copy the newer folder here",
    );
  }
  const hint = "keep both folders, and find out which of them is in force before you copy anything";
  if (scheme.generation > wanted.generation) {
    return fail("mismatch", `newer: ${label(scheme)} is here, ${there}`, hint);
  }
  return fail(
    "mismatch",
    `two generations of one number: ${label(scheme)} is here, ${there}`,
    hint,
  );
}

async function refuseDropped(wanted: TaggedScheme, name: string, privateKey: Uint8Array) {
  const { holder, publicKey } = await findHolder(wanted, privateKey);
  if (holder) return;
  const id = toHex(recipientId(publicKey));
  const hint = "it was dropped, or its key was replaced: delete the folder here";
  fail("mismatch", `${label(wanted)}, of ${name}, has no holder with this key, ${id}`, hint);
}

function label({ generation, set }: TaggedScheme): string {
  return `generation ${generation} (set ${set})`;
}

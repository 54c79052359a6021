/** Writer files: given out by commands that have the master key, and read by those that write. */

import type { Io } from "../cli/io.ts";
import { ascii, equal, toHex } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { maxKeyFileBytes } from "../pipes/private-key.ts";
import type { TaggedScheme } from "../scheme/scheme.ts";
import { decodeLine, readOnlyLine } from "../wire/lines.ts";
import { decodeWriter, hashOfKey, type Writer } from "./writer.ts";

export const writerOutFlag = {
  type: "string",
  valueHint: "FILE",
  description: "give out a writer file, for recovery-update, mode 0600",
} as const;

/** A function that writes a writer's line to a new file, if wanted; it stays only if `then` succeeds. */
export async function openWriterFile(io: Io, file: string | undefined) {
  const to = file === undefined ? undefined : await io.output(file, "secret");
  return async (line: Uint8Array, then: () => Promise<void>) => {
    io.secret(line);
    await (to ? to.send([line, ascii("\n")], then) : then());
  };
}

/** The writer in a file, if it is this scheme's. @throws io, malformed, mismatch */
export async function readWriter(io: Io, file: string, scheme: TaggedScheme): Promise<Writer> {
  const source = await io.read(file, { limit: maxKeyFileBytes });
  const writer = await decodeLine(readOnlyLine(source.bytes, "writer", file), decodeWriter);
  io.secret(writer.key);
  if (source.othersRead) {
    io.tell("warning", `others can read the writer file ${file}: chmod 600 it`);
  }
  const set = toHex(writer.setId);
  if (set !== scheme.set) {
    const hint = "a rotation gives a new writer file; so does recovery-reconstruct --writer";
    fail("mismatch", `${file} is for set ${set}, but the scheme has set ${scheme.set}`, hint);
  }
  if (!equal(hashOfKey(Uint8Array.fromHex(scheme.updateKey)), writer.updateKeyHash)) {
    const hint = "do not trust this folder: take scheme.json from another copy";
    fail("mismatch", `the update key in scheme.json is not the one that ${file} vouches for`, hint);
  }
  return writer;
}

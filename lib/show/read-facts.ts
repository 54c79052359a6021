/** Reads an input for `inspect`, and finds out what it is. */

import { type Input, type Io, maxTextBytes } from "../cli/io.ts";
import { concat } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { headerBytes, looksLikeVault } from "../core/vault.ts";
import { failEmpty, joinedLines } from "../pipes/lines.ts";
import { dropComments } from "../pipes/recipient.ts";
import { decodeLine, readLines } from "../wire/lines.ts";
import {
  inspectScheme,
  inspectSshKey,
  inspectToken,
  inspectVault,
  looksLikeScheme,
} from "./inspect.ts";
import type { Located } from "./inspect-text.ts";

/** The facts of each thing in a file, or on stdin for `-`. @throws malformed, mismatch, io */
export async function readFacts(io: Io, name: string): Promise<Located[]> {
  const input = await io.open(name);
  try {
    return await factsOf(io, input, name);
  } finally {
    input.close(); // there may be more files than descriptors
  }
}

async function factsOf(io: Io, input: Input, name: string): Promise<Located[]> {
  const file = input.name === "stdin" ? undefined : name;
  const header = new Uint8Array(headerBytes);
  const start = header.subarray(0, await input.read(header));
  if (start.length === 0) failEmpty([{ file }], "input to inspect");
  if (looksLikeVault(start)) {
    const fileBytes = await measure(input, start.length);
    const facts = await at(input.name, () => inspectVault(start, fileBytes));
    return [{ where: input.name, ...facts }];
  }
  const bytes = io.secret(await readRest(input, start));
  const sshKey = await inspectSshKey(bytes, input.name);
  if (sshKey) return [{ where: input.name, ...sshKey }];
  if (looksLikeScheme(bytes)) {
    const found = await at(input.name, () => inspectScheme(bytes));
    return found.map((facts) => ({ where: input.name, ...facts }));
  }
  const lines = await joinedLines(io, readLines(dropComments(bytes), file));
  if (lines.length === 0) failEmpty([{ file }], "lines to inspect");
  const items: Located[] = [];
  for (const line of lines) {
    items.push({ where: line.where, ...(await decodeLine(line, inspectToken)) });
  }
  return items;
}

/** All of an input whose first bytes have been read. */
async function readRest(input: Input, start: Uint8Array): Promise<Uint8Array> {
  const parts = [start];
  let length = start.length;
  while (length <= maxTextBytes) {
    const part = new Uint8Array(65_536);
    const partBytes = await input.read(part);
    parts.push(part.subarray(0, partBytes));
    length += partBytes;
    if (partBytes < part.length && length <= maxTextBytes) return concat(...parts);
  }
  return fail("malformed", `${input.name} has more than ${maxTextBytes} bytes`);
}

/** The length of an input of which `start` bytes have been read; reads a pipe to its end. */
async function measure(input: Input, start: number): Promise<number> {
  if (input.stats.isFile()) return input.stats.size;
  const buffer = new Uint8Array(1_048_576);
  let length = start;
  while (true) {
    const count = await input.read(buffer);
    length += count;
    if (count < buffer.length) return length;
  }
}

/** System errors in words, without the stack or the name of the call. */

import { writeSync } from "node:fs";
import { fail } from "../core/errors.ts";

/** The error's name, as in `ENOENT`; undefined for what is not a system error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("errno" in error) || !("code" in error)) return undefined;
  return String(error.code);
}

/** Runs a system call; if it fails, that becomes `io`: `cannot read FILE: no such file or directory`. */
export async function attempt<T>(what: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    return await failSystem(what, error);
  }
}

export async function failSystem(what: string, error: unknown): Promise<never> {
  const code = errnoOf(error);
  if (code === undefined) throw error;
  const hint = "the next command in the pipe has ended";
  if (code === "EPIPE") return fail("io", `${what}: the pipe was closed`, hint);
  const { getSystemErrorMap } = await import("node:util"); // slow to load
  const { errno } = error as { errno?: number };
  return fail("io", `${what}: ${getSystemErrorMap().get(errno ?? 0)?.[1] ?? code}`);
}

/** What is written: bytes, part by part. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Tries again, after a short sleep, what a non-blocking descriptor refuses for now. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) {
    try {
      start += writeSync(descriptor, bytes, start);
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN" && errnoOf(error) !== "EINTR") throw error;
      Bun.sleepSync(2);
    }
  }
}

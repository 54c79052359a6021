/** One execution of a parser: what comes out must be what it promises, and in time. */

import { equal, toHex } from "../../lib/core/bytes.ts";
import { type ErrorCode, RecoveryError } from "../../lib/core/errors.ts";

/** Inputs that are changed as they are, or inside of what `wrap` puts around them. */
export interface Layer {
  seeds: Uint8Array[];
  wrap?: (inner: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** How often this one is taken, beside the others: 1 by default. */
  weight?: number;
}

export interface Target<T = unknown> {
  name: string;
  layers: Layer[];
  read(input: Uint8Array): T | Promise<T>;
  /** The codes that it documents: "malformed" by default. */
  codes?: ErrorCode[];
  /** What is read again must be equal to the value. */
  write?: (value: T) => Uint8Array | Promise<Uint8Array>;
  /** The one input that has this value and this form; by default any that is read again will do. */
  canonical?: (input: Uint8Array) => Uint8Array;
  /** It may use up the bytes that it is given. */
  spends?: boolean;
  /** Its messages may hold what was given: words of a command line. */
  echoes?: boolean;
}

export interface Tally {
  /** How often it came to a value, and to each code. */
  outcomes: Record<string, number>;
  /** Messages without numbers, ids and places: were input in them, they would have no end. */
  messages: Set<string>;
}

const maxMessages = 100;

/** Throws where the parser does anything that it must not. */
export async function execute(target: Target, input: Uint8Array, tally: Tally): Promise<void> {
  const boundMs = 1000 + input.length * 0.002; // what is quadratic takes minutes
  try {
    let { outcome, milliseconds } = await attempt(target, input, tally);
    // It only counts what it takes whenever it is tried.
    for (let i = 0; i < 5 && milliseconds > boundMs; i++) {
      ({ milliseconds } = await attempt(target, input, tally));
    }
    if (milliseconds > boundMs) throw new Error(`it takes ${milliseconds} ms of ${boundMs}`);
    tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
  } catch (error) {
    const what = error instanceof Error ? `${error.constructor.name}: ${error.message}` : error;
    throw new Error(`${target.name}: ${what}\n  input: ${describe(input)}`, { cause: error });
  }
}

/** Reads once, and what comes to a value is written and read again. */
async function attempt(target: Target, input: Uint8Array, tally: Tally) {
  const { codes = ["malformed"], spends, echoes } = target;
  const given = input.slice();
  let outcome = "read";
  let value: unknown;
  const start = process.cpuUsage(); // which a busy machine does not make longer
  try {
    value = await target.read(given);
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    if (!codes.includes(error.code)) throw new Error(`it fails with ${error.code}`);
    if (!echoes) noteMessage(error, tally);
    outcome = error.code;
  }
  const { user, system } = process.cpuUsage(start);
  if (!spends && !equal(given, input)) throw new Error("it changes what it is given");
  if (outcome === "read" && target.write) await checkAgain(target, input, value, target.write);
  return { outcome, milliseconds: (user + system) / 1000 };
}

function noteMessage({ message, hint = "" }: RecoveryError, { messages }: Tally): void {
  const plain = `${message} (${hint})`
    .replace(/\b[0-9a-f]{16}\b/g, "id")
    .replace(/\d+/g, "0")
    .replace(/\b(symbol|look)s\b/g, "$1")
    .replace(/\bare\b/g, "is")
    .replace(/(group 0, symbol 0(; )?)+/g, "places");
  messages.add(plain);
  if (messages.size > maxMessages) throw new Error("its messages seem to hold what it was given");
}

async function checkAgain(
  { read, canonical }: Target,
  input: Uint8Array,
  value: unknown,
  write: NonNullable<Target["write"]>,
): Promise<void> {
  const kept = structuredClone(value);
  const written = await write(value);
  if (canonical && !equal(written, canonical(input))) throw new Error("it reads two inputs as one");
  const again = await read(written.slice());
  if (!Bun.deepEquals(again, kept, true)) throw new Error("written and read again it differs");
}

/** Enough to try it again: the bytes in hex, of long ones the two ends. */
function describe(input: Uint8Array): string {
  if (input.length <= 4096) return toHex(input);
  return `${toHex(input.subarray(0, 1024))}…${toHex(input.subarray(-1024))} (${input.length} bytes)`;
}

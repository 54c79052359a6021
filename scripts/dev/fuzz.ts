/**
 * npm run fuzz [-- NAME…] [-- --runs N --seed S --minutes M]: every parser, or those named, N times
 * (1,000,000) under what fast-check makes of valid inputs, and under a mebibyte of each word and each
 * valid input over and over; either for M minutes (10) at most. The same seed gives the same inputs;
 * without one, the date's number is taken.
 *
 * For each it prints executions, what came out, how many messages there are, the slowest input in
 * processor time, and for large inputs the memory. It fails on whatever a parser must not do
 * (test/fuzz/execute.ts), and prints the input in hex.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { boundOf, execute, newTally, type Tally, type Target } from "../../test/fuzz/execute.ts";
import { anyIn, large } from "../../test/fuzz/inputs.ts";
import { targetOf, targets } from "../../test/fuzz/targets.ts";

const { values, positionals } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seed: { type: "string", default: `${Math.floor(Date.now() / 86_400_000)}` },
    minutes: { type: "string", default: "10" },
  },
  allowPositionals: true,
});
const [runs, seed, minutes] = [wholeOf(values.runs), wholeOf(values.seed), wholeOf(values.minutes)];
const largeBytes = 1_048_576;
/** What an input may take beside what the process has, and for each of its bytes. */
const [maxMebibytes, maxBytesPerByte] = [64, 256];

console.log(`seed ${seed}`);
for (const target of positionals.length > 0 ? positionals.map(targetOf) : targets) {
  await report(target, "changed", fuzzChanged);
  await report(target, "large", fuzzLarge);
}

type Fuzz = (target: Target, tally: Tally, isLate: () => boolean) => Promise<string>;

async function report(target: Target, how: string, fuzz: Fuzz): Promise<void> {
  const start = performance.now();
  const tally = newTally();
  let more = "";
  try {
    more = await fuzz(target, tally, () => performance.now() - start > minutes * 60_000);
  } catch (error) {
    process.exitCode = 1;
    more = `; FAILED: ${(error as Error).message}`;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const outcomes = Object.entries(tally.outcomes).sort();
  const executions = outcomes.reduce((sum, [, count]) => sum + count, 0);
  const counts = outcomes.map(([code, count]) => `${code} ${count}`).join(", ");
  const { milliseconds, bytes, input } = tally.slowest;
  const bound = boundOf(bytes).toFixed(0);
  const slowest = `${milliseconds.toFixed(2)} ms for ${bytes} bytes (at most ${bound})`;
  console.log(`${target.name}, ${how}: ${executions} in ${seconds} s: ${counts}`);
  console.log(`  ${tally.messages.size} messages; slowest ${slowest}${more}`);
  console.log(`  ${input.slice(0, 160)}`);
}

async function fuzzChanged(target: Target, tally: Tally, isLate: () => boolean): Promise<string> {
  const property = fc.asyncProperty(anyIn(target.layers), async ({ inner, layer: { wrap } }) => {
    await execute(target, wrap ? await wrap(inner) : inner, tally);
  });
  // In rounds, to stop in time; each has a seed of its own.
  for (let done = 0; done < runs && !isLate(); done += 10_000) {
    await fc.assert(property, { numRuns: Math.min(10_000, runs - done), seed: seed + done });
  }
  return "";
}

async function fuzzLarge(target: Target, tally: Tally, isLate: () => boolean): Promise<string> {
  let peak = 0;
  for await (const input of large(largeBytes, target.layers)) {
    if (isLate()) break;
    peak = Math.max(peak, await memoryOf(target, input));
    await execute(target, input, tally);
  }
  const most = maxMebibytes + (maxBytesPerByte * largeBytes) / 2 ** 20;
  if (peak > most) throw new Error(`it takes ${peak} MiB of memory, and may take ${most}`);
  return `; ${peak} MiB of memory (at most ${most})`;
}

/** By how many mebibytes the process grows while it reads this. */
async function memoryOf({ read }: Target, input: Uint8Array): Promise<number> {
  const given = input.slice();
  Bun.gc(true);
  writeFileSync("/proc/self/clear_refs", "5"); // the peak begins anew
  const before = mebibytesOf("VmRSS");
  try {
    await read(given);
  } catch {
    // which execute() looks into
  }
  return mebibytesOf("VmHWM") - before;
}

function mebibytesOf(field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m");
  const [, kibibytes] = line.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
  return Math.round(Number(kibibytes) / 1024);
}

function wholeOf(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new Error(`a whole number is wanted, and not ${value}`);
  return Number(value);
}

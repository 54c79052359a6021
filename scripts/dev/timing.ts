/**
 * npm run timing [-- RUNS]: does the time that code takes over secrets depend on them?
 *
 * In the manner of dudect (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?",
 * 2016): a fixed input and random ones take turns at random, and Welch's t-test compares the times
 * of the two classes. The largest |t| of all crops and both orders counts: above 4.5, chance is ruled out.
 * Each run of each target is a process of its own, once interpreted only, as the executables are,
 * and once with the engine's compilers. It is never part of the tests: machines are noisy.
 */

import { randomBytes } from "../../lib/core/random.ts";
import { largestT, median } from "./timing/statistics.ts";
import { type Mode, type Target, targets } from "./timing/targets.ts";

interface Run {
  /** How long the action takes once. */
  nanoseconds: number;
  /** By how much the fixed input's median is above the random ones', as a part of those. */
  apart: number;
  t: number;
}

const measurements = 20_000;
const measuredNanoseconds = 10_000; // at least, for a timer of some 40
const warmingNanoseconds = 3e8;
const blockLength = 1000;
const threshold = 4.5;
const sink: { result?: unknown } = {}; // so that no compiler leaves the work out

const [argument = "5", name] = process.argv.slice(2);
if (name !== undefined) {
  console.log(JSON.stringify(measure(targets[name] as Target)));
} else {
  const modes: Mode[] = ["interpreted", "compiled"];
  const asExpected = modes.map((mode) => report(mode, Number(argument)));
  if (asExpected.includes(false)) {
    console.log("\na control is not as it must be: the verdicts mean nothing");
    process.exitCode = 1;
  }
}

/** Prints a line for each target; whether all controls are as they must be. */
function report(mode: Mode, runs: number): boolean {
  console.log(`\n${mode}, ${runs} runs of ${measurements} measurements`);
  console.log(`  ${"".padEnd(36)} once, µs    fixed   largest |t| of each run`);
  let asExpected = true;
  for (const [name, { flagged }] of Object.entries(targets)) {
    const all = Array.from({ length: runs }, () => runAlone(name, mode));
    const above = all.filter(({ t }) => t > threshold).length;
    const verdict = above === 0 ? "none seen" : above === runs ? "DEPENDS" : "in doubt";
    if (flagged && above !== (flagged.includes(mode) ? runs : 0)) asExpected = false;
    const once = (median(all.map(({ nanoseconds }) => nanoseconds)) / 1000).toFixed(2).padStart(8);
    const percent = 100 * median(all.map(({ apart }) => apart));
    const apart = `${percent < 0 ? "" : "+"}${percent.toFixed(2)} %`.padStart(10);
    const values = all.map(({ t }) => t.toFixed(1)).join(" ");
    console.log(`  ${name.padEnd(36)} ${once} ${apart}   ${values}  ${verdict}`);
  }
  return asExpected;
}

function runAlone(name: string, mode: Mode): Run {
  const env = { ...process.env, BUN_JSC_useJIT: mode === "compiled" ? "1" : "0" };
  const command = [process.execPath, import.meta.path, "run", name];
  const { stdout, exitCode } = Bun.spawnSync(command, { env, stderr: "inherit" });
  if (exitCode !== 0) throw new Error(`${name}: exit status ${exitCode}`);
  return JSON.parse(`${stdout}`) as Run;
}

/** Inputs are made in blocks, and copied to the same memory before the clock starts. */
function measure({ inputs, prepare }: Target): Run {
  const length = inputs[0]().length;
  const input = new Uint8Array(length);
  const action = prepare(input);
  const classes = randomBytes(measurements).map((byte) => byte & 1);
  const times = new Float64Array(measurements);
  const block = new Uint8Array(blockLength * length);
  const fill = (start: number) => {
    for (let i = 0; i < blockLength; i++) {
      block.set(inputs[classes[start + i] as 0 | 1](), i * length);
    }
  };
  fill(0);
  const take = (i: number) => input.set(block.subarray(i * length, (i + 1) * length));
  const repeats = warmUp(action, take);
  for (let start = 0; start < measurements; start += blockLength) {
    fill(start);
    for (let i = 0; i < blockLength; i++) {
      take(i);
      times[start + i] = time(action, repeats);
    }
  }
  const [fixed, random] = [0, 1].map((wanted) => {
    return median([...times.filter((_, i) => classes[i] === wanted)]);
  }) as [number, number];
  return {
    nanoseconds: random / repeats,
    apart: (fixed - random) / random,
    t: largestT(times, classes),
  };
}

/** How often to repeat the action, so that the timer is fine enough. */
function warmUp(action: () => unknown, take: (i: number) => void): number {
  const end = Bun.nanoseconds() + warmingNanoseconds;
  let fastest = Infinity;
  for (let i = 0; Bun.nanoseconds() < end; i++) {
    take(i % blockLength);
    fastest = Math.min(fastest, time(action, 100) / 100);
  }
  return Math.ceil(measuredNanoseconds / fastest);
}

function time(action: () => unknown, repeats: number): number {
  const start = Bun.nanoseconds();
  for (let i = 0; i < repeats; i++) sink.result = action();
  return Bun.nanoseconds() - start;
}

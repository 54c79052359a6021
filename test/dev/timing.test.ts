/** The statistics of `npm run timing`, and what it has taught; the timing itself is no test. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/dev/project.ts";
import { largestT, welch } from "../../scripts/dev/timing/statistics.ts";
import { repeatable } from "../core/helpers.ts";

test("welch() gives the t of the second example in Wikipedia's article on the test", () => {
  const a = [17.2, 20.9, 22.6, 18.1, 21.7, 21.4, 23.5, 24.2, 14.7, 21.8];
  const b = [
    21.5, 22.8, 21.0, 23.0, 21.6, 23.6, 22.5, 20.7, 23.4, 21.8, 20.7, 21.7, 21.5, 22.5, 23.6, 21.5,
    22.5, 23.5, 21.5, 21.8,
  ];
  expect(welch(a, b)).toBeCloseTo(-1.57, 2);
  expect(welch(b, a)).toBeCloseTo(1.57, 2);
});

/** Times of two classes by turns; those of class 1 are changed. */
function sample(change: (time: number) => number): [Float64Array, Uint8Array] {
  const noise = repeatable(7)(8000);
  const classes = noise.map((_, i) => i & 1);
  const times = Float64Array.from(noise, (byte, i) => {
    const interrupted = i % 10 < 2 ? 1e5 * byte : 0; // as often in either class
    const time = 1000 + byte / 16;
    return (classes[i] === 1 ? change(time) : time) + interrupted;
  });
  return [times, classes];
}

test("largestT() sees small differences of means behind a long tail, and of variances; else none", () => {
  expect(largestT(...sample((time) => time))).toBeLessThan(4.5);
  expect(largestT(...sample((time) => 1008 + (time - 1008) * 1.5))).toBeGreaterThan(10);
  const [times, classes] = sample((time) => time + 2);
  expect(largestT(times, classes)).toBeGreaterThan(10);
  const [a, b] = [0, 1].map((wanted) => [...times.filter((_, i) => classes[i] === wanted)]);
  expect(Math.abs(welch(a as number[], b as number[]))).toBeLessThan(4.5);
});

/*
 * What is no signed 32-bit integer the interpreter takes another way, and slower: -0, which a
 * negated 0 is, and words from 2^31 on, which unsigned shifts and arrays give.
 */
test("arithmetic over secrets has no negated bit, no unsigned shift and no unsigned words", () => {
  const slow = /[(=|&^,?:] *-[a-z(]|>>>|\bUint32Array\b/;
  const slowLines = (source: string) => {
    return source.split("\n").filter((line) => !/^ *(\*|\/)/.test(line) && slow.test(line));
  };
  for (const line of ["a & -(b & 1)", "= -bit;", "(x >>> 7)", "new Uint32Array(4)"]) {
    expect(slowLines(line)).toEqual([line]);
  }
  expect(slowLines("0 - (b & 1)\nsubarray(0, -n)\nat(-1)\na - (b - c)")).toEqual([
    "subarray(0, -n)",
  ]);
  const files = ["core/gf256", "core/shamir", "core/bytes", "wire/text", "wire/checksum"];
  for (const file of [...files, "ssh/base64"]) {
    const lines = slowLines(readFileSync(join(root, `lib/${file}.ts`), "utf8"));
    const known = [
      "symbols.subarray(0, -checkSymbols)",
      "Uint32Array {",
      "new Uint32Array(bytes.b",
    ];
    expect(lines.filter((line) => !known.some((part) => line.includes(part)))).toEqual([]);
  }
});

/** Every small damage to some bytes. */

import { concat } from "../../lib/core/bytes.ts";

export interface Damage {
  kind: "flip" | "prefix" | "removal" | "insertion";
  at: number;
  bytes: Uint8Array;
}

/** Whether a place is to be damaged in that way; the last place is the end. */
export type Due = (at: number, kind: Damage["kind"]) => boolean;

/** Every bit turned over, every prefix, every byte left out, and each of `inserted` put in. */
export function* damages(
  bytes: Uint8Array,
  inserted: number[],
  isDue: Due = () => true,
): Generator<Damage> {
  for (let at = 0; at <= bytes.length; at++) {
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    for (const byte of isDue(at, "insertion") ? inserted : []) {
      yield { kind: "insertion", at, bytes: concat(before, Uint8Array.of(byte), after) };
    }
    const [old] = after;
    if (old === undefined) return;
    if (isDue(at, "prefix")) yield { kind: "prefix", at, bytes: before.slice() };
    if (isDue(at, "removal")) {
      yield { kind: "removal", at, bytes: concat(before, after.subarray(1)) };
    }
    for (let bit = 0; bit < 8 && isDue(at, "flip"); bit++) {
      yield { kind: "flip", at, bytes: bytes.with(at, old ^ (1 << bit)) };
    }
  }
}

/** What is put into longer inputs: what has a meaning in one form or another, and some that has none. */
export const telling = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x23, 0x2d, 0x71, 0x80];
export const allBytes = Array.from({ length: 256 }, (_, byte) => byte);

/**
 * All places of lines that are new, where `isWhole`; of all others every 23rd, and those around their
 * ends. In long tokens, whose faults take long to be located, all bits but no more.
 */
export function dueIn(bytes: Uint8Array, met: Set<string>, isWhole: boolean): Due {
  const dense: ("all" | "flips" | "few")[] = [];
  const text = Buffer.from(bytes).toString("latin1");
  for (const line of text.split(/(?<=\n)/)) {
    const isLong = line.length > 200 && /^wd/i.test(line);
    const inside = !isWhole || met.has(line) ? "few" : isLong ? "flips" : "all";
    for (let i = 0; i < line.length; i++) {
      dense.push(i < 3 || i >= line.length - 2 ? "all" : inside);
    }
    if (isWhole) met.add(line);
  }
  dense.push("all");
  return (at, kind) =>
    at % 23 === 0 || dense[at] === "all" || (dense[at] === "flips" && kind === "flip");
}

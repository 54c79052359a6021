/**
 * Every small damage to every valid vector and to more inputs: it is refused with the code that
 * SPEC.md says, or what comes of it is what came of the whole, because what is damaged does not
 * count. Never is there another value, but for an SSH public key, which has no checksum.
 *
 * To save time, a line that several vectors have is damaged everywhere in one of them, and in the
 * others here and there; so are the vectors of `alike`. Of most places one bit is turned over, another
 * from place to place. With WORSTDAY_FULL=1 nothing is left out.
 * test/e2e/damage.test.ts has some vaults for the executables.
 */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { concat, equal } from "../../lib/core/bytes.ts";
import { RecoveryError } from "../../lib/core/errors.ts";
import { type Subject, subjects } from "./subjects.ts";

setDefaultTimeout(300_000); // for a busy machine

const isFull = process.env["WORSTDAY_FULL"] !== undefined;

/** What is put in: here and there any byte into short inputs; else what has a meaning somewhere, and 0x80. */
const anyByte = Array.from({ length: 256 }, (_, byte) => byte);
const telling = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x23, 0x2d, 0x71, 0x80];

/** Vectors whose lines are of a kind with those of others, but for their ends. */
const alike =
  /^(scheme-(?!opens)|share-(20-of-255|3-of-5)|combine-one-wrong-[23]|text-(bom|crlf|h|no)|hybrid-)/;

const met = new Set<string>();
const totals = new Map<string, Record<string, number>>();

afterAll(() => {
  for (const [form, counts] of totals) {
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    console.log(`${form}: ${total} damages, ${JSON.stringify(counts)}`);
  }
});

interface Damage {
  kind: "flip" | "prefix" | "removal" | "insertion";
  at: number;
  bytes: Uint8Array;
}

/** Whether a place is to be damaged in that way; the last place is the end. */
type Due = (at: number, kind: Damage["kind"]) => boolean;

/** Bits turned over, every prefix, every byte left out, and bytes put in. */
function* damages(bytes: Uint8Array, isDue: Due): Generator<Damage> {
  const isShort = bytes.length <= 88;
  for (let at = 0; at <= bytes.length; at++) {
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const inserted = isShort && (isFull || at % 8 === 0) ? anyByte : telling;
    for (const byte of isDue(at, "insertion") ? inserted : []) {
      yield { kind: "insertion", at, bytes: concat(before, Uint8Array.of(byte), after) };
    }
    const [old] = after;
    if (old === undefined) return;
    if (isDue(at, "prefix")) yield { kind: "prefix", at, bytes: before.slice() };
    if (isDue(at, "removal")) {
      yield { kind: "removal", at, bytes: concat(before, after.subarray(1)) };
    }
    for (let bit = 0; bit < 8; bit++) {
      if (!isDue(at, "flip") || !(isFull || at % 23 === 0 || at % 8 === bit)) continue;
      yield { kind: "flip", at, bytes: bytes.with(at, old ^ (1 << bit)) };
    }
  }
}

/**
 * All places of lines that are new, where `isWhole`; of all others every 23rd, and those around their
 * ends. In long tokens, whose faults take long to be located, all bits but no more; in those for
 * hybrid keys, where none is located, here and there.
 */
function dueIn(bytes: Uint8Array, met: Set<string>, isWhole: boolean): Due {
  const dense: ("all" | "flips" | "few")[] = [];
  const text = Buffer.from(bytes).toString("latin1");
  for (const line of text.split(/(?<=\n)/)) {
    const isLong = line.length > 200 && /^wd/i.test(line);
    const isFew = !isWhole || met.has(line) || line.length > 1000;
    const inside = isFew ? "few" : isLong ? "flips" : "all";
    for (let i = 0; i < line.length; i++) {
      dense.push(i < 3 || i >= line.length - 2 ? "all" : inside);
    }
    if (isWhole) met.add(line);
  }
  dense.push("all");
  return (at, kind) =>
    at % 23 === 0 || dense[at] === "all" || (dense[at] === "flips" && kind === "flip");
}

/** What came of it. */
async function verdictOf(read: Subject["read"], bytes: Uint8Array, whole: Uint8Array) {
  try {
    const value = await read(bytes);
    if (equal(value, whole)) return "same";
    const all = whole.toHex().split("0a");
    const lines = value.toHex().split("0a");
    return lines.every((line) => all.includes(line)) ? "fewer" : "another value";
  } catch (error) {
    if (error instanceof RecoveryError) return error.code;
    throw error;
  }
}

for (const subject of subjects) {
  const { name, bytes: intact, form } = subject;
  const counts = totals.get(form.name) ?? {};
  totals.set(form.name, counts);
  const isDue = isFull ? () => true : dueIn(intact, met, !alike.test(name));

  test(`${name}: every damage is refused, or makes no difference`, async () => {
    const whole = await subject.read(intact);
    const wrong: string[] = [];
    for (const { kind, at, bytes } of damages(intact, isDue)) {
      const expected = form(bytes, intact);
      const verdict = await verdictOf(subject.read, bytes, whole);
      const isForeseen = verdict === "same" && expected.includes("fewer");
      if (!isForeseen && !expected.includes(verdict)) {
        wrong.push(`${kind} at ${at}: ${verdict} instead of ${expected}: ${bytes.toHex()}`);
      }
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
    expect(wrong).toEqual([]);
  });
}

test("every form had its damages, and nothing else came of them", () => {
  const some = expect.any(Number);
  expect(Object.fromEntries(totals)).toEqual({
    lines: { malformed: some, same: some, fewer: some, "too-few": some, mismatch: some },
    key: { malformed: some, same: some },
    sshFileForm: { malformed: some, same: some },
    sshLineForm: { malformed: some, same: some, "another value": some },
    rawKeyForm: { malformed: some, mismatch: some },
    vaultForm: { malformed: some, mismatch: some },
    schemeForm: { malformed: some, mismatch: some },
  });
  const all = [...totals.values()].flatMap((counts) => Object.values(counts));
  expect(all.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(80_000);
});

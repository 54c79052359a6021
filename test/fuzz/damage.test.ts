/**
 * Small damages to every valid vector and to more inputs: each is refused with the code that SPEC.md says,
 * or what comes of it is what came of the whole, because what is damaged does not count. Never is there
 * another value, but for an SSH public key, which has no checksum.
 *
 * At a place one bit is turned over, what follows is cut off, the byte is left out, and one is put in. A
 * line that several vectors have is damaged at every second or third place in one of them, and in the
 * others here and there; so are long lines, whose faults take long to be located, and the vectors of
 * `alike`. With WORSTDAY_FULL=1 every place has every bit turned over, and all that is told below put in.
 */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { concat, equal } from "../../lib/core/bytes.ts";
import { RecoveryError } from "../../lib/core/errors.ts";
import { type Subject, subjects } from "./subjects.ts";

setDefaultTimeout(300_000); // for a busy machine

const isFull = process.env["WORSTDAY_FULL"] !== undefined;

/** What is put in, by turns: what has a meaning somewhere, and 0x80; into short inputs here and there any byte. */
const telling = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x23, 0x2d, 0x71, 0x80];
const anyByte = Array.from({ length: 256 }, (_, byte) => byte);

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

/** Of each place that is due; the last place is the end. */
function* damages(bytes: Uint8Array, isDue: boolean[]): Generator<Damage> {
  const isShort = bytes.length <= 88;
  const some = <T>(all: T[]) => (isFull ? all : [all[turn % all.length] as T]);
  let turn = -1;
  for (let at = 0; at <= bytes.length; at++) {
    if (!isDue[at]) continue;
    turn++;
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const put = isShort && (isFull || turn % 16 === 0) ? anyByte : some(telling);
    for (const byte of put) {
      yield { kind: "insertion", at, bytes: concat(before, Uint8Array.of(byte), after) };
    }
    const [old] = after;
    if (old === undefined) return;
    yield { kind: "prefix", at, bytes: before.slice() };
    yield { kind: "removal", at, bytes: concat(before, after.subarray(1)) };
    for (const bit of some([0, 1, 2, 3, 4, 5, 6, 7])) {
      yield { kind: "flip", at, bytes: bytes.with(at, old ^ (1 << bit)) };
    }
  }
}

/** The places around the ends of lines, and of each line every second, third or 23rd. */
function placesIn(bytes: Uint8Array, isWhole: boolean): boolean[] {
  const due: boolean[] = [];
  for (const line of Buffer.from(bytes)
    .toString("latin1")
    .split(/(?<=\n)/)) {
    const isFew = !isWhole || met.has(line) || line.length > 500;
    const step = isFull ? 1 : isFew || /^wd.{200}/i.test(line) ? 23 : /^wd/i.test(line) ? 3 : 2;
    for (let i = 0; i < line.length; i++) {
      due.push(i < 3 || i >= line.length - 2 || i % step === 0);
    }
    if (isWhole) met.add(line);
  }
  return [...due, true];
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
  const isDue = placesIn(intact, !alike.test(name));

  test(`${name}: each damage is refused, or makes no difference`, async () => {
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
  expect(all.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10_000);
});

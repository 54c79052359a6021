/**
 * Every small damage to every valid vector and to more inputs: it is refused with the code that
 * SPEC.md says, or what comes of it is what came of the whole, because what is damaged does not
 * count. Never is there another value, but for an SSH public key, which has no checksum.
 *
 * To save time, a line that several vectors have is damaged everywhere in one of them, and in the
 * others here and there; so are the vectors of `alike`. With WORSTDAY_FULL=1 nothing is left out.
 * test/e2e/damage.test.ts has some vaults for the executables.
 */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { equal } from "../../lib/core/bytes.ts";
import { RecoveryError } from "../../lib/core/errors.ts";
import { allBytes, damages, dueIn, telling } from "./damage.ts";
import type { Verdict } from "./forms.ts";
import { type Subject, subjects } from "./subjects.ts";

setDefaultTimeout(300_000); // for a busy machine

const isFull = process.env["WORSTDAY_FULL"] !== undefined;
/** Up to this length any byte is put everywhere. */
const shortBytes = 88;

/** Vectors whose lines are of a kind with those of others, but for their ends. */
const alike =
  /^(scheme-(?!opens)|share-(20-of-255|3-of-5)|combine-one-wrong-[23]|text-(bom|crlf|h|no))/;

const met = new Set<string>();
const totals = new Map<string, Record<string, number>>();

afterAll(() => {
  for (const [form, counts] of totals) {
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    console.log(`${form}: ${total} damages, ${JSON.stringify(counts)}`);
  }
});

/** What came of it. */
async function verdictOf(
  { read }: Subject,
  bytes: Uint8Array,
  whole: Uint8Array,
): Promise<Verdict> {
  try {
    const value = await read(bytes);
    if (equal(value, whole)) return "same";
    const [lines, all] = [value, whole].map((text) => text.toHex().split("0a"));
    return lines?.every((line) => all?.includes(line)) ? "fewer" : "another value";
  } catch (error) {
    if (error instanceof RecoveryError) return error.code;
    throw error;
  }
}

for (const subject of subjects) {
  const { name, bytes: intact, form } = subject;
  const counts = totals.get(form.name) ?? {};
  totals.set(form.name, counts);
  const inserted = intact.length <= shortBytes ? allBytes : telling;
  const isDue = isFull ? undefined : dueIn(intact, met, !alike.test(name));

  test(`${name}: every damage is refused, or makes no difference`, async () => {
    const whole = await subject.read(intact);
    const wrong: string[] = [];
    for (const { kind, at, bytes } of damages(intact, inserted, isDue)) {
      const expected = form(bytes, intact);
      const verdict = await verdictOf(subject, bytes, whole);
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
    sshLineForm: { malformed: some, same: some, "another value": 16 },
    rawKeyForm: { malformed: some, mismatch: some },
    vaultForm: { malformed: some, mismatch: some },
    schemeForm: { malformed: some, mismatch: some },
  });
  const all = [...totals.values()].flatMap((counts) => Object.values(counts));
  expect(all.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100_000);
});

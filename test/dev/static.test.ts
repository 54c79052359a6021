/** Reading and planning: what the static link refuses, and how it says so. */
import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Elf, hex, parseElf, segmentTypes } from "../../scripts/dev/static/elf.ts";
import { readDynamic } from "../../scripts/dev/static/elf-dynamic.ts";
import { makePlan } from "../../scripts/dev/static/plan.ts";
import { smallElf } from "./small-elf.ts";

let small: Buffer;
let elf: Elf;

beforeAll(() => {
  small = smallElf();
  elf = parseElf(small, "small");
});

/** What is said of the small executable after `change`. */
function refusal(change: (bytes: Buffer) => unknown): string {
  const copy = Buffer.from(small);
  const bytes = (change(copy) as Buffer | undefined) ?? copy;
  try {
    makePlan(parseElf(bytes, "small"), "x86_64");
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  }
}

const put = (value: number, at: number) => (bytes: Buffer) => void bytes.writeUInt32LE(value, at);

/** The offset of the program header of the n-th segment of a type. */
function headerOf(type: number, nth = 0): number {
  const found = [...elf.segments.entries()].filter(([, segment]) => segment.type === type);
  return 64 + (found[nth]?.[0] ?? NaN) * 56;
}

/** The offset of the dynamic section's entry with a tag. */
function entryOf(tag: number): number {
  const segment = elf.segments.find(({ type }) => type === segmentTypes.dynamic);
  let at = segment?.offset ?? NaN;
  while (small.readUInt32LE(at) !== tag) at += 16;
  return at;
}

/** The offset of the first relocation, of 24 bytes, in DT_RELA; address 0x200000 is offset 0. */
function firstRelocation(): number {
  return small.readUInt32LE(entryOf(7) + 8) - 0x200000;
}

describe("reading", () => {
  test("finds what is there", () => {
    const loads = elf.segments.filter(({ type }) => type === segmentTypes.load);
    expect(loads.map(({ flags }) => flags)).toEqual([4, 5, 6]);
    const { relocations, initArray, finiArray } = readDynamic(elf);
    const found = relocations.map(({ want, symbol }) => `${want} ${symbol.name}`).sort();
    const calls = ["call __libc_start_main", "call write"];
    expect(found).toEqual(["address write", ...calls, "copy environ", "copy stdout"]);
    expect([initArray.length, finiArray.length]).toEqual([1, 0]);
  });

  // what follows the last segment is never read
  test("refuses every truncation with a message that gives the length", () => {
    const end = Math.max(...elf.segments.map(({ offset, fileBytes }) => offset + fileBytes));
    for (let length = 0; length < end; length += length < 0x300 ? 1 : 61) {
      const message = refusal((bytes) => bytes.subarray(0, length));
      expect(message).toContain(`but the file has ${length} bytes`);
    }
  });

  test("refuses another kind of file", () => {
    const cases: [string, (bytes: Buffer) => void][] = [
      ["small: not an ELF file", (bytes) => bytes.fill(0, 0, 4)],
      ["small: EI_CLASS is 1, not 2 (64-bit)", (bytes) => (bytes[4] = 1)],
      ["small: EI_DATA is 2, not 1 (little-endian)", (bytes) => (bytes[5] = 2)],
      ["small: e_type is 3, not 2 (fixed addresses)", (bytes) => (bytes[16] = 3)],
      ["small: e_machine is 40, not 62 (x86_64) or 183 (aarch64)", (bytes) => (bytes[18] = 40)],
      ["small: e_machine is 183, not 62 (x86_64)", (bytes) => (bytes[18] = 183)],
      ["small: e_phentsize is 32, not 56", (bytes) => (bytes[54] = 32)],
      ["small: e_entry at offset 0x18 is beyond 53 bits", (bytes) => bytes.fill(0xff, 24, 32)],
    ];
    for (const [message, change] of cases) expect(refusal((b) => void change(b))).toBe(message);
  });
});

describe("segments", () => {
  const set = (type: number, nth: number, at: number, value: number) =>
    put(value, headerOf(type, nth) + at);

  test("of an unknown type are refused", () => {
    const message = "small: program header 1: unexpected type 0x6474e552";
    expect(refusal(set(segmentTypes.interp, 0, 0, 0x6474e552))).toBe(message);
  });

  test("must be three to load, in order, of one alignment", () => {
    const flags = "small: PT_LOAD flags are 4,7,6, not 4,5,6 (R, RX, RW)";
    expect(refusal(set(1, 1, 4, 7))).toBe(flags);
    expect(refusal(set(1, 2, 0, 4))).toBe("small: PT_LOAD flags are 4,5, not 4,5,6 (R, RX, RW)");
    expect(refusal(set(1, 2, 48, 8))).toBe("small: PT_LOAD at 0x202000: alignment 0x8");
  });

  test("must all be there, once", () => {
    const { interp, dynamic, tls, stack, note } = segmentTypes;
    expect(refusal(set(interp, 0, 0, note))).toBe("small: no PT_INTERP segment");
    expect(refusal(set(tls, 0, 0, note))).toBe("small: no PT_TLS segment");
    expect(refusal(set(stack, 0, 0, note))).toBe("small: no PT_GNU_STACK segment");
    expect(refusal(set(dynamic, 0, 0, note))).toBe("small: no PT_DYNAMIC: it is static already");
    expect(refusal(set(segmentTypes.phdr, 0, 0, tls))).toBe("small: 2 PT_TLS segments, not one");
  });
});

describe("relocations", () => {
  test("of an unknown type are refused, with place and number", () => {
    const at = firstRelocation();
    const where = `relocation 0 at offset ${hex(at)}, for ${hex(small.readUInt32LE(at))}`;
    const message = refusal(put(8, at + 8)); // R_X86_64_RELATIVE
    expect(message).toBe(`small: ${where}: unknown type 8`);
  });

  test("must name a symbol and a slot in the writable segment, one each", () => {
    const at = firstRelocation();
    expect(refusal(put(0, at + 12))).toEndWith("symbol 0 has no name");
    expect(refusal(put(99, at + 12))).toEndWith("symbol 99 has no name");
    expect(refusal(put(0x201000, at))).toBe("small: 0x201000 is not in the segment at 0x202000");
    const other = Number(small.readBigUInt64LE(entryOf(23) + 8)) - 0x200000; // DT_JMPREL
    const slot = small.readUInt32LE(other);
    const twice = refusal(put(slot + 4, at));
    expect(twice).toBe(`small: two relocations for ${hex(slot + 4)}`);
  });

  test("must have a name that the assembler takes, and copy only what is known", () => {
    const rename = (from: string, to: string) => (bytes: Buffer) => {
      bytes.write(to, bytes.indexOf(`\0${from}\0`) + 1);
    };
    expect(refusal(rename("write", "wr,te"))).toEndWith("a name that the assembler may not take");
    expect(refusal(rename("stdout", "optarg"))).toEndWith("optarg: not known to be safe to copy");
  });

  test("must lie where the dynamic section says, which must hold no unknown tag", () => {
    const debug = entryOf(21);
    const tag = refusal(put(0x1e, debug)); // DT_FLAGS
    expect(tag).toBe(`small: unknown dynamic tag 0x1e at ${hex(debug)}`);
    const lost = refusal(put(0x900000, entryOf(7) + 8));
    expect(lost).toBe("small: RELA: no segment holds 72 bytes at 0x900000");
    const missing = refusal(put(21, entryOf(4)));
    expect(missing).toBe("small: the dynamic section has no DT_HASH");
  });
});

test("scripts/dev/static imports nothing of the project", () => {
  const folder = join(import.meta.dirname, "../../scripts/dev/static");
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  const from = files.flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/ from "(.*)";/g)].map(
      ([, name]) => name,
    ),
  );
  expect(from.length).toBeGreaterThan(files.length);
  expect(from.filter((name) => !/^(\.\/[\w-]+\.ts|node:\w+)$/.test(name ?? ""))).toEqual([]);
});

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

const { load, interp, dynamic, tls, stack, note, phdr } = segmentTypes;
const base = 0x200000; // of addresses; there the file is loaded from its beginning
const put = (value: number, at: number) => (bytes: Buffer) => void bytes.writeUInt32LE(value, at);
const set = (value: number, at: number) => (bytes: Buffer) => void bytes.writeUInt8(value, at);

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
});

/** What is said of the small executable after a change. */
const refusals: Record<string, () => [string, (bytes: Buffer) => unknown][]> = {
  "another kind of file": () => [
    ["not an ELF file", (bytes) => void bytes.fill(0, 0, 4)],
    ["EI_CLASS is 1, not 2 (64-bit)", set(1, 4)],
    ["EI_DATA is 2, not 1 (little-endian)", set(2, 5)],
    ["e_type is 3, not 2 (fixed addresses)", set(3, 16)],
    ["e_machine is 40, not 62 (x86_64) or 183 (aarch64)", set(40, 18)],
    ["e_machine is 183, not 62 (x86_64)", set(183, 18)],
    ["e_phentsize is 32, not 56", set(32, 54)],
    ["e_entry at offset 0x18 is beyond 53 bits", (bytes) => void bytes.fill(0xff, 24, 32)],
  ],
  "a segment of an unknown type": () => [
    ["program header 1: unexpected type 0x6474e552", put(0x6474e552, headerOf(interp))],
  ],
  "other than three segments to load, in order, of one alignment": () => [
    ["PT_LOAD flags are 4,7,6, not 4,5,6 (R, RX, RW)", put(7, headerOf(load, 1) + 4)],
    ["PT_LOAD flags are 4,5, not 4,5,6 (R, RX, RW)", put(note, headerOf(load, 2))],
    ["PT_LOAD at 0x202000: alignment 0x8", put(8, headerOf(load, 2) + 48)],
  ],
  "a segment that is missing, or there twice": () => [
    ["no PT_INTERP segment", put(note, headerOf(interp))],
    ["no PT_TLS segment", put(note, headerOf(tls))],
    ["no PT_GNU_STACK segment", put(note, headerOf(stack))],
    ["no PT_DYNAMIC: it is static already", put(note, headerOf(dynamic))],
    ["2 PT_TLS segments, not one", put(tls, headerOf(phdr))],
  ],
  "a relocation that is unknown, without a name, astray, or one too many": () => {
    const at = small.readUInt32LE(entryOf(7) + 8) - base; // DT_RELA
    const call = small.readUInt32LE(entryOf(23) + 8) - base; // DT_JMPREL
    const slot = small.readUInt32LE(call);
    const where = `relocation 0 at offset ${hex(at)}, for ${hex(small.readUInt32LE(at))}`;
    return [
      [`${where}: unknown type 8`, put(8, at + 8)], // R_X86_64_RELATIVE
      [`${where}: symbol 0 has no name`, put(0, at + 12)],
      [`${where}: symbol 99 has no name`, put(99, at + 12)],
      ["0x201000 is not in the segment at 0x202000", put(0x201000, at)],
      [`two relocations for ${hex(slot + 4)}`, put(slot + 4, at)],
    ];
  },
  "a dynamic section with an unknown tag, a false address, or a tag too few": () => [
    [`unknown dynamic tag 0x1e at ${hex(entryOf(21))}`, put(0x1e, entryOf(21))], // DT_FLAGS
    ["RELA: no segment holds 72 bytes at 0x900000", put(0x900000, entryOf(7) + 8)],
    ["the dynamic section has no DT_HASH", put(21, entryOf(4))],
  ],
};
for (const [what, cases] of Object.entries(refusals)) {
  test(`refused is ${what}`, () => {
    for (const [message, change] of cases()) expect(refusal(change)).toBe(`small: ${message}`);
  });
}

test("a name must be one that the assembler takes, and only what is known is copied", () => {
  const rename = (from: string, to: string) => (bytes: Buffer) => {
    bytes.write(to, bytes.indexOf(`\0${from}\0`) + 1);
  };
  expect(refusal(rename("write", "wr,te"))).toEndWith("a name that the assembler may not take");
  expect(refusal(rename("stdout", "optarg"))).toEndWith("optarg: not known to be safe to copy");
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

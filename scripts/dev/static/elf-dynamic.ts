/**
 * Reads what PT_DYNAMIC leads to: the symbols and relocations that the dynamic linker would have
 * bound, and the start-up and exit functions it would have called (gABI fig. 5-10, `Elf64_Dyn`
 * and `Elf64_Rela`; the relocation types are the processors' own, psABI x86-64 table 4.10 and
 * ELF for the Arm 64-bit architecture 5.7).
 */

import { type Elf, hex, machines, oneSegment, segmentTypes, u64 } from "./elf.ts";
import { type ElfSymbol, readSymbols } from "./elf-symbols.ts";

/**
 * What a slot wants: a symbol's address, the same for calls only, its distance from the thread
 * pointer, or a copy of its bytes.
 */
export type Want = "address" | "call" | "thread" | "copy";

export interface Relocation {
  /** the slot's address */
  address: number;
  want: Want;
  symbol: ElfSymbol;
  addend: number;
}

export interface Dynamic {
  symbols: ElfSymbol[];
  relocations: Relocation[];
  init: number | undefined;
  fini: number | undefined;
  initArray: number[];
  finiArray: number[];
}

const wants: Record<number, Record<number, Want>> = {
  [machines.x86_64]: { 1: "address", 5: "copy", 6: "address", 7: "call", 18: "thread" },
  [machines.aarch64]: {
    257: "address",
    1024: "copy",
    1025: "address",
    1026: "call",
    1030: "thread",
  },
};

/** d_tag of what is used. */
const tags: Record<number, string> = {
  2: "PLTRELSZ",
  4: "HASH",
  5: "STRTAB",
  6: "SYMTAB",
  7: "RELA",
  8: "RELASZ",
  9: "RELAENT",
  11: "SYMENT",
  12: "INIT",
  13: "FINI",
  20: "PLTREL",
  23: "JMPREL",
  25: "INIT_ARRAY",
  26: "FINI_ARRAY",
  27: "INIT_ARRAYSZ",
  28: "FINI_ARRAYSZ",
};

/** Nothing to bind: DT_NEEDED, PLTGOT, STRSZ, DEBUG, GNU_HASH, VERSYM, VERDEF, VERDEFNUM. */
const ignoredTags = [1, 3, 10, 21, 0x6ffffef5, 0x6ffffff0, 0x6ffffffc, 0x6ffffffd];

const relocationBytes = 24;

/** The file offset of `length` bytes that a PT_LOAD puts at `address`. */
export function fileOffset(elf: Elf, address: number, length: number, what: string): number {
  for (const segment of elf.segments) {
    const at = address - segment.address;
    if (segment.type !== segmentTypes.load || at < 0 || at + length > segment.fileBytes) continue;
    return segment.offset + at;
  }
  throw new Error(`${elf.name}: ${what}: no segment holds ${length} bytes at ${hex(address)}`);
}

export function readDynamic(elf: Elf): Dynamic {
  const entries = readEntries(elf);
  const table = (tag: string, what: string, bytes: number): number =>
    fileOffset(elf, required(tag), bytes, what);
  const required = (tag: string): number => {
    const value = entries.get(tag);
    if (value === undefined) throw new Error(`${elf.name}: the dynamic section has no DT_${tag}`);
    return value;
  };
  const expect = (tag: string, wanted: number): void => {
    if (required(tag) === wanted) return;
    throw new Error(`${elf.name}: DT_${tag} is ${required(tag)}, not ${wanted}`);
  };
  expect("SYMENT", 24);
  expect("RELAENT", relocationBytes);
  expect("PLTREL", 7); // DT_RELA, not DT_REL
  // nchain, the second word of DT_HASH, is the number of symbols (gABI fig. 5-12)
  const count = elf.bytes.readUInt32LE(table("HASH", "hash table", 8) + 4);
  const strings = table("STRTAB", "names", 1);
  const symbols = readSymbols(elf, table("SYMTAB", "symbols", count * 24), count, strings);
  const relocations = [["RELA", "RELASZ"] as const, ["JMPREL", "PLTRELSZ"] as const].flatMap(
    ([tag, size]) => readRelocations(elf, symbols, table(tag, tag, required(size)), required(size)),
  );
  const array = (tag: string): number[] => {
    const bytes = entries.has(tag) ? required(`${tag}SZ`) : 0;
    const at = bytes ? table(tag, tag, bytes) : 0;
    return Array.from({ length: bytes / 8 }, (_, i) => u64(elf, at + i * 8, `${tag} ${i}`));
  };
  return {
    symbols,
    relocations,
    init: entries.get("INIT"),
    fini: entries.get("FINI"),
    initArray: array("INIT_ARRAY"),
    finiArray: array("FINI_ARRAY"),
  };
}

function readEntries(elf: Elf): Map<string, number> {
  const segment = oneSegment(elf, segmentTypes.dynamic, "PT_DYNAMIC");
  if (!segment) throw new Error(`${elf.name}: no PT_DYNAMIC: it is static already`);
  const entries = new Map<string, number>();
  for (let at = segment.offset; at < segment.offset + segment.fileBytes; at += 16) {
    const tag = u64(elf, at, "d_tag");
    if (tag === 0) break; // DT_NULL
    if (ignoredTags.includes(tag)) continue;
    const name = tags[tag];
    if (!name) throw new Error(`${elf.name}: unknown dynamic tag ${hex(tag)} at ${hex(at)}`);
    entries.set(name, u64(elf, at + 8, `DT_${name}`));
  }
  return entries;
}

function readRelocations(
  elf: Elf,
  symbols: ElfSymbol[],
  start: number,
  bytes: number,
): Relocation[] {
  return Array.from({ length: bytes / relocationBytes }, (_, index) => {
    const at = start + index * relocationBytes;
    const address = u64(elf, at, "r_offset");
    const type = elf.bytes.readUInt32LE(at + 8);
    const where = `relocation ${index} at offset ${hex(at)}, for ${hex(address)}`;
    const want = wants[elf.machine]?.[type];
    if (!want) throw new Error(`${elf.name}: ${where}: unknown type ${type}`);
    const number = elf.bytes.readUInt32LE(at + 12);
    const symbol = symbols[number];
    if (!symbol?.name) throw new Error(`${elf.name}: ${where}: symbol ${number} has no name`);
    return { address, want, symbol, addend: Number(elf.bytes.readBigInt64LE(at + 16)) };
  });
}

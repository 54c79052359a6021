/**
 * Reads the header and the program headers of an ELF-64 executable.
 *
 * Offsets and structure sizes are those of the generic ABI (gABI, chapters 4 and 5: `Elf64_Ehdr`,
 * `Elf64_Phdr`), little-endian. An offset counts bytes from the start
 * of the file, an address bytes of the process's memory. Addresses become JavaScript numbers:
 * one that does not fit exactly in 53 bits is refused.
 */
import { readFileSync } from "node:fs";

export const machines = { x86_64: 62, aarch64: 183 } as const; // e_machine
export type Arch = keyof typeof machines;

/** p_type, with the GNU extensions (gABI fig. 5-2; Linux Standard Base, core, 12.2). */
export const segmentTypes = {
  load: 1,
  dynamic: 2,
  interp: 3,
  note: 4,
  phdr: 6,
  tls: 7,
  ehFrame: 0x6474e550,
  stack: 0x6474e551,
} as const;

export interface Segment {
  type: number;
  /** PF_X = 1, PF_W = 2, PF_R = 4 */
  flags: number;
  offset: number;
  address: number;
  fileBytes: number;
  memoryBytes: number;
  align: number;
}

export interface Elf {
  /** what messages call it */
  name: string;
  bytes: Buffer;
  machine: number;
  entry: number;
  segments: Segment[];
}

const headerBytes = 64;
const programHeaderBytes = 56;
const typeExec = 2; // ET_EXEC: fixed addresses

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Throws unless `length` bytes at `offset` are inside the file. */
export function need(elf: Elf, offset: number, length: number, what: string): void {
  if (offset < 0 || length < 0 || offset + length > elf.bytes.length) {
    const end = `the file has ${elf.bytes.length} bytes`;
    throw new Error(`${elf.name}: ${what}: ${length} bytes at offset ${hex(offset)}, but ${end}`);
  }
}

export function u64(elf: Elf, offset: number, what: string): number {
  need(elf, offset, 8, what);
  const value = Number(elf.bytes.readBigUInt64LE(offset));
  if (Number.isSafeInteger(value)) return value;
  throw new Error(`${elf.name}: ${what} at offset ${hex(offset)} is beyond 53 bits`);
}

/** Reads an executable; refuses what is not ELF-64, little-endian, ET_EXEC, of a known machine. */
export function readElf(path: string, name: string = path): Elf {
  return parseElf(readFileSync(path), name);
}

export function parseElf(bytes: Buffer, name: string): Elf {
  const elf: Elf = { name, bytes, machine: 0, entry: 0, segments: [] };
  need(elf, 0, headerBytes, "ELF header");
  const refuse = (what: string): never => {
    throw new Error(`${name}: ${what}`);
  };
  if (bytes.readUInt32BE(0) !== 0x7f454c46) refuse("not an ELF file");
  if (bytes[4] !== 2) refuse(`EI_CLASS is ${bytes[4]}, not 2 (64-bit)`);
  if (bytes[5] !== 1) refuse(`EI_DATA is ${bytes[5]}, not 1 (little-endian)`);
  const type = bytes.readUInt16LE(16);
  if (type !== typeExec) refuse(`e_type is ${type}, not ${typeExec} (fixed addresses)`);
  elf.machine = bytes.readUInt16LE(18);
  if (!Object.values<number>(machines).includes(elf.machine)) {
    refuse(`e_machine is ${elf.machine}, not 62 (x86_64) or 183 (aarch64)`);
  }
  elf.entry = u64(elf, 24, "e_entry");
  const table = u64(elf, 32, "e_phoff");
  const size = bytes.readUInt16LE(54);
  if (size !== programHeaderBytes) refuse(`e_phentsize is ${size}, not ${programHeaderBytes}`);
  const count = bytes.readUInt16LE(56);
  need(elf, table, count * size, "program headers");
  for (let i = 0; i < count; i++) elf.segments.push(readSegment(elf, table + i * size, i));
  return elf;
}

function readSegment(elf: Elf, at: number, index: number): Segment {
  const what = `program header ${index}`;
  const segment: Segment = {
    type: elf.bytes.readUInt32LE(at),
    flags: elf.bytes.readUInt32LE(at + 4),
    offset: u64(elf, at + 8, what),
    address: u64(elf, at + 16, what),
    fileBytes: u64(elf, at + 32, what),
    memoryBytes: u64(elf, at + 40, what),
    align: u64(elf, at + 48, what),
  };
  need(elf, segment.offset, segment.fileBytes, what);
  return segment;
}

/** The only segment of a type, or undefined; two of them are refused. */
export function oneSegment(elf: Elf, type: number, what: string): Segment | undefined {
  const found = elf.segments.filter((segment) => segment.type === type);
  if (found.length > 1) throw new Error(`${elf.name}: ${found.length} ${what} segments, not one`);
  return found[0];
}

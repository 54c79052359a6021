/** Reads ELF-64 symbol tables (gABI, chapter 4: `Elf64_Sym`, 24 bytes; `Elf64_Shdr`, 64 bytes). */
import { type Elf, hex, need, u64 } from "./elf.ts";

export interface ElfSymbol {
  name: string;
  /** address; in a relocation's undefined symbol, that of its PLT entry or 0 */
  value: number;
  bytes: number;
  bind: "local" | "global" | "weak";
  /** STT_TLS is 6 */
  type: number;
  /** st_shndx; 0 is undefined */
  section: number;
}

const sectionHeaderBytes = 64;
const symbolBytes = 24;
const sectionSymtab = 2; // SHT_SYMTAB
/** st_info >> 4; STB_GNU_UNIQUE, 10, differs from global only under a dynamic linker. */
const binds = new Map<number, ElfSymbol["bind"]>([
  [0, "local"],
  [1, "global"],
  [2, "weak"],
  [10, "global"],
]);

/** Reads `count` symbols at `offset`, their names from the string table at `strings`. */
export function readSymbols(elf: Elf, offset: number, count: number, strings: number): ElfSymbol[] {
  need(elf, offset, count * symbolBytes, "symbol table");
  return Array.from({ length: count }, (_, index) => {
    const at = offset + index * symbolBytes;
    const info = elf.bytes.readUInt8(at + 4);
    const bind = binds.get(info >> 4);
    if (!bind) throw new Error(`${elf.name}: symbol ${index} has unknown binding ${info >> 4}`);
    return {
      name: readName(elf, strings + elf.bytes.readUInt32LE(at)),
      value: u64(elf, at + 8, `symbol ${index}`),
      bytes: u64(elf, at + 16, `symbol ${index}`),
      bind,
      type: info & 15,
      section: elf.bytes.readUInt16LE(at + 6),
    };
  });
}

function readName(elf: Elf, offset: number): string {
  need(elf, offset, 1, "symbol name");
  const end = elf.bytes.indexOf(0, offset);
  if (end < 0) throw new Error(`${elf.name}: the name at offset ${hex(offset)} does not end`);
  return elf.bytes.toString("latin1", offset, end);
}

/** The symbols of .symtab, as an executable has them before it is stripped; none if it has none. */
export function sectionSymbols(elf: Elf): ElfSymbol[] {
  const table = u64(elf, 40, "e_shoff");
  const count = elf.bytes.readUInt16LE(60);
  need(elf, table, count * sectionHeaderBytes, "section headers");
  for (let i = 0; i < count; i++) {
    const at = table + i * sectionHeaderBytes;
    if (elf.bytes.readUInt32LE(at + 4) !== sectionSymtab) continue;
    const strings = table + elf.bytes.readUInt32LE(at + 40) * sectionHeaderBytes;
    const bytes = u64(elf, at + 32, ".symtab size");
    const names = u64(elf, strings + 24, ".strtab offset");
    return readSymbols(elf, u64(elf, at + 24, ".symtab offset"), bytes / symbolBytes, names);
  }
  return [];
}

/**
 * Decides what the static link must do for a dynamically linked Bun executable: which bytes go
 * where, and what is to be bound to which slot. Whatever it does not know is refused.
 */

import {
  type Arch,
  type Elf,
  hex,
  machines,
  oneSegment,
  type Segment,
  segmentTypes,
} from "./elf.ts";
import { type Relocation, readDynamic } from "./elf-dynamic.ts";

/** Eight bytes that the linker fills with the value of an assembler expression. */
export interface Slot {
  address: number;
  expression: string;
}

/** Something at `address` that the start-up code fills from a symbol. */
export interface Late {
  address: number;
  symbol: string;
  bytes: number;
}

export interface Plan {
  arch: Arch;
  entry: number;
  /** the size of new threads' stacks, which musl takes from PT_GNU_STACK */
  stackBytes: number;
  pageBytes: number;
  /** read-only, executable, writable: in this order, each at its own address */
  loads: [Segment, Segment, Segment];
  tls: Segment;
  /** by ascending address, all in the writable segment */
  slots: Slot[];
  copies: Late[];
  /** slots for a symbol's distance from the thread pointer */
  threads: Late[];
  /** names that are to mean an address inside Bun */
  shared: Map<string, number>;
  weak: Set<string>;
  initArray: number[];
  finiArray: number[];
}

/** A variable that must exist once, so that libc shall use Bun's: all of musl's names for it. */
const sharedNames = ["environ", "_environ", "__environ", "___environ"];
/** Constants, or constant by the time the constructors run: a copy is as good. */
const copiedNames = /^(stdin|stdout|stderr|__stack_chk_guard|_ZTVN10__cxxabiv1\w+)$/;

const { load, dynamic, interp, note, phdr, tls, ehFrame, stack } = segmentTypes;
const knownTypes = new Set<number>([load, dynamic, interp, note, phdr, tls, ehFrame, stack]);
const loadFlags = [4, 5, 6]; // R, R+X, R+W

export function makePlan(elf: Elf, arch: Arch): Plan {
  if (elf.machine !== machines[arch]) {
    throw new Error(`${elf.name}: e_machine is ${elf.machine}, not ${machines[arch]} (${arch})`);
  }
  const loads = checkSegments(elf);
  const found = readDynamic(elf);
  const plan: Plan = {
    arch,
    entry: elf.entry,
    stackBytes: theSegment(elf, stack, "PT_GNU_STACK").memoryBytes,
    pageBytes: loads[0].align,
    loads,
    tls: theSegment(elf, tls, "PT_TLS"),
    slots: [],
    copies: [],
    threads: [],
    shared: new Map(),
    weak: new Set(),
    initArray: [found.init, ...found.initArray].filter((address) => address !== undefined),
    // called from the last to the first
    finiArray: [found.fini, ...found.finiArray].filter((address) => address !== undefined),
  };
  for (const address of [...plan.initArray, ...plan.finiArray]) inside(elf, loads[1], address, 1);
  for (const relocation of found.relocations) place(elf, plan, relocation);
  plan.slots.sort((a, b) => a.address - b.address);
  for (const [index, slot] of plan.slots.entries()) {
    const next = plan.slots[index + 1];
    if (!next || slot.address + 8 <= next.address) continue;
    throw new Error(`${elf.name}: two relocations for ${hex(next.address)}`);
  }
  return plan;
}

function checkSegments(elf: Elf): Plan["loads"] {
  for (const [index, segment] of elf.segments.entries()) {
    if (knownTypes.has(segment.type)) continue;
    throw new Error(`${elf.name}: program header ${index}: unexpected type ${hex(segment.type)}`);
  }
  const loads = elf.segments.filter((segment) => segment.type === load);
  const flags = loads.map((segment) => segment.flags);
  if (flags.join() !== loadFlags.join()) {
    throw new Error(`${elf.name}: PT_LOAD flags are ${flags}, not ${loadFlags} (R, RX, RW)`);
  }
  const [first, code, data] = loads as Plan["loads"];
  for (const { align, address } of [code, data]) {
    if (align === first.align) continue;
    throw new Error(`${elf.name}: PT_LOAD at ${hex(address)}: alignment ${hex(align)}`);
  }
  theSegment(elf, interp, "PT_INTERP");
  return [first, code, data];
}

function theSegment(elf: Elf, type: number, what: string): Segment {
  const segment = oneSegment(elf, type, what);
  if (!segment) throw new Error(`${elf.name}: no ${what} segment`);
  return segment;
}

function inside(elf: Elf, segment: Segment, address: number, bytes: number): void {
  const at = address - segment.address;
  if (at >= 0 && at + bytes <= segment.memoryBytes) return;
  throw new Error(`${elf.name}: ${hex(address)} is not in the segment at ${hex(segment.address)}`);
}

function place(elf: Elf, plan: Plan, relocation: Relocation): void {
  const { address, want, symbol, addend } = relocation;
  const { name, bytes } = symbol;
  const where = `${elf.name}: relocation for ${hex(address)} of ${name}`;
  if (!/^\w+$/.test(name)) throw new Error(`${where}: a name that the assembler may not take`);
  if (symbol.bind === "local") throw new Error(`${where}: a local symbol`);
  inside(elf, plan.loads[2], address, want === "copy" ? bytes : 8);
  if (want !== "address" && addend !== 0) throw new Error(`${where}: addend ${addend}, not 0`);
  if (want === "thread") {
    plan.threads.push({ address, symbol: name, bytes: 8 });
  } else if (want === "copy" && sharedNames.includes(name)) {
    for (const alias of sharedNames) plan.shared.set(alias, address);
  } else if (want === "copy") {
    if (!copiedNames.test(name)) throw new Error(`${where}: not known to be safe to copy`);
    plan.copies.push({ address, symbol: name, bytes });
  } else if (symbol.section !== 0 || (want === "address" && symbol.value !== 0)) {
    // Bun's own, or the PLT entry that stands for a function's address in all of Bun
    plan.slots.push({ address, expression: hex(symbol.value + addend) });
  } else {
    if (symbol.bind === "weak") plan.weak.add(name);
    plan.slots.push({ address, expression: addend ? `${name}+${addend}` : name });
  }
}

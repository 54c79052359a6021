/**
 * Checks a linked executable against the one it was made from, without trusting the linker: it
 * must need nothing to start, and Bun's bytes must be what they were but for the filled slots.
 */

import { type Arch, type Elf, hex, oneSegment, type Segment, segmentTypes, u64 } from "./elf.ts";
import { fileOffset } from "./elf-dynamic.ts";
import { sectionSymbols } from "./elf-symbols.ts";
import type { Late, Plan } from "./plan.ts";

/**
 * Weak names that may stay undefined, as they do when Bun runs dynamically on musl: hooks for
 * transactional memory and for zstd's tracing, and a function that only glibc has.
 */
const optional = /^(_ITM_\w+|ZSTD_trace_\w+|__cxa_thread_atexit_impl)$/;

const { load, dynamic, interp, stack, tls } = segmentTypes;

export function checkLinked(linked: Elf, original: Elf, plan: Plan): void {
  const refuse = (what: string): never => {
    throw new Error(`${linked.name}: ${what}`);
  };
  if (linked.machine !== original.machine) refuse(`e_machine is ${linked.machine}`);
  if (linked.entry !== plan.entry) refuse(`entry is ${hex(linked.entry)}, not ${hex(plan.entry)}`);
  if (oneSegment(linked, interp, "PT_INTERP")) refuse("it has a PT_INTERP: not static");
  if (oneSegment(linked, dynamic, "PT_DYNAMIC")) refuse("it has a PT_DYNAMIC: not static");
  const stackBytes = oneSegment(linked, stack, "PT_GNU_STACK")?.memoryBytes;
  if (stackBytes !== plan.stackBytes) refuse(`the stack size is ${stackBytes}`);
  checkLoads(linked, original, plan);
  checkSlots(linked, plan);
  checkThreadLocals(linked, original, plan);
}

/**
 * Before it is stripped: no name is undefined, what is copied has the size that Bun expects, and
 * no name that Bun exports has two meanings.
 */
export function checkSymbols(linked: Elf, exported: Set<string>, copies: Late[]): void {
  const symbols = sectionSymbols(linked);
  if (symbols.length === 0) throw new Error(`${linked.name}: no symbols to check`);
  for (const { name, section, bind, bytes } of symbols) {
    if (name && section === 0) {
      throw new Error(`${linked.name}: ${name} is undefined`);
    }
    const wanted = copies.find((copy) => copy.symbol === name)?.bytes ?? bytes;
    if (section !== 0 && bytes !== wanted) {
      throw new Error(`${linked.name}: ${name} has ${bytes} bytes, but Bun wants ${wanted}`);
    }
    // the dynamic linker would have let Bun's take the library's place
    if (section !== 0 && bind !== "local" && exported.has(name)) {
      throw new Error(`${linked.name}: ${name} is Bun's and a library's`);
    }
  }
}

function checkLoads(linked: Elf, original: Elf, plan: Plan): void {
  const loads = linked.segments.filter((segment) => segment.type === load);
  const flags = loads.map((segment) => segment.flags).join();
  if (flags !== "4,5,6,4,5,6") throw new Error(`${linked.name}: PT_LOAD flags are ${flags}`);
  const slots = plan.slots.map((slot) => slot.address);
  for (const [index, wanted] of plan.loads.entries()) {
    const found = loads[index + 3] as Segment;
    if (found.address !== wanted.address || found.memoryBytes !== wanted.memoryBytes) {
      const what = `${hex(found.memoryBytes)} bytes at ${hex(found.address)}`;
      throw new Error(`${linked.name}: ${what} where Bun has ${hex(wanted.address)}`);
    }
    let from = wanted.address;
    for (const slot of [...(index === 2 ? slots : []), wanted.address + wanted.fileBytes]) {
      const same = (elf: Elf, segment: Segment): Buffer => {
        const start = segment.offset - segment.address;
        return elf.bytes.subarray(start + from, start + slot);
      };
      if (!same(linked, found).equals(same(original, wanted))) {
        throw new Error(`${linked.name}: bytes differ between ${hex(from)} and ${hex(slot)}`);
      }
      from = slot + 8;
    }
  }
}

/** Every slot is filled, but for weak names that are known to be optional. */
function checkSlots(linked: Elf, plan: Plan): void {
  for (const { address, expression } of plan.slots) {
    const value = u64(linked, fileOffset(linked, address, 8, expression), expression);
    if (value !== 0 || (plan.weak.has(expression) && optional.test(expression))) continue;
    throw new Error(`${linked.name}: the slot of ${expression} at ${hex(address)} is empty`);
  }
}

/** Bun's thread-locals: same initial bytes, same distance from the thread pointer. */
function checkThreadLocals(linked: Elf, original: Elf, plan: Plan): void {
  const segment = oneSegment(linked, tls, "PT_TLS");
  if (!segment) throw new Error(`${linked.name}: no PT_TLS`);
  const skipped = plan.arch === "x86_64" ? segment.fileBytes - plan.tls.memoryBytes : 0;
  const at = segment.offset + skipped;
  const image = linked.bytes.subarray(at, at + plan.tls.fileBytes);
  const { offset, fileBytes } = plan.tls;
  if (!image.equals(original.bytes.subarray(offset, offset + fileBytes))) {
    throw new Error(`${linked.name}: Bun's thread-locals are not where they should be`);
  }
  const found = threadOffset(plan.arch, segment) + skipped;
  const wanted = threadOffset(plan.arch, plan.tls);
  if (found !== wanted) {
    throw new Error(`${linked.name}: Bun's thread-locals are at ${found}, not at ${wanted}`);
  }
}

/**
 * Where a block starts, in bytes from the thread pointer, congruent to its address modulo its
 * alignment: below it on x86_64, above it and a 16-byte header on aarch64 (musl's __init_tls.c).
 */
function threadOffset(arch: Arch, { address, memoryBytes, align }: Segment): number {
  const up = (value: number): number => ((value % align) + align) % align;
  return arch === "x86_64" ? -(memoryBytes + up(-memoryBytes - address)) : 16 + up(address - 16);
}

/**
 * Writes the assembler file that holds Bun, byte for byte, as sections: the linker fills in what
 * the dynamic linker would have bound. GNU as syntax.
 */
import { aliasCode } from "./aliases.ts";
import { type Arch, hex, type Segment } from "./elf.ts";
import type { Late, Plan } from "./plan.ts";

/** `input` is the executable's path as the assembler is to open it. */
export function assemblerFile(plan: Plan, input: string): string {
  const [readOnly, code, data] = plan.loads;
  return [
    section(".bun.load0", "a"),
    ...contents(input, readOnly, []),
    section(".bun.load1", "ax"),
    ...contents(input, code, []),
    section(".bun.load2", "aw"),
    ...contents(input, data, plan.slots),
    // a second copy of the initial image, beside the libraries' thread-locals: see script.ts
    section(".bun.tls", "awT"),
    `.balign ${plan.tls.align}`,
    ...contents(input, plan.tls, []),
    section(".bun.init_array", "aw"),
    ...plan.initArray.map(quad),
    section(".bun.fini_array", "aw"),
    ...plan.finiArray.map(quad),
    ...[...plan.weak].map((name) => `.weak ${name}`),
    ...[...plan.shared].map(([name, address]) => `.global ${name}\n.set ${name}, ${hex(address)}`),
    ...copyTable(plan.copies),
    ...threadCode(plan.arch, plan.threads),
    ...aliasCode(plan.arch),
    '.section .note.GNU-stack,"",%progbits', // no executable stack
    "",
  ].join("\n");
}

function section(name: string, flags: string): string {
  return `.section ${name},"${flags}",%progbits`;
}

function quad(value: number): string {
  return `.quad ${hex(value)}`;
}

/** The segment's bytes, with an expression in place of each slot's eight. */
function contents(input: string, segment: Segment, slots: Plan["slots"]): string[] {
  const lines: string[] = [];
  const { offset, address, fileBytes, memoryBytes } = segment;
  let done = 0;
  const copyTo = (end: number): void => {
    if (end > done) lines.push(`.incbin "${input}", ${offset + done}, ${end - done}`);
    done = end;
  };
  for (const slot of slots) {
    copyTo(slot.address - address);
    lines.push(`.quad ${slot.expression}`);
    done += 8;
  }
  copyTo(fileBytes);
  if (memoryBytes > fileBytes) lines.push(`.zero ${memoryBytes - fileBytes}`);
  return lines;
}

/** `struct copy relink_copies[]` of start.c: to, from, bytes; all zero at the end. */
function copyTable(copies: Late[]): string[] {
  return [
    section(".rodata.relink_copies", "a"),
    ".balign 8",
    ".global relink_copies",
    "relink_copies:",
    ...copies.map(({ address, symbol, bytes }) => `.quad ${hex(address)}, ${symbol}, ${bytes}`),
    ".quad 0, 0, 0",
  ];
}

/**
 * `void relink_bind_threads(void)` of start.c: stores each symbol's distance from the thread
 * pointer. As code, since aarch64 has no data relocation for it that ld resolves statically.
 */
function threadCode(arch: Arch, threads: Late[]): string[] {
  const store: Record<Arch, (late: Late) => string[]> = {
    x86_64: ({ address, symbol }) => [`movq $${symbol}@tpoff, ${hex(address)}`],
    aarch64: ({ address, symbol }) => [
      `movz x0, #:tprel_g1:${symbol}`,
      `movk x0, #:tprel_g0_nc:${symbol}`,
      `ldr x1, =${hex(address)}`,
      "str x0, [x1]",
    ],
  };
  return [
    section(".text.relink_bind_threads", "ax"),
    ".balign 4",
    ".global relink_bind_threads",
    "relink_bind_threads:",
    ...threads.flatMap(store[arch]),
    "ret",
  ];
}

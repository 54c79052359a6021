/**
 * Writes the linker script: Bun's segments at their own addresses, and below them, from 64 KiB
 * up, the parts of libc, libstdc++ and libgcc that it uses. GNU ld syntax.
 *
 * - The program headers are in the first PT_LOAD, where the kernel looks for them (AT_PHDR), hence
 *   the libraries below Bun. 64 KiB is the lowest address that vm.mmap_min_addr commonly allows.
 * - Segments are left to ld, for where a script names them it ignores the stack size it is given;
 *   check.ts checks that they are as they should be.
 * - Bun's code holds its thread-locals' distances from the thread pointer as constants. x86_64
 *   ends the block at the thread pointer (psABI variant II), so Bun's go last; aarch64 starts it
 *   16 bytes above (variant I), so Bun's go first.
 *   The QUAD(0) is there because ld warns where an output section begins with .tbss.
 * - .bss becomes zeros in the file: loaders differ in what they do with one in a middle segment.
 * - ld is told to refuse any section not named here.
 */
import { hex } from "./elf.ts";
import type { Plan } from "./plan.ts";

const lowestAddress = 0x10000;

export function linkerScript(plan: Plan): string {
  const libraryTls = "QUAD(0) *(.tdata .tdata.* .tbss .tbss.*)";
  const bunTls = "KEEP(*(.bun.tls))";
  const align = `. = ALIGN(${plan.tls.align});`;
  const tls =
    plan.arch === "x86_64" ? `${libraryTls} ${align} ${bunTls}` : `${bunTls} ${libraryTls}`;
  const bun = plan.loads.map(
    ({ address }, i) => `  .bun.load${i} ${hex(address)} : { KEEP(*(.bun.load${i})) }`,
  );
  return `SECTIONS {
  . = ${hex(lowestAddress)} + SIZEOF_HEADERS;
  .rodata : {
    *(.rodata .rodata.* .gcc_except_table .gcc_except_table.* .stapsdt.base)
  }
  .rela : { *(.rela.*) }
  .eh_frame_hdr : { *(.eh_frame_hdr) }
  .eh_frame : { KEEP(*(.eh_frame)) }
  . = ALIGN(${hex(plan.pageBytes)});
  .text : { *(.text .text.* .iplt) }
  . = ALIGN(${hex(plan.pageBytes)});
  .tdata : { ${tls} }
  .init_array : {
    PROVIDE_HIDDEN(__init_array_start = .);
    KEEP(*(.relink.first))
    KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*))) KEEP(*(.init_array))
    KEEP(*(.bun.init_array))
    PROVIDE_HIDDEN(__init_array_end = .);
  }
  .fini_array : {
    PROVIDE_HIDDEN(__fini_array_start = .);
    KEEP(*(.fini_array)) KEEP(*(SORT_BY_INIT_PRIORITY(.fini_array.*)))
    KEEP(*(.bun.fini_array))
    PROVIDE_HIDDEN(__fini_array_end = .);
  }
  .data : {
    *(.data.rel.ro .data.rel.ro.* .got .got.plt .igot.plt .data .data.*)
    *(.bss .bss.* COMMON)
    . = ALIGN(8);
    BYTE(0)
  }
${bun.join("\n")}
  ASSERT(SIZEOF(.rela) == 0, "relocations are left that only a dynamic linker applies")
  /DISCARD/ : { *(.comment .note .note.* .debug_* .gnu.warning.*) }
}
`;
}

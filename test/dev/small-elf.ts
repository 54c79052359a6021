/**
 * Makes a small dynamically linked executable with everything that Bun's has: three segments at
 * fixed addresses, each kind of relocation, thread-locals, constructors. It writes "ok", calls
 * `extra` if one is given, and exits with 42, the value of a thread-local.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/dev/static/run.ts";

export function smallElf(extra = "write"): Buffer {
  const work = mkdtempSync(join(tmpdir(), "small-"));
  try {
    writeFileSync(join(work, "small.s"), source(extra));
    writeFileSync(join(work, "small.ld"), script);
    // a library with the names of libc's that the program wants, to be linked against only
    writeFileSync(join(work, "libc.s"), library(extra));
    run("as", ["-o", "libc.o", "libc.s"], work);
    run("ld", ["-shared", "-soname", "libc.so", "-o", "libc.so", "libc.o"], work);
    run("as", ["-o", "small.o", "small.s"], work);
    const flags = ["-T", "small.ld", "--hash-style=sysv", "-z", "norelro"];
    const interpreter = ["--dynamic-linker", "/lib/ld-musl-x86_64.so.1"];
    run("ld", [...flags, ...interpreter, "-o", "small", "small.o", "libc.so"], work);
    return readFileSync(join(work, "small"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const library = (extra: string): string => `
.macro function name
.global \\name
.type \\name, @function
\\name: ret
.endm
function write
function __libc_start_main
.ifnc "${extra}", "write"
function ${extra}
.endif
.data
.macro object name
.global \\name
.type \\name, @object
.size \\name, 8
\\name: .quad 0
.endm
object stdout
object environ
`;

const source = (extra: string): string => `
.global _start
.text
_start:
  xor %ebp, %ebp
  mov (%rsp), %rsi
  lea 8(%rsp), %rdx
  mov $main, %rdi
  and $-16, %rsp
  call __libc_start_main@plt
  hlt
main:                            # every value is used: exit status 1 if one is missing
  push %rbx
  mov $1, %ebx
  cmpq $0, stdout
  je 1f
  cmpq $0, environ
  je 1f
  cmpq $7, constructed
  jne 1f
  mov $1, %edi
  mov $text, %esi
  mov $3, %edx
  call *pointer
  mov $1, %edi
  xor %edx, %edx
  call ${extra}@plt
  mov %fs:answer@tpoff, %ebx
1: mov %ebx, %eax
  pop %rbx
  ret
construct:
  movq $7, constructed
  ret
.section .rodata
text: .ascii "ok\\n"
.data
pointer: .quad write
constructed: .quad 0
.weak absent
.quad absent
.section .tdata,"awT"
answer: .quad 42
.section .init_array,"aw"
.quad construct
.section .note.GNU-stack,"",@progbits
`;

const script = `
ENTRY(_start)
PHDRS {
  headers PT_PHDR PHDRS;
  interp PT_INTERP;
  r PT_LOAD FILEHDR PHDRS FLAGS(4);
  x PT_LOAD FLAGS(5);
  w PT_LOAD FLAGS(6);
  tls PT_TLS;
  dynamic PT_DYNAMIC;
  stack PT_GNU_STACK FLAGS(6);
}
SECTIONS {
  . = 0x200000 + SIZEOF_HEADERS;
  .interp : { *(.interp) } :r :interp
  .hash : { *(.hash) } :r
  .dynsym : { *(.dynsym) } :r
  .dynstr : { *(.dynstr) } :r
  .rela.dyn : { *(.rela.dyn .rela.got .rela.data .rela.bss .rela.copy) } :r
  .rela.plt : { *(.rela.plt) } :r
  .rodata : { *(.rodata) } :r
  . = 0x201000;
  .plt : { *(.plt) } :x
  .text : { *(.text) } :x
  . = 0x202000;
  .tdata : { *(.tdata) } :w :tls
  .init_array : { *(.init_array) } :w
  .dynamic : { *(.dynamic) } :w :dynamic
  .data : { *(.got .got.plt .data) } :w
  .bss : { *(.dynbss .bss) } :w
}
`;

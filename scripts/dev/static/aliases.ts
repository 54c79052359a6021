/**
 * Names under which GCC's libraries, built against glibc, ask for functions that musl has under
 * its own names. Whole families are listed, not only what one release happened to ask for. Each
 * alias is a jump in a section of its own: the linker drops the unused ones. All are weak: a
 * libc that has the name itself goes first.
 */
import type { Arch } from "./elf.ts";

/** glibc 2.38 on: C23's forms, which differ only in that they also read binary numbers. */
const c23 = [
  ...["strtol", "strtoul", "strtoll", "strtoull", "strtoimax", "strtoumax"],
  ...["wcstol", "wcstoul", "wcstoll", "wcstoull", "wcstoimax", "wcstoumax"],
  ...["scanf", "fscanf", "sscanf", "vscanf", "vfscanf", "vsscanf"],
  ...["wscanf", "fwscanf", "swscanf", "vwscanf", "vfwscanf", "vswscanf"],
];

/** Files beyond 2 GiB, which 64-bit systems always have. musl dropped these aliases in 1.2.4. */
const large = [
  ...["fopen", "freopen", "tmpfile", "fseeko", "ftello", "fgetpos", "fsetpos"],
  ...["open", "openat", "creat", "lseek", "pread", "pwrite", "preadv", "pwritev"],
  ...["stat", "fstat", "lstat", "fstatat", "statfs", "fstatfs", "statvfs", "fstatvfs"],
  ...["truncate", "ftruncate", "fallocate", "posix_fallocate", "posix_fadvise", "lockf"],
  ...["readdir", "scandir", "alphasort", "versionsort", "glob", "globfree", "ftw", "nftw"],
  ...["mkstemp", "mkostemp", "mkstemps", "mkostemps", "mmap", "sendfile"],
  ...["getrlimit", "setrlimit", "prlimit"],
];

/**
 * _FORTIFY_SOURCE: the buffer's size comes as one more argument at the end. The check is lost,
 * as it is in every program that is built on musl. Those with it in another place are in gaps.c.
 */
const fortified = [
  ...["memcpy", "memmove", "memset", "mempcpy", "strcpy", "strncpy", "strcat", "strncat"],
  ...["stpcpy", "stpncpy", "wmemcpy", "wmemmove", "wmemset", "wcscpy", "wcsncpy", "wcscat"],
  ...["read", "pread", "readlink", "readlinkat", "realpath", "getcwd"],
  ...["gethostname", "poll", "ppoll", "mbstowcs", "wcstombs", "mbsrtowcs", "wcsrtombs"],
];

/** From the name that is asked for to musl's. */
export const aliases = new Map([
  ...c23.map((name): [string, string] => [`__isoc23_${name}`, name]),
  ...large.map((name): [string, string] => [`${name}64`, name]),
  ...fortified.map((name): [string, string] => [`__${name}_chk`, name]),
]);

export function aliasCode(arch: Arch): string[] {
  const jump = arch === "x86_64" ? "jmp" : "b";
  return [...aliases].flatMap(([alias, name]) => [
    `.section .text.${alias},"ax",%progbits`,
    `.weak ${alias}`,
    `.type ${alias}, %function`,
    `${alias}: ${jump} ${name}`,
  ]);
}

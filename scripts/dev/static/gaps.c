/*
 * What GCC's libraries ask for and musl does not have under any name, most of it glibc's. Names
 * that only differ are in aliases.ts. The link fails on any other undefined name.
 */
#define _DEFAULT_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* "Are there no other threads yet?" Never claim it: the answer only saves atomic operations. */
char __libc_single_threaded = 0;

/* In a program's crtbegin.o, which is not linked: Bun has its own inside. */
__attribute__((visibility("hidden"))) void *__dso_handle = NULL;

/* getenv for programs that trust their environment. This one does not. */
char *secure_getenv(const char *name)
{
	(void)name;
	return NULL;
}

/* For std::random_device and, since GCC 16, waiting on atomics. glibc's never fails either. */
uint32_t arc4random(void)
{
	uint32_t number;
	if (getentropy(&number, sizeof number))
		__builtin_trap();
	return number;
}

/* glibc's fast search for unwind tables. -1: not found here, use dl_iterate_phdr. */
int _dl_find_object(void *address, void *result)
{
	(void)address;
	(void)result;
	return -1;
}

/* 128-bit floating point as text, which no part of Bun reads or writes: stop at once. */
void strtof128(void) { __builtin_trap(); }
void strfromf128(void) { __builtin_trap(); }

/* _FORTIFY_SOURCE's with arguments in the middle: a flag, and for a buffer its size. */
int __vsnprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, va_list rest)
{
	(void)flag;
	if (n > size)
		__builtin_trap();
	return vsnprintf(to, n, format, rest);
}

int __snprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, ...)
{
	va_list rest;
	va_start(rest, format);
	int length = __vsnprintf_chk(to, n, flag, size, format, rest);
	va_end(rest);
	return length;
}

int __sprintf_chk(char *to, int flag, size_t size, const char *format, ...)
{
	va_list rest;
	va_start(rest, format);
	size_t n = size > INT32_MAX ? INT32_MAX : size;
	int length = __vsnprintf_chk(to, n, flag, size, format, rest);
	va_end(rest);
	if (length >= 0 && (size_t)length >= size)
		__builtin_trap();
	return length;
}

int __vfprintf_chk(FILE *file, int flag, const char *format, va_list rest)
{
	(void)flag;
	return vfprintf(file, format, rest);
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list rest;
	va_start(rest, format);
	int length = __vfprintf_chk(file, flag, format, rest);
	va_end(rest);
	return length;
}

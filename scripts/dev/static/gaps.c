/*
 * What libstdc++.a and libgcc_eh.a ask for and musl does not have, most of it glibc's.
 * The link fails on any other undefined name.
 */
#include <stddef.h>

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

/* For std::random_device, which Bun does not use. No weak stand-in: stop at once. */
unsigned arc4random(void)
{
	__builtin_trap();
}

/* glibc's fast search for unwind tables. -1: not found here, use dl_iterate_phdr. */
int _dl_find_object(void *address, void *result)
{
	(void)address;
	(void)result;
	return -1;
}

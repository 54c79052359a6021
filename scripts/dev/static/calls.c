/*
 * Calls of the C library that mean more here than in musl: ld binds what is written __wrap_NAME in
 * place of NAME (link.ts has the list).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

char *__real_getcwd(char *buffer, size_t bytes);
char *__wrap_getcwd(char *buffer, size_t bytes);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);

/* The N of /proc/self/fd/N, or -1. */
static int descriptor_in(const char *path)
{
	static const char folder[] = "/proc/self/fd/";
	if (strncmp(path, folder, sizeof folder - 1))
		return -1;
	const char *digits = path + sizeof folder - 1;
	int number = 0;
	for (; *digits >= '0' && *digits <= '9' && number < 100000000; digits++)
		number = number * 10 + (*digits - '0');
	return digits == path + sizeof folder - 1 || *digits ? -1 : number;
}

/*
 * link("/proc/self/fd/N", name) gives a name to a file that has none yet (O_TMPFILE), as open(2) has
 * it. The runtime knows only link(2), which would link the symbolic link itself. The first way needs
 * no /proc, but CAP_DAC_READ_SEARCH before Linux 6.10; the second needs /proc, and no right.
 */
int __wrap_link(const char *from, const char *to)
{
	int descriptor = descriptor_in(from);
	if (descriptor < 0)
		return __real_link(from, to);
	if (!linkat(descriptor, "", AT_FDCWD, to, AT_EMPTY_PATH))
		return 0;
	if (errno != ENOENT && errno != EPERM && errno != EINVAL)
		return -1;
	return linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

/*
 * A working directory that was deleted or unmounted has no name, and the runtime would end there and
 * then. It needs none: the kernel itself finds what is named from there, or says that it is gone.
 */
char *__wrap_getcwd(char *buffer, size_t bytes)
{
	char *name = __real_getcwd(buffer, bytes);
	if (name || errno != ENOENT || !buffer || bytes < 2)
		return name;
	return strcpy(buffer, "/");
}

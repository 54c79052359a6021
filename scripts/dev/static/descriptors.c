/*
 * Standard descriptors that are closed. The runtime would open /dev/null in their place, so that all
 * output is lost with exit status 0 and no input looks like an empty one; and if it did not, the next
 * file to be opened would become stdout. The wrong end of a pipe takes the place: writing to
 * it, or reading from it, fails with EBADF, as on a closed descriptor, and it needs no file.
 */
#define _GNU_SOURCE
#include <fcntl.h>

#include "start.h"

void fill_closed_descriptors(void)
{
	int closed[3], any = 0;
	for (int i = 0; i < 3; i++)
		any |= closed[i] = raw(SYS_fcntl, i, F_GETFD, 0) < 0;
	if (!any)
		return;
	int ends[2];
	long clear[2] = { -1, -1 }; /* the same two, but neither of them 0, 1 or 2 */
	if (raw(SYS_pipe2, ends, 0, 0) == 0) {
		for (int i = 0; i < 2; i++)
			clear[i] = raw(SYS_fcntl, ends[i], F_DUPFD, 3);
		for (int i = 0; i < 2; i++)
			raw(SYS_close, ends[i], 0, 0);
	}
	if (clear[0] < 0 || clear[1] < 0)
		refuse("too few file descriptors (ulimit -n)");
	for (int i = 0; i < 3; i++)
		if (closed[i])
			raw(SYS_dup3, clear[i == 0], i, 0);
	for (int i = 0; i < 2; i++)
		raw(SYS_close, clear[i], 0, 0);
}

/* Far more than the runtime takes before JavaScript opens its first file: without them it dies. */
enum { wanted = 8 };

void check_descriptors(void)
{
	long got[wanted];
	int count = 0;
	while (count < wanted && (got[count] = raw(SYS_fcntl, 0, F_DUPFD_CLOEXEC, 3)) >= 0)
		count++;
	for (int i = 0; i < count; i++)
		raw(SYS_close, got[i], 0, 0);
	if (count < wanted)
		refuse("too few file descriptors (ulimit -n)");
}

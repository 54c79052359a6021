/*
 * Closes the process: to core files and swap here, to debuggers and the environment in start.c.
 * Hardening never fails the program: a kernel or sandbox that refuses a call leaves the process as
 * open as it was.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/resource.h>

#include "start.h"

#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4 /* Linux 4.4 */
#endif

/*
 * Locks all memory, as it is touched. With a finite limit, later mappings could fail, so it is done
 * only where no limit holds: there is none, or the kernel exempts us. It does so when CAP_IPC_LOCK
 * is held in the first user namespace; a container's root may have only its own namespace's. The
 * kernel's own test tells them apart: with a limit of 0, nobody else may lock a page.
 */
static void lock_memory(void)
{
	static char page[1];
	struct rlimit limit, none;
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	if (limit.rlim_cur != RLIM_INFINITY) {
		none = (struct rlimit){ 0, limit.rlim_max };
		if (setrlimit(RLIMIT_MEMLOCK, &none))
			return;
		int exempt = !mlock(page, sizeof page);
		setrlimit(RLIMIT_MEMLOCK, &limit);
		if (!exempt)
			return;
	}
	mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

void harden(void)
{
	/* A core_pattern that is a pipe ignores the limit, but not PR_SET_DUMPABLE. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	lock_memory();
}

/*
 * Start-up code of the static executables. musl calls relink_start before any other constructor,
 * so before any of the runtime's code and long before the first line of JavaScript.
 *
 * It finishes what the linker could not do (bytes that Bun expects to find copied, distances from
 * the thread pointer), and then, when compiled with -DHARDEN=1, closes the process: to debuggers,
 * core files, swap and the environment. Hardening never fails the program: a kernel or sandbox
 * that refuses a call leaves the process as open as it was.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct copy {
	void *to;
	const void *from;
	size_t bytes;
};

extern const struct copy relink_copies[]; /* ends with to == 0; made by assemble.ts */
void relink_bind_threads(void);           /* likewise */

#if HARDEN

#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4 /* Linux 4.4 */
#endif

/*
 * The only variables that stay. The runtime obeys well over a hundred (BUN_*, NODE_*, JSC_*, the
 * allocators', TMPDIR, SSL_CERT_FILE, HOME for a global bunfig.toml, ...), some of them run code,
 * and every release adds some, so a list of what to drop would never be complete. These four only
 * concern how text looks on a terminal.
 */
static const char *const kept[] = { "TERM=", "COLUMNS=", "LINES=", "NO_COLOR=" };

/*
 * And the one that is set: JavaScript is interpreted. No compiler adds branches to code that has
 * none, no memory is both writable and executable, and a short command takes half the time.
 */
static char interpret[] = "BUN_JSC_useJIT=0";

static int is_kept(const char *entry)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (!strncmp(entry, kept[i], strlen(kept[i])))
			return 1;
	return 0;
}

/*
 * In place, because main's third argument is the same array. It has no room for what was not there:
 * where the environment is empty to begin with, the compiler stays on.
 */
static void replace_environment(void)
{
	size_t all = 0, some = 0;
	for (; environ[all]; all++)
		if (is_kept(environ[all]))
			environ[some++] = environ[all];
	if (all == 0)
		return;
	if (some == all)
		some--;
	memmove(environ + 1, environ, some * sizeof *environ);
	environ[0] = interpret;
	memset(environ + 1 + some, 0, (all - 1 - some) * sizeof *environ);
}

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

static void harden(void)
{
	/* Both: a core_pattern that is a pipe ignores the limit, but not this. */
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	lock_memory();
	replace_environment();
}

#endif

static void relink_start(void)
{
	for (const struct copy *copy = relink_copies; copy->to; copy++)
		memcpy(copy->to, copy->from, copy->bytes);
	relink_bind_threads();
#if HARDEN
	harden();
#endif
}

/* The linker script puts this section before every other constructor. */
__attribute__((used, section(".relink.first"))) static void (*const first)(void) = relink_start;

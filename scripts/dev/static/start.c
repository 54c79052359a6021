/*
 * Start-up code of the static executables. Two things come before any of the runtime's code, and
 * long before the first line of JavaScript: the runtime's _start calls __libc_start_main, which is
 * bound to begin(), and musl calls relink_start before any other constructor.
 *
 * They finish what the linker could not do (bytes that Bun expects to find copied, distances from
 * the thread pointer) and, when compiled with -DHARDEN=1, see to it that the runtime finds what it
 * would die without, and close the process to others and to the environment.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#include "start.h"

struct copy {
	void *to;
	const void *from;
	size_t bytes;
};

extern const struct copy relink_copies[]; /* ends with to == 0; made by assemble.ts */
void relink_bind_threads(void);           /* likewise */

typedef int main_function(int, char **, char **);
typedef void other_function(void);
int __real___libc_start_main(main_function *, int, char **, other_function *, other_function *,
                             other_function *);
int __wrap___libc_start_main(main_function *, int, char **, other_function *, other_function *,
                             other_function *);

static char name[64] = "worstday"; /* what messages begin with */

static void set_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *base = slash ? slash + 1 : path;
	if (!base || !*base || strlen(base) >= sizeof name)
		return;
	for (const char *c = base; *c; c++)
		if (*c <= ' ' || *c > '~')
			return; /* the caller chose it: no control characters to a terminal */
	strcpy(name, base);
}

_Noreturn void fail(int status, const char *text)
{
	char line[512] = "";
	strcat(line, name);
	strcat(line, ": error: ");
	strncat(line, text, sizeof line - strlen(line) - 2);
	strcat(line, "\n");
	raw(SYS_write, 2, line, strlen(line));
	for (;;)
		raw(SYS_exit_group, status, 0, 0);
}

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
 * The block that the kernel gave us: arguments, 0, environment, 0, auxiliary vector to AT_NULL. It
 * has no room for one more variable, and libc finds each part behind the one before: so the whole
 * block is copied. This function does not return, and the copy lives in its frame.
 */
static int start_in_clean_block(main_function *main, int argc, char **argv)
{
	char **environment = argv + argc + 1, **end = environment;
	size_t variables = 1;
	for (; *end; end++)
		variables += is_kept(*end);
	char **auxiliary = end + 1;
	size_t pairs = 1;
	while (auxiliary[2 * (pairs - 1)])
		pairs++;
	char *block[(size_t)argc + 1 + variables + 1 + 2 * pairs], **next = block;
	memcpy(next, argv, (size_t)argc * sizeof *argv);
	next += argc;
	*next++ = NULL;
	*next++ = interpret;
	for (char **entry = environment; entry < end; entry++)
		if (is_kept(*entry))
			*next++ = *entry;
	*next++ = NULL;
	memcpy(next, auxiliary, 2 * pairs * sizeof *next);
	return __real___libc_start_main(main, argc, block, NULL, NULL, NULL);
}

/* Here the C library is not ready: there are no thread-locals, and so no errno. */
int __wrap___libc_start_main(main_function *main, int argc, char **argv, other_function *init,
                             other_function *fini, other_function *linker)
{
	if (!HARDEN)
		return __real___libc_start_main(main, argc, argv, init, fini, linker);
	raw(SYS_prctl, PR_SET_DUMPABLE, 0, 0);
	set_name(argc > 0 ? argv[0] : NULL);
	check_processor();
	check_memory();
	fill_closed_descriptors();
	check_descriptors();
	check_random();
	return start_in_clean_block(main, argc, argv);
}

static void relink_start(void)
{
	for (const struct copy *copy = relink_copies; copy->to; copy++)
		memcpy(copy->to, copy->from, copy->bytes);
	relink_bind_threads();
	if (!HARDEN)
		return;
	catch_crashes();
	harden();
	check_threads();
}

/* The linker script puts this section before every other constructor. */
__attribute__((used, section(".relink.first"))) static void (*const first)(void) = relink_start;

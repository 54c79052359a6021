/*
 * Where the runtime dies after all, it says so in one line of ours, and not on a screen of its own
 * with an address to send a report to.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

#include "start.h"

int __real_sigaction(int signal, const struct sigaction *new, struct sigaction *old);
int __wrap_sigaction(int signal, const struct sigaction *new, struct sigaction *old);
ssize_t __real_write(int file, const void *bytes, size_t count);
ssize_t __wrap_write(int file, const void *bytes, size_t count);

static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT };

static int is_fatal(int signal)
{
	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		if (signal == fatal[i])
			return 1;
	return 0;
}

static _Noreturn void crashed(int signal)
{
	(void)signal;
	fail(70, "the runtime failed, for lack of memory or by a fault: do not rely on what was written");
}

void catch_crashes(void)
{
	static char stack[16384]; /* until the runtime has one of its own: the usual one may be full */
	sigaltstack(&(stack_t){ .ss_sp = stack, .ss_size = sizeof stack }, NULL);
	struct sigaction action = { .sa_handler = crashed, .sa_flags = SA_ONSTACK };
	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		__real_sigaction(fatal[i], &action, NULL);
}

/*
 * The runtime's handlers never take the place of ours: with JavaScript interpreted it needs none of
 * them to go on.
 */
int __wrap_sigaction(int signal, const struct sigaction *new, struct sigaction *old)
{
	return __real_sigaction(signal, HARDEN && is_fatal(signal) ? NULL : new, old);
}

/* How the runtime's last words begin where no signal comes before them. */
static const char *const last_words[] = { "=====", "\nBun v", "memory allocation of " };

ssize_t __wrap_write(int file, const void *bytes, size_t count)
{
	for (size_t i = 0; HARDEN && file == 2 && i < sizeof last_words / sizeof *last_words; i++) {
		size_t length = strlen(last_words[i]);
		if (count >= length && !memcmp(bytes, last_words[i], length))
			crashed(0);
	}
	return __real_write(file, bytes, count);
}

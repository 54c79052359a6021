/*
 * Limits of the kernel and of the machine that the runtime would die of, or worse: they are tried
 * before it starts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "start.h"

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
long __real_sysconf(int name);
long __wrap_sysconf(int name);
int __real_sched_getaffinity(pid_t, size_t, cpu_set_t *);
int __wrap_sched_getaffinity(pid_t, size_t, cpu_set_t *);

/*
 * Where getrandom fails the runtime takes /dev/urandom, unchecked: a regular file too. Without
 * flags the call waits until the kernel's generator is seeded, and never again.
 */
void check_random(void)
{
	char bytes[16];
	for (int flags = 0; flags <= GRND_NONBLOCK; flags += GRND_NONBLOCK)
		if (raw(SYS_getrandom, (long)bytes, sizeof bytes, flags) != sizeof bytes)
			refuse("the kernel gives no random numbers (getrandom)");
}

/* The runtime starts as many threads as there are processors; here there are never more than two. */
enum { processors = 2, threads = 5 };

long __wrap_sysconf(int name)
{
	long value = __real_sysconf(name);
	int count = name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF;
	return HARDEN && count && value > processors ? processors : value;
}

int __wrap_sched_getaffinity(pid_t process, size_t bytes, cpu_set_t *set)
{
	int failed = __real_sched_getaffinity(process, bytes, set);
	int left = processors;
	for (size_t i = 0; HARDEN && !failed && i < 8 * bytes; i++)
		if (CPU_ISSET_S(i, bytes, set) && left-- <= 0)
			CPU_CLR_S(i, bytes, set);
	return failed;
}

static _Noreturn void refuse_threads(void)
{
	refuse("cannot start a thread: too many processes (ulimit -u, or the control group's limit), or "
	       "too little memory");
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_at_gate(void *unused)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return unused;
}

/* As many at a time as any command has. */
void check_threads(void)
{
	pthread_t started[threads];
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	pthread_mutex_lock(&gate);
	for (int i = 0; i < threads; i++)
		if (__real_pthread_create(&started[i], &small, wait_at_gate, NULL))
			refuse_threads();
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < threads; i++)
		pthread_join(started[i], NULL);
}

/* Another process may have taken its place since: the runtime would hang or print a crash. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
	int error = __real_pthread_create(thread, attributes, start, argument);
	if (HARDEN && error)
		refuse_threads();
	return error;
}

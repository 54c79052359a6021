/*
 * Limits of the kernel and of the machine that the runtime would die of, or worse: they are tried
 * before it starts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "start.h"

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
long __real_sysconf(int name);
long __wrap_sysconf(int name);
void *__real_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *, size_t, int, int, int, off_t);
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
		if (raw(SYS_getrandom, bytes, sizeof bytes, flags) != sizeof bytes)
			refuse("the kernel gives no random numbers (getrandom)");
}

/* The runtime starts as many threads as there are processors; here there are never more than two. */
enum { processors = 2, threads = 4 };

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

/* A command needs this much behind what the executable itself takes, or it dies of the lack. */
enum { needed_stack = 512 << 10, needed_memory = 320 << 20, reservation = 1 << 30 };

/* Of address space, of what may be written and, where the kernel never overcommits, of memory. */
static int is_room(size_t bytes)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	long room = raw6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	return room > 0 && !raw(SYS_munmap, room, bytes, 0);
}

void check_memory(void)
{
	struct rlimit stack;
	if (!raw(SYS_getrlimit, RLIMIT_STACK, &stack, 0) && stack.rlim_cur < needed_stack)
		refuse("too small a stack (ulimit -s): 512 KiB are needed");
	if (!is_room(needed_memory))
		refuse("too little memory (ulimit -v, -d): 512 MiB of address space are needed");
}

/*
 * The runtime reserves 8 GiB and 1 GiB if it can, and less if not. Where that would leave too little
 * for all the rest, it cannot.
 */
void *__wrap_mmap(void *at, size_t bytes, int access, int flags, int file, off_t offset)
{
	if (HARDEN && bytes >= reservation && !is_room(bytes + needed_memory)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return __real_mmap(at, bytes, access, flags, file, offset);
}

static _Noreturn void refuse_threads(void)
{
	refuse("cannot start a thread: too many processes (ulimit -u, or a container's limit), or too "
	       "little memory");
}

static int failed;

/*
 * Starts one more task, which does the same while its parent waits: so all of them are there at once,
 * as the kernel counts, for a fraction of the time that threads take.
 */
static int start_nested(void *argument)
{
	static char stacks[threads][2048] __attribute__((aligned(16)));
	static const int flags = CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_VFORK;
	const int *depth = argument;
	if (*depth == threads)
		return 0;
	int next = *depth + 1;
	int child = clone(start_nested, stacks[*depth] + sizeof stacks[0], flags, &next);
	if (child > 0)
		waitpid(child, NULL, __WALL);
	else
		failed = errno == EAGAIN || errno == ENOMEM; /* and not where it is no way to clone */
	return 0;
}

void check_threads(void)
{
	start_nested(&(int){ 0 });
	if (failed)
		refuse_threads();
}

/*
 * Others may have taken the last place since, for a moment perhaps. The runtime would hang or abort.
 */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
	int error = __real_pthread_create(thread, attributes, start, argument);
	for (int tries = 0; HARDEN && error; tries++) {
		if (tries == 100)
			refuse_threads();
		usleep(10000);
		error = __real_pthread_create(thread, attributes, start, argument);
	}
	return error;
}

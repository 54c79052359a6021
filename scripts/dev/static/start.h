/* What the start-up code's parts know of each other; start.c says what happens when. */
#include <sys/syscall.h>

/*
 * A system call without the C library, whose errno is a thread-local: before __libc_start_main
 * there are none. Gives the kernel's answer, -errno where it fails.
 */
static inline long raw6(long number, long a, long b, long c, long d, long e, long f)
{
#if defined __x86_64__
	long answer;
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	__asm__ volatile("syscall"
	                 : "=a"(answer)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return answer;
#elif defined __aarch64__
	register long x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
	register long x8 __asm__("x8") = number;
	__asm__ volatile("svc 0"
	                 : "+r"(x0)
	                 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
	                 : "memory");
	return x0;
#endif
}
#define raw(number, a, b, c) raw6(number, (long)(a), (long)(b), (long)(c), 0, 0, 0)

/* Says `NAME: error: TEXT` on stderr and ends with that status: at any time, in any thread. */
_Noreturn void fail(int status, const char *text);
_Noreturn static inline void refuse(const char *text)
{
	fail(1, text);
}

/* In this order; the first five before the C library is ready. */
void check_processor(void);         /* processor.c */
void check_memory(void);            /* limits.c */
void fill_closed_descriptors(void); /* descriptors.c */
void check_descriptors(void);       /* descriptors.c */
void check_random(void);            /* limits.c */
void catch_crashes(void);           /* crash.c */
void harden(void);                  /* harden.c */
void check_threads(void);           /* limits.c */

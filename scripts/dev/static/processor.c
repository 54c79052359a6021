/*
 * The runtime is compiled for what Intel sold since 2008 and AMD since 2011, and without it dies of
 * an illegal instruction or a message about itself. This file is compiled for any x86-64; on aarch64
 * the runtime needs nothing that a processor may lack.
 */
#include <string.h>

#include "start.h"

#if defined __x86_64__

#include <cpuid.h>

static const struct feature {
	const char *name;
	unsigned bit; /* of ECX, leaf 1 */
} needed[] = {
	{ "SSE3", bit_SSE3 },
	{ "SSSE3", bit_SSSE3 },
	{ "SSE4.1", bit_SSE4_1 },
	{ "SSE4.2", bit_SSE4_2 },
	{ "POPCNT", bit_POPCNT },
};

void check_processor(void)
{
	unsigned a, b, c = 0, d;
	char text[256] = "this processor lacks";
	int missing = 0;
	__get_cpuid(1, &a, &b, &c, &d);
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		if (c & needed[i].bit)
			continue;
		strcat(text, missing++ ? ", " : " ");
		strcat(text, needed[i].name);
	}
	if (!missing)
		return;
	strcat(text, "; a virtual machine of type qemu64 or kvm64 hides them: set its CPU type to host, "
	             "x86-64-v2 or Nehalem; or else use recover.py");
	refuse(text);
}

#else

void check_processor(void)
{
}

#endif

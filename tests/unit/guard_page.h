/*
 * Input that ends right before an unreadable page: a reader that looks one
 * byte too far dies at once.
 */
#ifndef WEIR_TESTS_GUARD_PAGE_H
#define WEIR_TESTS_GUARD_PAGE_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protocol/bytes.h"

struct guard_page {
	uint8_t *memory;
	size_t bytes;		/* readable */
};

static inline struct guard_page guard_page_make(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct guard_page guard;

	guard.bytes = (bytes + page - 1) / page * page;
	guard.memory = mmap(NULL, guard.bytes + page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guard.memory == MAP_FAILED ||
	    mprotect(guard.memory + guard.bytes, page, PROT_NONE))
		abort();
	return guard;
}

/* The bytes, copied to where the page ends. */
static inline struct slice guard_page_put(struct guard_page *guard,
					  struct slice bytes)
{
	uint8_t *at = guard->memory + guard->bytes - bytes.length;

	if (bytes.length)
		memmove(at, bytes.at, bytes.length);
	return slice_make(at, bytes.length);
}

#endif

/*
 * The memory of one statement: many small pieces, freed at once. Pieces are
 * aligned for any type and zeroed. A zeroed struct is an empty arena.
 */
#ifndef WEIR_PROTOCOL_ARENA_H
#define WEIR_PROTOCOL_ARENA_H

#include <stddef.h>

#include "protocol/bytes.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;	/* newest first */
	size_t bytes;			/* given out since the last reset */
};

void *arena_alloc(struct arena *, size_t bytes);
char *arena_dup(struct arena *, struct slice bytes);	/* zero-ended copy */
char *arena_text(struct arena *, const char *text);
char *arena_printf(struct arena *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets every piece; keeps the newest block for reuse. */
void arena_reset(struct arena *);

/* Gives all memory back; the arena is empty and usable again. */
void arena_fini(struct arena *);

#endif

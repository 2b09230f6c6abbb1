/*
 * What aggregates over texts share: the pieces of a result, one per row,
 * each behind its separator, in the order in which the rows came. A moving
 * window frame takes the oldest away.
 */
#ifndef WEIR_POOL_SQLITE_FUNCTION_AGGREGATE_H
#define WEIR_POOL_SQLITE_FUNCTION_AGGREGATE_H

#include "pool/sqlite/function.h"

struct pieces {
	struct buffer text;	/* separator, piece, separator, piece ... */
	struct buffer lengths;	/* two size_t for each row: of both */
	size_t gone;		/* rows taken away */
	size_t gone_bytes;
	size_t begun;		/* where the row being written begins */
	size_t separated;	/* and its piece, after the separator */
};

/* One row: begin, write a separator to ->text, separated, write the piece,
 * end (false: the result is too long). */
void pieces_begin(struct pieces *);
void pieces_separated(struct pieces *);
bool pieces_end(struct call *, struct pieces *);

size_t pieces_count(const struct pieces *);
/* All pieces, without the first separator. */
struct slice pieces_text(const struct pieces *);

/* For aggregate_row. */
bool pieces_remove(struct call *, void *state);
void pieces_release(void *state);

/* For aggregates that cannot take a row away again: 0A000. */
bool refuse_remove(struct call *, void *state);

int functions_statistics(sqlite3 *, struct functions *);
int functions_best(sqlite3 *, struct functions *);
int functions_array_agg(sqlite3 *, struct functions *);

#endif

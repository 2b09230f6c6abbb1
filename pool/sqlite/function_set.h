/*
 * Functions that return rows, as eponymous virtual tables of SQLite: columns
 * first, then hidden ones for the arguments, so that both `FROM pg_unnest(a,
 * 23)` and a join along another table's column work.
 *
 * A row of the table of sets either fills all its rows at once, or is a
 * series that makes one after the other.
 */
#ifndef WEIR_POOL_SQLITE_FUNCTION_SET_H
#define WEIR_POOL_SQLITE_FUNCTION_SET_H

#include "pool/sqlite/function.h"

#define SET_COLUMNS_MAX 12
#define SET_ARGUMENTS_MAX 5
#define SET_ROWS_MAX (1 << 22)

/* The rows of one call; in the memory of its cursor. */
struct set {
	struct call *call;
	int columns;		/* without ordinality */
	struct value *values;	/* row by row */
	size_t count;		/* rows */
	size_t capacity;
	void *series;		/* state of a series */
};

struct set_row {
	const char *name;
	const char *columns;	/* names, with commas; ordinality follows */
	int column_count;
	int arguments;		/* at most so many ... */
	int required;		/* ... and at least */
	int flags;		/* FUNCTION_NULLS: called on NULL, too; without
				   it there are no rows then */
	bool (*fill)(struct set *);
	/* Of a series: makes one row (set->values), or sets *ret_end. */
	bool (*next)(struct set *, bool *ret_end);
	int variant;
};

/* Adds a row; its values are filled in by the caller. NULL: too many. */
struct value *set_add(struct set *);

int functions_add_sets(sqlite3 *, struct functions *, const struct set_row *);

#endif

/*
 * Rows that the parts of one statement hand to each other: what a data-
 * modifying WITH returned, or a table as it was before. Each part has a set;
 * SQL reads it as the table pg_kept(number), whose `value` pg_item(value, i)
 * takes apart.
 *
 * A row is one value after the other in storage form, which cursors keep too:
 *
 *      value: kind (1)  integer or real (8)   or  length (4)  bytes
 */
#ifndef WEIR_POOL_SQLITE_KEPT_H
#define WEIR_POOL_SQLITE_KEPT_H

#include <sqlite3.h>

#include "protocol/bytes.h"
#include "protocol/type.h"

struct kept_set {
	struct buffer rows;
	size_t *starts;		/* where each row begins */
	size_t count, capacity;
	size_t *by_key;		/* rows by their first item: an open hash of
				   row numbers from 1; NULL until asked for */
	size_t places;
};

struct kept {
	struct kept_set *sets;
	int count;
};

/* Puts the row that the statement stands on. */
void kept_put_row(struct buffer *, sqlite3_stmt *, int columns);
/* Reads one value and returns where the next one begins. */
const uint8_t *kept_read_value(const uint8_t *at, struct value *ret_value);

/* Empties it, and makes room for so many sets. */
void kept_start(struct kept *, int count);
void kept_fini(struct kept *);
void kept_add(struct kept_set *, sqlite3_stmt *, int columns);
struct slice kept_row(const struct kept_set *, size_t index);
/* The first row whose first item is that integer; false: none. */
bool kept_find(struct kept_set *, int64_t key, size_t *ret_index);
/* The item of a row, from 0; past its end NULL. */
void kept_item(struct slice row, int64_t index, struct value *ret_value);

#endif

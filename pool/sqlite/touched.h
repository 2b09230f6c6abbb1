/*
 * The rows that a statement has written so far, by rowid: ON CONFLICT DO
 * UPDATE must not reach a row twice, and RETURNING may ask whether it did. A
 * hook of SQLite tells of each row as it is written, pg_once() and pg_xmax()
 * ask. Of the connection's thread.
 */
#ifndef WEIR_POOL_SQLITE_TOUCHED_H
#define WEIR_POOL_SQLITE_TOUCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

struct touched {
	const char *table;	/* inside SQLite; NULL: nobody asks */
	int64_t *slots;		/* a hash of rowids, open addressing */
	bool *used;
	size_t capacity;	/* a power of two */
	size_t count;
	bool updated;		/* the last one was there before */
};

/* `table` is borrowed until the next start. NULL: stops. */
void touched_start(struct touched *, const char *table);
void touched_fini(struct touched *);
bool touched_has(const struct touched *, int64_t rowid);
/* A row has been written. */
void touched_note(struct touched *, int operation, const char *table,
		  int64_t rowid);

#endif

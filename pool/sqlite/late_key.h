/*
 * Keys that are looked at behind a statement, or at the end of a transaction,
 * and of which SQLite knows nothing: UNIQUE and PRIMARY KEY that are
 * deferrable, and foreign keys with MATCH FULL, whose columns must be NULL all
 * of them or none.
 *
 * A hook of SQLite's tells of each row that is written. Those of tables with
 * such keys are remembered by their rowid, and looked at when the statement has
 * ended; while a key waits, when the transaction ends or SET CONSTRAINTS says
 * so. A row that is looked at without need is found to be good, so what a
 * savepoint has undone may stay.
 *
 * Rows are a session's, and of its transaction; what is watched is a
 * connection's. Of the writer's thread.
 */
#ifndef WEIR_POOL_SQLITE_LATE_KEY_H
#define WEIR_POOL_SQLITE_LATE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

struct error;
struct lite_connection;
struct lite_plan;
struct lite_session;

struct late_rows {		/* in order of their writing */
	struct late_row *rows;
	size_t count, capacity;
	size_t settled;		/* so many are of earlier statements */
	bool full;		/* there was no room for more */
};

struct late_watch;

/* Before a statement that writes: the hook knows the tables. */
void late_watch(struct lite_session *);
void late_watch_free(struct late_watch **);
/* What the hook calls. */
void late_note(struct lite_connection *, int operation, const char *database,
	       const char *table, int64_t rowid);

/* Behind a statement (COPY has no plan): what does not wait. False: a key is
 * broken. */
bool late_settle(struct lite_session *, const struct lite_plan *,
		 struct error *);
/* SET CONSTRAINTS: what does not wait any longer. */
bool late_check(struct lite_session *, struct error *);
/* COMMIT: everything. */
bool late_finish(struct lite_session *, struct error *);
/* Not while rows of a table that it reshapes wait, and break a key: 55006. */
bool late_lets_reshape(struct lite_session *, const struct lite_plan *,
		       struct error *);

/* The rows of before a savepoint; 0: none. */
void late_forget(struct late_rows *, size_t keep);
void late_rows_fini(struct late_rows *);

#endif

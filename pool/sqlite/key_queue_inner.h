/*
 * What the files of a key queue share: key_queue.c notes the rows that change,
 * key_follow.c follows their keys.
 */
#ifndef WEIR_POOL_SQLITE_KEY_QUEUE_INNER_H
#define WEIR_POOL_SQLITE_KEY_QUEUE_INNER_H

#include "pool/sqlite/key_queue.h"

enum key_verb {			/* statements of one key */
	KEY_FIND_PARENT,
	KEY_FIND_CHILD,
	KEY_DELETE,		/* ON DELETE CASCADE */
	KEY_CLEAR_DELETED,	/* ON DELETE SET NULL or SET DEFAULT */
	KEY_CLEAR_CHANGED,	/* ON UPDATE SET NULL or SET DEFAULT */
	KEY_MOVE,		/* ON UPDATE CASCADE */
	KEY_VERBS,
};

struct key {
	const struct schema_constraint *constraint;
	const struct schema_table *child, *parent;
	sqlite3_stmt *verbs[KEY_VERBS];	/* NULL until needed */
	bool put_off;		/* a check was left to the transaction's end */
};

/* A table whose changes are noted. */
struct watched {
	const struct schema_table *table;
	int16_t *columns;	/* numbers of those in some key */
	int column_count;
	struct key **above;	/* those that point at it, oldest first */
	int above_count;
	struct key **own;	/* its own, oldest first */
	int own_count;
};

/* One row that changed. Values are those of the watched columns. */
struct change {
	const struct watched *watched;
	int64_t before_rowid, after_rowid;
	struct value *before;	/* NULL: it was not there */
	struct value *after;	/* NULL: it is gone */
	bool ours;		/* `before` was made by this statement */
};

/* Which change made the row that is there now. */
struct row_slot {
	const struct watched *watched;	/* NULL: free */
	int64_t rowid;
	size_t change;		/* its number + 1; 0: the row is gone */
};

struct key_queue {
	struct lite_session *session;
	struct arena arena;
	struct watched **watched;
	int watched_count;
	struct key **keys;
	int key_count;
	struct change *changes;
	size_t change_count, change_capacity;
	struct row_slot *rows;	/* a hash, open addressing */
	size_t row_count, row_capacity;	/* a power of two */
	bool full;		/* too much to be remembered */
	bool deaf;		/* a failure is looked into: nothing is noted */
};

/* Watches a table, if it is not yet watched. NULL fills the error. */
struct watched *key_queue_watch(struct key_queue *,
				const struct schema_table *, struct error *);
/* Where in a row of values that column is. */
int key_place(const struct watched *, int16_t column);
/* The number + 1 of the change that made the row; 0: it is gone, or has not
 * been changed. */
size_t key_row_change(const struct key_queue *, const struct watched *,
		      int64_t rowid);
/* Opens one for any statement that changes rows. To be closed in any case. */
bool key_queue_begin(struct lite_session *, const struct compiled *,
		     struct error *);

/* key_follow.c: works off the queue. */
bool key_follow(struct key_queue *, struct error *);

#endif

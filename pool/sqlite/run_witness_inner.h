/*
 * What the files of a witness share: run_witness.c watches rows and finds the
 * unique key that one breaks, run_foreign.c the foreign key.
 */
#ifndef WEIR_POOL_SQLITE_RUN_WITNESS_INNER_H
#define WEIR_POOL_SQLITE_RUN_WITNESS_INNER_H

#include "pool/sqlite/run_witness.h"

#define ROWS_MAX 1000		/* remembered of one statement */
#define COLUMNS_MAX 100		/* arguments of one SQL function */

struct seen {			/* one row */
	bool old;		/* as it was; false: as it shall be */
	bool done;		/* it came to be; ON CONFLICT may prevent it */
	struct value *values;	/* by position in the table */
};

struct orphan {			/* a row that points nowhere at COMMIT */
	const struct schema_constraint *key;
	int64_t rowid;
	bool seen;		/* tables may have no rowids */
	struct seen row;
};

struct witness {
	struct lite_session *session;
	const struct schema_table *table;
	struct arena arena;
	struct seen *rows;	/* a ring of the last ROWS_MAX */
	size_t count;
	struct orphan orphan;
};

/* The table a key points at. */
const struct schema_table *
witness_foreign_table(const struct schema *schema,
		      const struct schema_constraint *constraint);
/* SELECT all its columns FROM the table */
void witness_put_select(const struct schema_table *, struct buffer *sql);
/* The row of that rowid, as it is now; false: there is none, or no rowid. */
bool witness_find_row(struct witness *, int64_t rowid, struct seen *ret_row);
/* Asks for the rows of `table` whose `columns` are as the row's `from`. NULL:
 * cannot be asked. */
sqlite3_stmt *witness_find_rows(const struct witness *witness,
				const struct seen *row, const int16_t *from,
				const struct schema_table *table,
				const int16_t *columns, int count);
/* What cannot be asked is taken to be there. */
bool witness_row_exists(const struct witness *witness, const struct seen *row,
			const int16_t *from, const struct schema_table *table,
			const int16_t *columns, int count);
bool witness_has_null(const struct witness *witness, const struct seen *row,
		      const int16_t *columns, int count);
bool witness_same_value(const struct value *a, const struct value *b);
bool witness_same_key(const struct witness *witness, const struct seen *a,
		      const struct seen *b, const int16_t *columns, int count);
/* Where in a row the column of that number is, or -1. */
int witness_place(const struct schema_table *table, int16_t number);
/* (a, b)=(1, 2) */
void witness_put_key(const struct witness *witness, const struct seen *row,
		     const int16_t *columns, int count, struct buffer *out);
/* Fill the whole error: the row points nowhere; or something points at it. */
void witness_tell_child(const struct witness *, const struct seen *,
			const struct schema_constraint *, struct error *);
void witness_tell_parent(const struct witness *, const struct seen *,
			 const struct schema_table *child,
			 const struct schema_constraint *, struct error *);
/* Keeps a copy of the value, in the arena. */
void witness_take(struct arena *, sqlite3_value *from, struct value *to);

#endif

/*
 * The state of one schema_load(): shared by the files that read facts of
 * weir's own tables (schema_load.c) and what SQLite knows of tables made by
 * other programs (schema_adopt.c).
 */
#ifndef WEIR_POOL_SQLITE_SCHEMA_READER_H
#define WEIR_POOL_SQLITE_SCHEMA_READER_H

#include <sqlite3.h>

#include "protocol/dialect/schema.h"
#include "protocol/error.h"

struct schema_reader {
	sqlite3 *db;
	const char *database;	/* "main" or "temp" */
	bool has_facts;		/* the _weir_ tables are there */
	struct schema *schema;
	struct arena *arena;	/* the schema's */
	struct error *error;
	int table_capacity;
	int enum_capacity;
	int sequence_capacity;
};

/* Prepares a query in whose text @ stands for the database's name. NULL: failed, with the error filled. */
sqlite3_stmt *reader_prepare(struct schema_reader *, const char *sql);

/* Steps; true while there is a row. Failing is the end of the rows, with the
 * error filled. */
bool reader_step(struct schema_reader *, sqlite3_stmt *);

/* Columns of the row, copied to the arena; NULL for NULL. */
const char *reader_text(struct schema_reader *, sqlite3_stmt *, int column);

/* Appends a zeroed item to an arena array. */
void *reader_append(struct schema_reader *, void **items, int *count,
		    int *capacity, size_t size);

/* Fills constraints and indexes of a table from what SQLite tells. Its
 * columns are there already. */
bool schema_adopt(struct schema_reader *, struct schema_table *);

/* An OID for something without a row: the same as long as the name is. */
uint32_t schema_derived_oid(char kind, const char *table, const char *name);

#endif

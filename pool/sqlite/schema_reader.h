/*
 * The state of one schema_load(): shared by the files that read facts of
 * weir's own tables (schema_load.c) and what SQLite knows of tables made by
 * other programs: their keys (schema_adopt.c) and columns (schema_foreign.c).
 */
#ifndef WEIR_POOL_SQLITE_SCHEMA_READER_H
#define WEIR_POOL_SQLITE_SCHEMA_READER_H

#include <sqlite3.h>

#include "protocol/dialect/schema.h"
#include "protocol/error.h"

/* A row of _weir_declared: the type of a column made by another program. */
struct schema_declaration {
	const char *table;
	const char *column;
	const char *type;
	bool used;
};

/* What is asked of each table. */
enum reader_question {
	ASK_COLUMNS,
	ASK_VIEW_COLUMNS,
	ASK_COLUMN_FACTS,
	ASK_CONSTRAINTS,
	ASK_INDEXES,
	READER_QUESTIONS,
};

struct schema_reader {
	sqlite3 *db;
	const char *database;	/* "main" or "temp" */
	bool has_facts;		/* the _weir_ tables are there */
	sqlite3_stmt *asked[READER_QUESTIONS];	/* NULL: not yet */
	struct schema *schema;
	struct arena *arena;	/* the schema's */
	struct error *error;
	int table_capacity;
	int domain_capacity, enum_capacity;
	int sequence_capacity;
	int note_capacity;
	struct schema_declaration *declarations;
	int declaration_count;
	int declaration_capacity;
	int namespace_capacity;
	int extension_capacity;
};

/* Prepares a query in whose text @ stands for the database's name. NULL:
 * failed, with the error filled. */
sqlite3_stmt *reader_prepare(struct schema_reader *, const char *sql);

/* Steps; true while there is a row. Failing is the end of the rows, with the
 * error filled. */
bool reader_step(struct schema_reader *, sqlite3_stmt *);

bool reader_failed(const struct schema_reader *);

/* Columns of the row, copied to the arena; NULL for NULL. */
const char *reader_text(struct schema_reader *, sqlite3_stmt *, int column);

/* Appends a zeroed item to an arena array. */
void *reader_append(struct schema_reader *, void **items, int *count,
		    int *capacity, size_t size);

/* What has no columns (schema_objects.c). */
bool reader_objects(struct schema_reader *);
bool reader_sequences(struct schema_reader *);
void reader_namespaces(struct schema_reader *);
void reader_extensions(struct schema_reader *);

/* Fills constraints and indexes of a table from what SQLite tells. Its
 * columns are there already. */
bool schema_adopt(struct schema_reader *, struct schema_table *);

/* Reads what `weir adopt` has declared; tables come after it. */
bool schema_read_declarations(struct schema_reader *);

/* Type, form and default of a column, if its table was made by another
 * program; and what needs the whole table, once its columns are there. */
void schema_foreign_column(struct schema_reader *, struct schema_table *,
			   struct schema_column *, const char *declared,
			   const char *default_text);
void schema_foreign_finish(struct schema_reader *, struct schema_table *,
			   bool without_rowid, bool strict);

/* The columns of its views (schema_view.c); tables can be found by then. */
void schema_type_views(struct schema_reader *);

void schema_note_declarations(struct schema_reader *);
bool schema_note_triggers(struct schema_reader *);

/* Something that Postgres clients will not see as it is. */
void schema_add_note(struct schema_reader *, const char *object,
		     const char *what);

/* An OID for something without a row: the same as long as the name is. */
uint32_t schema_derived_oid(char kind, const char *table, const char *name);

#endif

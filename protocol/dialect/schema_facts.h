/*
 * How a Postgres schema is written down in a SQLite file.
 *
 * What SQLite can hold stands in its own schema: tables, columns, keys, and
 * the Postgres type in the declared type of each column ("uuid text"). What
 * it cannot hold (OIDs, default and check texts, names of constraints,
 * sequences, enums, comments) stands in tables named _weir_..., one row per
 * fact, rewritten table by table whenever DDL changes something:
 *
 *   _weir_oid         the next OID to give
 *   _weir_object      tables, views, sequences, enums, namespaces, extensions
 *   _weir_column      of a table or view, by its OID
 *   _weir_constraint  "
 *   _weir_index       "
 *   _weir_sequence    parameters and the persisted value of a sequence
 *   _weir_enum        labels
 *   _weir_declared    of columns made by another program: their types
 *
 * Pure: text in, text out. ddl_facts.c writes the rows, schema_load.c reads
 * them.
 */
#ifndef WEIR_PROTOCOL_DIALECT_SCHEMA_FACTS_H
#define WEIR_PROTOCOL_DIALECT_SCHEMA_FACTS_H

#include "protocol/dialect/schema.h"

/* The statements that make the tables in a database ("main", "temp"), in
 * order, if they are not there; NULL-ended, in the arena. */
const char **facts_tables_sql(struct arena *, const char *database);

/* Columns that older files do not have yet; ends without a table. */
struct facts_addition {
	const char *table, *column, *type;
};

extern const struct facts_addition facts_additions[];

/* What _weir_object.text says of a table whose rows another program writes
 * (struct schema_table, foreign). */
#define FACTS_FOREIGN "foreign"
/* And of temporary ones. */
#define FACTS_ON_COMMIT_DROP "on commit drop"
#define FACTS_ON_COMMIT_DELETE_ROWS "on commit delete rows"

/* An index of weir's own over the rows that have a NULL in the key of one whose
 * NULLs are equal, by its OID: what it is called, what each part of the key is
 * in it (the part twice, what it is compared by), and which rows they are. */
#define FACTS_NULL_ROWS "_weir_null_rows_"
#define FACTS_NULL_KEY "(%s IS NULL), ifnull(%s, 0)%s"
const char *facts_or_null(struct arena *, const char *others, const char *part);

/* The detail of a row that MATCH FULL refuses. */
#define FACTS_MIXED_NULLS \
	"MATCH FULL does not allow mixing of null and nonnull key values."

/* Whether a SQLite name belongs to weir or to SQLite, not to the user. */
bool facts_name_is_reserved(const char *name);

/* Where a table is inside SQLite: "t" in public, "audit.t" elsewhere. */
const char *facts_lite_name(struct arena *, const char *schema,
			    const char *name);

/*
 * The declared type of a column, ready to print: chosen so that SQLite's
 * affinity converts no value (DESIGN: '0012' in a column declared uuid would
 * become 12). NULL for a type that cannot be stored.
 */
const char *facts_declared_type(struct arena *, const struct schema *,
				uint32_t type, int32_t typmod);

/* The Postgres type of a declared type, of weir's making or another
 * program's. Anything unknown follows SQLite's affinity rules; false: it says
 * a type that neither knows. */
bool facts_read_declared(const char *declared, uint32_t *ret_type,
			 int32_t *ret_typmod);

/* A list of texts in one text, and back: "a","b""c". */
const char *facts_join(struct arena *, const char *const *items, int count);
int facts_split(struct arena *, const char *joined, const char ***ret_items);

#endif

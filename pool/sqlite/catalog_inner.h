/*
 * What the files of the catalogs share: catalog.c makes the tables,
 * catalog_fill.c puts a schema's rows into them, catalog_definition.c prints
 * definitions as Postgres's ruleutils.c does, catalog_function.c are the SQL
 * functions over it all.
 */
#ifndef WEIR_POOL_SQLITE_CATALOG_INNER_H
#define WEIR_POOL_SQLITE_CATALOG_INNER_H

#include "pool/sqlite/catalog_tables.h"
#include "pool/sqlite/context.h"

/* What a column has where nobody says, in SQL. */
const char *catalog_default(const struct schema_column *);
/* Whether SQLite holds the type as a number. */
bool catalog_is_number(uint32_t type);
/* CREATE TABLE x(...), with the columns of a relation of the catalogs. */
void catalog_print_columns(const struct schema_table *, struct arena *,
			   struct buffer *);

/* catalog_fixed.c: relations that are virtual tables of this module. */
#define CATALOG_FIXED "weir_fixed"
int catalog_fixed_register(sqlite3 *);
bool catalog_is_fixed(const char *table);

/* The rows of tables, types, constraints ... of a schema: the catalogs' own
 * (`own`) or the user's. SQLITE_OK or an error code. */
int catalog_fill_rows(sqlite3 *, const struct schema *, bool own);

/* Postgres makes a session's temporary schema with the first thing in it. */
bool catalog_has_temporary(const struct schema *);

/* pg_get_constraintdef(), pg_get_indexdef() and kin; NULL: there is none.
 * `column` from 1: that key of the index alone, 0: the whole statement. */
const char *definition_of_constraint(struct arena *, const struct schema *,
				     const struct compile_session *,
				     uint32_t oid, bool pretty);
const char *definition_of_index(struct arena *, const struct schema *,
				const struct compile_session *, uint32_t oid,
				int column, bool pretty);
/* Of a view, with its semicolon; "" where its query is not known. */
const char *definition_of_view(struct arena *, const struct schema *,
			       const struct compile_session *,
			       const struct schema_table *, bool pretty);
/* A kept expression, names with their schemas where the session's search path
 * does not find them; pretty: with as few parentheses as psql shows. */
/* Whether kept expressions are shown as they are: public is all of the path. */
bool definition_is_kept_path(const struct schema *, const char *const *path);
const char *definition_of_expression(struct arena *, const struct schema *,
				     const struct compile_session *,
				     const char *text, bool pretty);

/* The default collation (100), or 0 for types without one. */
uint32_t collation_of_column(const struct schema_column *);
/* The default B-tree operator class of a type, 0: none. */
uint32_t opclass_of_type(const struct schema *, uint32_t type,
			 const char *method, const char *name);

int catalog_register_functions(sqlite3 *, struct lite_context *);

#endif

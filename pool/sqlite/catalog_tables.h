/*
 * The relations of pg_catalog and information_schema as Postgres 15 has
 * them: facts, one row per relation. schema_load() puts them into every
 * schema, so that queries over catalogs compile like any other; catalog.c
 * makes SQLite tables of the same columns.
 */
#ifndef WEIR_POOL_SQLITE_CATALOG_TABLES_H
#define WEIR_POOL_SQLITE_CATALOG_TABLES_H

#include "protocol/dialect/schema.h"

struct catalog_table {
	uint32_t oid;
	uint32_t type_oid;	/* of its row type */
	char kind;		/* relkind: r, v */
	const char *name;
	const char *columns;	/* "name type, ..."; '!' after the type: never
				   NULL. Types by their pg_type names */
};

/* Both end with a row without a name. */
extern const struct catalog_table catalog_tables[];
extern const struct catalog_table information_tables[];

/* All of them as a schema holds them: made once, never freed. */
const struct schema_table *catalog_schema_tables(int *ret_count);

#endif

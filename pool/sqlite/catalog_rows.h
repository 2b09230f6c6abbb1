/*
 * Rows of pg_catalog that are the same in every database: facts, taken from
 * Postgres 15. catalog.c puts them into a connection's catalogs once.
 */
#ifndef WEIR_POOL_SQLITE_CATALOG_ROWS_H
#define WEIR_POOL_SQLITE_CATALOG_ROWS_H

struct catalog_rows {
	const char *table;
	const char *columns;	/* "oid, amname" */
	const char *const *rows;	/* "2|heap", NULL-ended */
};

extern const struct catalog_rows catalog_rows[];	/* ends without table */

/* Catalogs that say the same as others in another way: SQLite views, made
 * once (catalog_views.c). Rows end with NULL. */
extern const char *const catalog_views[];
/* Statements that fill information_schema from pg_catalog, after the rows of
 * the user's objects have been deleted from it. */
struct catalog_information {
	const char *table;
	const char *schema_column;	/* tells whose object a row is about;
					   NULL: all rows go */
	const char *insert;	/* SELECT; :user 0 for the catalogs' own
				   objects, 1 for the user's */
};
extern const struct catalog_information catalog_information[];

#endif

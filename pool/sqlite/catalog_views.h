/*
 * Catalogs that say the same as others in another way, as SQL: catalog.c
 * makes views of the one kind once and fills the other each time.
 */
#ifndef WEIR_POOL_SQLITE_CATALOG_VIEWS_H
#define WEIR_POOL_SQLITE_CATALOG_VIEWS_H

/* SQLite's CREATE VIEW. Ends with NULL. */
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

/*
 * One filling of a connection's catalogs: rows are put one after the other
 * into one table at a time; the first error ends it silently and is its
 * status.
 */
#ifndef WEIR_POOL_SQLITE_CATALOG_FILLER_H
#define WEIR_POOL_SQLITE_CATALOG_FILLER_H

#include "pool/sqlite/catalog_inner.h"

/* OIDs of rows that nobody asks for by OID: counted from here. */
#define OID_MINOR 1900000000

struct filler {
	sqlite3 *db;
	const struct schema *schema;
	struct arena arena;
	bool own;		/* the catalogs' own tables */
	uint32_t minor;
	int status;
	sqlite3_stmt *statement;
};

/* An INSERT with parameters; every put is a row, until the end. Types of a
 * put: u OID, i int, l int64, t text or NULL, c one letter ('\0': ""). */
void filler_begin(struct filler *, const char *sql);
void filler_put(struct filler *, const char *types, ...);
void filler_end(struct filler *);

/* Is it one of the tables that are filled in this time? */
bool filler_means(const struct filler *, const struct schema_table *);

void fill_attributes(struct filler *);
void fill_defaults(struct filler *);
void fill_depends(struct filler *);	/* after defaults and rules */

#endif

/*
 * What audit_digest names: a table and the column its rows are put in order
 * by, `audit_event by id` or `"Audit".events by "at"`. Names are read as in
 * SQL: letters are made small unless they stand in double quotes; a table
 * without a schema is in public. Pure.
 */
#ifndef WEIR_PROXY_DIGEST_NAME_H
#define WEIR_PROXY_DIGEST_NAME_H

#include "protocol/arena.h"

struct digest_name {
	const char *schema, *table;
	const char *column;	/* NULL: a table alone was written */
};

/* Reads `TABLE by COLUMN`, or `TABLE` alone where that is all there is. The
 * names are in the arena. */
bool digest_name_read(const char *text, struct arena *,
		      struct digest_name *ret);

/* Writes one name so that digest_name_read() gives it again. */
void digest_name_put(const char *name, struct buffer *out);
/* SCHEMA.TABLE, in the arena. */
const char *digest_name_table(const struct digest_name *, struct arena *);

#endif

/*
 * Names of a schema in texts for SQLite.
 */
#ifndef WEIR_POOL_SQLITE_NAMES_H
#define WEIR_POOL_SQLITE_NAMES_H

#include <sqlite3.h>

#include "protocol/bytes.h"
#include "protocol/dialect/schema.h"

/* Appends a text with up to two names; "%w" quotes one. */
static inline void put_names(struct buffer *sql, const char *format,
			     const char *first, const char *second)
{
	char *text = sqlite3_mprintf(format, first, second);

	buffer_put_text(sql, text);
	sqlite3_free(text);
}

/* The column of that number, which is there. */
static inline const char *name_of(const struct schema_table *table,
				  int16_t number)
{
	const struct schema_column *column =
		schema_column_numbered(table, number);

	return column ? column->name : "";
}

#endif

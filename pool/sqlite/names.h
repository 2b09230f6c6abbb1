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

/* What SQLite calls the rowid where no column has the name; NULL: nothing. */
static inline const char *rowid_of(const struct schema_table *table)
{
	static const char *const names[] = { "rowid", "_rowid_", "oid" };

	for (int i = 0; i < 3; i++) {
		bool taken = false;

		for (int k = 0; k < table->column_count; k++)
			taken |= sqlite3_stricmp(table->columns[k].name,
						 names[i]) == 0;
		if (!taken)
			return names[i];
	}
	return NULL;
}

#endif

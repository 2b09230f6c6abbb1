/*
 * Where the order of foreign keys shows. Postgres lets a statement change its
 * rows first, and follows the foreign keys then: for each changed row, in
 * order, the keys in the order they were made. SQLite follows each row's keys
 * as soon as it has changed it, and checks what is left at the end. What
 * comes of it is the same unless rows that one key would change are looked at
 * by another. Pure: looks at the schema, and may say "yes" for nothing.
 */
#ifndef WEIR_PROTOCOL_DIALECT_KEY_ORDER_H
#define WEIR_PROTOCOL_DIALECT_KEY_ORDER_H

#include "protocol/dialect/schema.h"

/* Whether `key`, a foreign key of any table, points at the table. */
bool key_points_at(const struct schema_constraint *key,
		   const struct schema_table *);
/* Whether the table has foreign keys, or is pointed at by some. */
bool key_touches(const struct schema *, const struct schema_table *);

enum key_order {		/* what keys may make of a statement */
	KEY_ORDER_SHOWS = 1,
	KEY_ORDER_RESTRICTS = 2,	/* RESTRICT is among them */
	KEY_ORDER_FAILS = 4,	/* what they change may be refused */
};

/* When rows of the table are deleted ... */
unsigned key_order_of_delete(const struct schema *,
			     const struct schema_table *);
/* ... or these of its columns are set. */
unsigned key_order_of_update(const struct schema *, const struct schema_table *,
			     const int16_t *columns, int count);

#endif

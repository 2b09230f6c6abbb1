#include "proxy/catalog_derive.h"

#include <stdlib.h>

#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "proxy/catalog_rows.h"

char *catalog_read_number(struct slice messages)
{
	struct row_message row;
	struct slice value;
	struct frame frame;

	while (frame_read(messages, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		if (frame.type == 'D' && read_row(frame.body, &row) &&
		    row_next(&row, &value) && value.at)
			return slice_dup(value);
		messages.at += frame.length;
		messages.length -= frame.length;
	}
	return NULL;
}

/* --- the snapshot ------------------------------------------------------------ */

static const char *const *columns_of(struct catalog_rows *rows,
				     const struct thing *thing)
{
	const char **columns;
	unsigned count = 0;

	if (thing->any_column)
		return NULL;
	for (const struct name *name = thing->columns; name; name = name->next)
		count++;
	columns = arena_alloc(&rows->arena, (count + 1) * sizeof(*columns));
	for (const struct name *name = thing->columns; name; name = name->next)
		columns[--count] = name->text;
	return columns;
}

static void put_thing(struct catalog_rows *rows, struct guard_catalog *catalog,
		      const struct thing *thing)
{
	static const enum catalog_kind kinds[THING_KINDS] = {
		[THING_RELATION] = CATALOG_RELATION,
		[THING_FUNCTION] = CATALOG_FUNCTION,
		[THING_TYPE] = CATALOG_TYPE, [THING_SCHEMA] = CATALOG_SCHEMA,
		[THING_EXTENSION] = CATALOG_EXTENSION,
	};
	struct catalog_object object = {
		.kind = kinds[thing->kind],
		.schema = thing->schema,
		.name = thing->name,
		.refused = thing->refused,
		.cascading = thing->cascading,
		.columns = columns_of(rows, thing),
		.table_schema = thing->table ? thing->table->schema : NULL,
		.table = thing->table ? thing->table->name : NULL,
		.through = thing->through,
	};

	catalog_add(catalog, &object);
}

static struct guard_catalog *put_all(struct catalog_rows *rows)
{
	struct guard_catalog *catalog = catalog_new();

	for (unsigned kind = 0; kind < THING_KINDS; kind++) {
		struct thing *thing, *next;

		HASH_ITER(hh, rows->things[kind], thing, next)
			put_thing(rows, catalog, thing);
	}
	return catalog;
}

bool catalog_derive(struct guard *guard, struct slice messages,
		    struct catalog_load *ret_load)
{
	struct catalog_load load = { 0 };
	struct catalog_rows rows = { .load = &load };
	bool whole = catalog_rows_read(&rows, messages);

	if (whole) {
		load.catalog = put_all(&rows);
		*ret_load = load;
	}
	catalog_rows_fini(&rows);
	return whole;
}

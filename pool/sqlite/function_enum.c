/*
 * enum_first(), enum_last(), enum_range(): the labels of a type, of which the
 * last argument is the OID. A NULL says no more than the type.
 */
#include "pool/sqlite/function_array.h"

static const struct schema_enum *labels_of(struct call *call)
{
	uint32_t type = (uint32_t)call_integer(call, call->count - 1);
	const struct schema *schema = call->context->schema;
	const struct schema_enum *labels =
		schema ? schema_enum_by_oid(schema, type) : NULL;

	if (!labels)
		error_set(call->error, SQLSTATE_INTERNAL,
			  "there is no enum with the OID %u", type);
	return labels;
}

/* The first of them, or the last. */
static bool bound(struct call *call)
{
	const struct schema_enum *labels = labels_of(call);

	if (!labels)
		return false;
	if (!labels->label_count)
		return error_set(call->error, "55000",
				 "enum %s contains no values", labels->name);
	return give_text(call, slice_text(labels->labels[call->variant
					  ? labels->label_count - 1 : 0]));
}

/* Where a value stands; `otherwise` for NULL. */
static int place_of(struct call *call, int index,
		    const struct schema_enum *labels, int otherwise)
{
	for (int i = 0; !call_null(call, index) && i < labels->label_count; i++)
		if (slice_is(call_text(call, index), labels->labels[i]))
			return i;
	return otherwise;
}

/* All, or those between two of them. */
static bool range(struct call *call)
{
	const struct schema_enum *labels = labels_of(call);
	uint32_t type = (uint32_t)call_integer(call, call->count - 1);
	struct array array = { .dimensions = 1, .lower = { 1 } };
	int first = 0, last;

	if (!labels)
		return false;
	last = labels->label_count - 1;
	if (call->count == 3) {
		first = place_of(call, 0, labels, first);
		last = place_of(call, 1, labels, last);
	}
	array.items = arena_alloc(call->scratch, sizeof(*array.items) *
				  ((size_t)labels->label_count + 1));
	for (int i = first; i <= last; i++) {
		struct value label = { .kind = VALUE_TEXT,
				       .bytes = slice_text(labels->labels[i]) };

		if (!array_write_item(call, &label, type,
				      &array.items[array.count++]))
			return false;
	}
	array.lengths[0] = (int64_t)array.count;
	array.dimensions = array.count > 0;
	return give_array(call, &array);
}

/* More labels may come: no index or generated column may hold what these say. */
static const struct function_row rows[] = {
	{ "pg_enum_first", 2, FUNCTION_NULLS | FUNCTION_VOLATILE, bound, 0 },
	{ "pg_enum_last", 2, FUNCTION_NULLS | FUNCTION_VOLATILE, bound, 1 },
	{ "pg_enum_range", 2, FUNCTION_NULLS | FUNCTION_VOLATILE, range, 0 },
	{ "pg_enum_range", 3, FUNCTION_NULLS | FUNCTION_VOLATILE, range, 0 },
	{ 0 },
};

int functions_enum(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

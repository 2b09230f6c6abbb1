/*
 * array_agg(): values become the elements of an array, arrays of one shape
 * become the rows of an array that has a dimension more.
 */
#include "pool/sqlite/function_aggregate.h"

#include "pool/sqlite/function_array.h"

struct collected {
	struct pieces pieces;	/* first, for pieces_remove() */
	struct array shape;	/* of each array; 0 dimensions: not arrays */
};

static bool fail_shape(struct call *call, const char *kind)
{
	return error_set(call->error, "2202E", "cannot accumulate %s", kind);
}

/* The first array says how all must be. */
static bool take_shape(struct call *call, struct array *shape,
		       const struct array *array)
{
	if (!array->dimensions)
		return fail_shape(call, shape->dimensions
				  ? "arrays of different dimensionality"
				  : "empty arrays");
	if (array->dimensions == ARRAY_DIMENSIONS_MAX)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "number of array dimensions (%d) exceeds the "
				 "maximum allowed (%d)", array->dimensions + 1,
				 ARRAY_DIMENSIONS_MAX);
	if (!shape->dimensions)
		*shape = *array;
	shape->items = NULL;
	if (array->dimensions != shape->dimensions ||
	    memcmp(array->lengths, shape->lengths,
		   (size_t)array->dimensions * sizeof(*array->lengths)) ||
	    memcmp(array->lower, shape->lower,
		   (size_t)array->dimensions * sizeof(*array->lower)))
		return fail_shape(call, "arrays of different dimensionality");
	return true;
}

static bool put_array(struct call *call, struct collected *all)
{
	struct array array;

	if (call_null(call, 0))
		return error_set(call->error, "22004",
				 "cannot accumulate null arrays");
	if (!call_array(call, 0, &array) ||
	    !take_shape(call, &all->shape, &array))
		return false;
	for (int i = 0; i < array.dimensions; i++)
		array.lower[i] = 1;	/* the whole array has them */
	array_print(&array, &all->pieces.text);
	return true;
}

static bool put_element(struct call *call, struct collected *all,
			uint32_t type)
{
	struct value value = call_value(call, 0);
	struct slice text;

	if (!array_write_item(call, &value, type, &text))
		return false;
	buffer_put_slice(&all->pieces.text, text);
	return true;
}

/* The arguments are a value and its type. */
static bool collect(struct call *call, void *state)
{
	struct collected *all = state;
	uint32_t type = (uint32_t)call_integer(call, 1);

	pieces_begin(&all->pieces);
	buffer_put_u8(&all->pieces.text, ',');
	pieces_separated(&all->pieces);
	return (array_element_type(call, type) ? put_array(call, all)
		: put_element(call, all, type)) &&
	       pieces_end(call, &all->pieces);
}

static bool collected_value(struct call *call, void *state)
{
	struct collected *all = state;
	struct array whole = all->shape;
	size_t count = pieces_count(&all->pieces);
	struct buffer out = { 0 };

	if (!count)
		return give_null(call);
	for (int i = whole.dimensions++; i > 0; i--) {
		whole.lengths[i] = whole.lengths[i - 1];
		whole.lower[i] = whole.lower[i - 1];
	}
	whole.lengths[0] = (int64_t)count;
	whole.lower[0] = 1;
	array_print_bounds(&whole, &out);
	buffer_put_u8(&out, '{');
	buffer_put_slice(&out, pieces_text(&all->pieces));
	buffer_put_u8(&out, '}');
	return give_buffer(call, &out);
}

static const struct aggregate_row aggregates[] = {
	{ "pg_array_agg", 2, FUNCTION_NULLS, sizeof(struct collected),
	  collect, pieces_remove, collected_value, pieces_release, 0 },
	{ 0 },
};

int functions_array_agg(sqlite3 *db, struct functions *functions)
{
	return functions_add_aggregates(db, functions, aggregates);
}

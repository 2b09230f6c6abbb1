/*
 * Elements and slices of arrays, read and put. A slice comes with the bounds
 * that were written (bit 2n: the lower of dimension n, 2n + 1: the upper),
 * and with NULL for one that was not.
 */
#include "pool/sqlite/function_array.h"

#define SQLSTATE_SUBSCRIPT "2202E"
#define POSITION_MAX INT32_MAX

/* --- reading -------------------------------------------------------------------- */

static bool give_item(struct call *call, struct slice item, uint32_t element)
{
	struct array one = { .dimensions = 1, .lengths = { 1 }, .count = 1,
			     .items = &item };
	struct value *values;

	return array_values(call, &one, element, &values) &&
	       give_value(call, &values[0]);
}

/* pg_array_get(array, element, subscript ...); outside of the bounds: NULL */
static bool get(struct call *call)
{
	struct array array;
	size_t at = 0;

	if (!call_array(call, 0, &array))
		return false;
	if (array.dimensions != call->count - 2)
		return give_null(call);
	for (int i = 0; i < array.dimensions; i++) {
		int64_t index = call_integer(call, i + 2) - array.lower[i];

		if (index < 0 || index >= array.lengths[i])
			return give_null(call);
		at = at * (size_t)array.lengths[i] + (size_t)index;
	}
	return give_item(call, array.items[at],
			 (uint32_t)call_integer(call, 1));
}

/* Arguments from the fourth on, so many for each dimension. */
static int dimensions_of(const struct call *call, int width)
{
	int count = (call->count - 3) / width;

	return count < ARRAY_DIMENSIONS_MAX ? count : ARRAY_DIMENSIONS_MAX;
}

/* A slice's bounds for each dimension of the array. */
struct bounds {
	int count;		/* of those that were written */
	int64_t low[ARRAY_DIMENSIONS_MAX];
	int64_t high[ARRAY_DIMENSIONS_MAX];
	bool has_low[ARRAY_DIMENSIONS_MAX];
	bool has_high[ARRAY_DIMENSIONS_MAX];
};

/* Arguments from the third on: which were written, then the bounds.
 * False: one that was written is NULL. */
static bool read_bounds(struct call *call, struct bounds *ret)
{
	int64_t written = call_integer(call, 2);

	*ret = (struct bounds){ .count = dimensions_of(call, 2) };
	for (int i = 0; i < ret->count; i++) {
		int at = 3 + 2 * i;

		ret->has_low[i] = written >> (2 * i) & 1;
		ret->has_high[i] = written >> (2 * i + 1) & 1;
		if ((ret->has_low[i] && call_null(call, at)) ||
		    (ret->has_high[i] && call_null(call, at + 1)))
			return false;
		ret->low[i] = call_integer(call, at);
		ret->high[i] = call_integer(call, at + 1);
	}
	return true;
}

/* What was not written is where the array ends. */
static void fill_bounds(struct bounds *bounds, const struct array *array)
{
	for (int i = 0; i < array->dimensions; i++) {
		if (i >= bounds->count || !bounds->has_low[i])
			bounds->low[i] = array->lower[i];
		if (i >= bounds->count || !bounds->has_high[i])
			bounds->high[i] = array->lower[i] + array->lengths[i] -
					  1;
	}
}

static bool is_inside(const struct array *array, const struct bounds *bounds,
		      const int64_t *position)
{
	for (int i = 0; i < array->dimensions; i++)
		if (position[i] < bounds->low[i] ||
		    position[i] > bounds->high[i])
			return false;
	return true;
}

/* The position of the item after this one. */
static void step(const struct array *array, int64_t *position)
{
	for (int i = array->dimensions - 1; i >= 0; i--) {
		if (++position[i] < array->lower[i] + array->lengths[i])
			return;
		position[i] = array->lower[i];
	}
}

/* Lets an array be what is inside of the bounds, counted from 1. */
static void cut(struct array *array, const struct bounds *bounds)
{
	int64_t position[ARRAY_DIMENSIONS_MAX];
	size_t kept = 0;

	memcpy(position, array->lower, sizeof(position));
	for (size_t i = 0; i < array->count; i++) {
		if (is_inside(array, bounds, position))
			array->items[kept++] = array->items[i];
		step(array, position);
	}
	array->count = kept;
	for (int i = 0; i < array->dimensions; i++) {
		array->lengths[i] = bounds->high[i] - bounds->low[i] + 1;
		array->lower[i] = 1;
	}
	if (!kept)
		array->dimensions = 0;
}

/* pg_array_slice(array, element, written, low, high ...) */
static bool slice(struct call *call)
{
	struct array array;
	struct bounds bounds;

	if (call_null(call, 0) || !read_bounds(call, &bounds))
		return give_null(call);
	if (!call_array(call, 0, &array))
		return false;
	if (array.dimensions < bounds.count) {
		array.dimensions = 0;
		return give_array(call, &array);
	}
	fill_bounds(&bounds, &array);
	for (int i = 0; i < array.dimensions; i++) {
		int64_t last = array.lower[i] + array.lengths[i] - 1;

		if (bounds.low[i] < array.lower[i])
			bounds.low[i] = array.lower[i];
		if (bounds.high[i] > last)
			bounds.high[i] = last;
	}
	cut(&array, &bounds);
	return give_array(call, &array);
}

/* --- putting -------------------------------------------------------------------- */

static bool fail_subscript(struct call *call, const char *message)
{
	return error_set(call->error, SQLSTATE_SUBSCRIPT, "%s", message);
}

static bool fail_size(struct call *call)
{
	return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
			 "array size exceeds the maximum allowed (%d)",
			 ARRAY_ITEMS_MAX);
}

static bool fail_null(struct call *call)
{
	return error_set(call->error, SQLSTATE_NULL_NOT_ALLOWED,
			 "array subscript in assignment must not be null");
}

/* NULL is an empty array here. */
static bool read_old(struct call *call, struct array *ret)
{
	return array_parse(call, call_null(call, 0) ? slice_text("{}") :
			   call_text(call, 0), ret);
}

/* How many items the shape has; false: too many. */
static bool count_items(struct call *call, int dimensions,
			const int64_t *lengths, size_t *ret_count)
{
	int64_t count = dimensions ? 1 : 0;

	for (int i = 0; i < dimensions; i++) {
		if (lengths[i] < 0 || lengths[i] > ARRAY_ITEMS_MAX)
			return fail_size(call);
		count *= lengths[i];
		if (count > ARRAY_ITEMS_MAX)
			return fail_size(call);
	}
	*ret_count = (size_t)count;
	return true;
}

static bool check_positions(struct call *call, const struct array *array)
{
	for (int i = 0; i < array->dimensions; i++)
		if (array->lower[i] + array->lengths[i] > POSITION_MAX)
			return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
					 "array lower bound is too large: %lld",
					 (long long)array->lower[i]);
	return true;
}

/* Makes an array of one dimension reach from `low` to `high` at least: what
 * comes between is NULL. */
static bool extend(struct call *call, struct array *array, int64_t low,
		   int64_t high)
{
	int64_t first = array->lower[0], last = first + array->lengths[0] - 1;
	int64_t before = low < first ? first - low : 0;
	size_t kept = array->count;
	struct slice *items;

	array->lower[0] = first - before;
	array->lengths[0] = (high > last ? high : last) - array->lower[0] + 1;
	if (!count_items(call, 1, array->lengths, &array->count))
		return false;
	items = arena_alloc(call->scratch, array->count * sizeof(*items));
	for (size_t i = 0; i < array->count; i++)
		items[i] = slice_text("NULL");
	memcpy(items + before, array->items, kept * sizeof(*items));
	array->items = items;
	return check_positions(call, array);
}

/* Where a position is among the items; false: it is outside. */
static bool find_position(const struct array *array, const int64_t *position,
			  size_t *ret_at)
{
	size_t at = 0;

	for (int i = 0; i < array->dimensions; i++) {
		int64_t index = position[i] - array->lower[i];

		if (index < 0 || index >= array->lengths[i])
			return false;
		at = at * (size_t)array->lengths[i] + (size_t)index;
	}
	*ret_at = at;
	return true;
}

static bool give_one(struct call *call, struct slice item, int dimensions,
		     const int64_t *position)
{
	struct array one = { .dimensions = dimensions, .count = 1,
			     .items = &item };

	for (int i = 0; i < dimensions; i++) {
		one.lengths[i] = 1;
		one.lower[i] = position[i];
	}
	return check_positions(call, &one) && give_array(call, &one);
}

/* pg_array_put(array, value, element, subscript ...) */
static bool put(struct call *call)
{
	int64_t position[ARRAY_DIMENSIONS_MAX];
	int count = dimensions_of(call, 1);
	struct value value = call_value(call, 1);
	struct array array;
	struct slice item;
	size_t at;

	for (int i = 0; i < count; i++) {
		if (call_null(call, 3 + i))
			return fail_null(call);
		position[i] = call_integer(call, 3 + i);
	}
	if (!read_old(call, &array) ||
	    !array_write_item(call, &value, (uint32_t)call_integer(call, 2),
			      &item))
		return false;
	if (!array.dimensions)
		return give_one(call, item, count, position);
	if (array.dimensions != count)
		return fail_subscript(call, "wrong number of array subscripts");
	if (count == 1 && !extend(call, &array, position[0], position[0]))
		return false;
	if (!find_position(&array, position, &at))
		return fail_subscript(call, "array subscript out of range");
	array.items[at] = item;
	return give_array(call, &array);
}

/* An empty array becomes the slice. */
static bool give_slice(struct call *call, const struct bounds *bounds,
		       const struct array *source)
{
	struct array array = { .dimensions = bounds->count,
			       .items = source->items };

	for (int i = 0; i < bounds->count; i++) {
		if (!bounds->has_low[i] || !bounds->has_high[i]) {
			fail_subscript(call, "array slice subscript must provide both boundaries");
			error_detail(call->error,
				"When assigning to a slice of an empty array value, slice boundaries must be fully specified.");
			return false;
		}
		array.lower[i] = bounds->low[i];
		array.lengths[i] = bounds->high[i] - bounds->low[i] + 1;
	}
	if (!count_items(call, array.dimensions, array.lengths, &array.count))
		return false;
	if (source->count < array.count)
		return fail_subscript(call, "source array too small");
	if (!array.count)
		array.dimensions = 0;
	return check_positions(call, &array) && give_array(call, &array);
}

static bool check_bounds(struct call *call, const struct bounds *bounds,
			 const struct array *array)
{
	for (int i = 0; i < array->dimensions; i++) {
		int64_t last = array->lower[i] + array->lengths[i] - 1;

		if (bounds->low[i] > bounds->high[i])
			return fail_subscript(call,
				"upper bound cannot be less than lower bound");
		if (array->dimensions > 1 && (bounds->low[i] < array->lower[i] ||
					      bounds->high[i] > last))
			return fail_subscript(call,
					      "array subscript out of range");
	}
	return true;
}

/* How many items are inside of the bounds, which are inside of an array. */
static size_t count_inside(const struct bounds *bounds, int dimensions)
{
	size_t count = 1;

	for (int i = 0; i < dimensions; i++)
		count *= (size_t)(bounds->high[i] - bounds->low[i] + 1);
	return count;
}

/* Puts the source's items into the slice, one after the other: its shape
 * does not count, and what is left of it neither. */
static bool fill_slice(struct call *call, struct array *array,
		       const struct bounds *bounds, const struct array *source)
{
	int64_t position[ARRAY_DIMENSIONS_MAX];
	size_t next = 0;

	if (source->count < count_inside(bounds, array->dimensions))
		return fail_subscript(call, "source array too small");
	memcpy(position, array->lower, sizeof(position));
	for (size_t i = 0; i < array->count; i++) {
		if (is_inside(array, bounds, position))
			array->items[i] = source->items[next++];
		step(array, position);
	}
	return give_array(call, array);
}

/* pg_array_put_slice(array, source, written, low, high ...) */
static bool put_slice(struct call *call)
{
	struct array array, source;
	struct bounds bounds;

	if (!read_bounds(call, &bounds))
		return fail_null(call);
	if (!read_old(call, &array))
		return false;
	if (call_null(call, 1))	/* puts nothing */
		return give_array(call, &array);
	if (!call_array(call, 1, &source))
		return false;
	if (!array.dimensions)
		return give_slice(call, &bounds, &source);
	if (array.dimensions < bounds.count)
		return fail_subscript(call, "wrong number of array subscripts");
	fill_bounds(&bounds, &array);
	if (!check_bounds(call, &bounds, &array) ||
	    (array.dimensions == 1 &&
	     !extend(call, &array, bounds.low[0], bounds.high[0])))
		return false;
	return fill_slice(call, &array, &bounds, &source);
}

static const struct function_row rows[] = {
	{ "pg_array_get", FUNCTION_FROM(3), 0, get, 0 },
	{ "pg_array_slice", FUNCTION_FROM(3), FUNCTION_NULLS, slice, 0 },
	{ "pg_array_put", FUNCTION_FROM(3), FUNCTION_NULLS, put, 0 },
	{ "pg_array_put_slice", FUNCTION_FROM(3), FUNCTION_NULLS, put_slice, 0 },
	{ 0 },
};

int functions_array_part(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

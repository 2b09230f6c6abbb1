/*
 * The functions and operators on arrays. The OID of the elements is each
 * one's last argument, where it matters.
 */
#include "pool/sqlite/function_array.h"

#define SQLSTATE_SUBSCRIPT "2202E"

static uint32_t last_oid(const struct call *call)
{
	return (uint32_t)call_integer(call, call->count - 1);
}

/* --- bounds ------------------------------------------------------------------------ */

enum bound { BOUND_LENGTH, BOUND_LOWER, BOUND_UPPER };

static bool bound(struct call *call)
{
	int64_t dimension = call_integer(call, 1);
	struct array array;
	int at = (int)dimension - 1;

	if (!call_array(call, 0, &array))
		return false;
	if (dimension < 1 || dimension > array.dimensions)
		return give_null(call);
	if (call->variant == BOUND_LENGTH)
		return give_integer(call, array.lengths[at]);
	if (call->variant == BOUND_LOWER)
		return give_integer(call, array.lower[at]);
	return give_integer(call, array.lower[at] + array.lengths[at] - 1);
}

static bool dimensions(struct call *call)
{
	struct array array;

	if (!call_array(call, 0, &array))
		return false;
	return array.dimensions ? give_integer(call, array.dimensions)
				: give_null(call);
}

static bool cardinality(struct call *call)
{
	struct array array;

	return call_array(call, 0, &array) &&
	       give_integer(call, (int64_t)array.count);
}

static bool dims(struct call *call)
{
	struct array array;
	struct buffer out = { 0 };

	if (!call_array(call, 0, &array))
		return false;
	if (!array.dimensions)
		return give_null(call);
	for (int i = 0; i < array.dimensions; i++)
		buffer_printf(&out, "[%lld:%lld]", (long long)array.lower[i],
			      (long long)(array.lower[i] + array.lengths[i] -
					  1));
	return give_buffer(call, &out);
}

/* --- comparing ----------------------------------------------------------------------- */

/* Two arrays with their values. */
struct pair {
	struct array a, b;
	struct value *left, *right;
	uint32_t element;
};

static bool read_pair(struct call *call, struct pair *pair)
{
	pair->element = last_oid(call);
	return call_array(call, 0, &pair->a) && call_array(call, 1, &pair->b) &&
	       array_values(call, &pair->a, pair->element, &pair->left) &&
	       array_values(call, &pair->b, pair->element, &pair->right);
}

static bool holds(struct call *call, const struct pair *pair,
		  const struct value *wanted)
{
	if (wanted->kind == VALUE_NULL)
		return false;
	for (size_t i = 0; i < pair->a.count; i++)
		if (pair->left[i].kind != VALUE_NULL &&
		    !compare_values(call, pair->element, &pair->left[i],
				    wanted))
			return true;
	return false;
}

/* a @> b: every one of b is in a; a && b: any. */
static bool contains(struct call *call)
{
	struct pair pair;
	bool any = call->variant;

	if (!read_pair(call, &pair))
		return false;
	for (size_t i = 0; i < pair.b.count; i++)
		if (holds(call, &pair, &pair.right[i]) == any)
			return give_bool(call, any);
	return give_bool(call, !any);
}

static int compare_shapes(const struct array *a, const struct array *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	if (a->dimensions != b->dimensions)
		return a->dimensions < b->dimensions ? -1 : 1;
	for (int i = 0; i < a->dimensions; i++)
		if (a->lengths[i] != b->lengths[i])
			return a->lengths[i] < b->lengths[i] ? -1 : 1;
	for (int i = 0; i < a->dimensions; i++)
		if (a->lower[i] != b->lower[i])
			return a->lower[i] < b->lower[i] ? -1 : 1;
	return 0;
}

static int compare_pair(struct call *call, const struct pair *pair)
{
	for (size_t i = 0; i < pair->a.count && i < pair->b.count; i++) {
		int order = compare_values(call, pair->element,
					   &pair->left[i], &pair->right[i]);

		if (order)
			return order;
	}
	return compare_shapes(&pair->a, &pair->b);
}

static bool compare(struct call *call)
{
	struct pair pair;

	return read_pair(call, &pair) &&
	       give_integer(call, compare_pair(call, &pair));
}

int compare_arrays(struct call *call, uint32_t element, struct slice a,
		   struct slice b)
{
	struct pair pair = { .element = element };

	if (!array_parse(call, a, &pair.a) || !array_parse(call, b, &pair.b) ||
	    !array_values(call, &pair.a, element, &pair.left) ||
	    !array_values(call, &pair.b, element, &pair.right))
		return compare_bytes(a, b);
	return compare_pair(call, &pair);
}

static bool answers(struct slice operator, int order)
{
	for (size_t i = 0; i < operator.length; i++)
		if ((operator.at[i] == '<' && order < 0) ||
		    (operator.at[i] == '>' && order > 0) ||
		    (operator.at[i] == '=' && order == 0))
			return true;
	return false;
}

/* pg_array_any(value, array, operator, any or all, element): value op
 * ANY/ALL (array) for the operators that compare. */
static bool any(struct call *call)
{
	bool is_any = call_integer(call, 3), unknown = false;
	uint32_t element = last_oid(call);
	struct value wanted = call_value(call, 0), *values;
	struct array array;

	if (call_null(call, 1))
		return give_null(call);
	if (!call_array(call, 1, &array) ||
	    !array_values(call, &array, element, &values))
		return false;
	for (size_t i = 0; i < array.count; i++) {
		if (wanted.kind == VALUE_NULL || values[i].kind == VALUE_NULL)
			unknown = true;
		else if (answers(call_text(call, 2),
				 compare_values(call, element, &wanted,
						&values[i])) == is_any)
			return give_bool(call, is_any);
	}
	return unknown ? give_null(call) : give_bool(call, !is_any);
}

/* array_larger(), array_smaller(): variant 1, -1 */
static bool better(struct call *call)
{
	struct pair pair;

	if (!read_pair(call, &pair))
		return false;
	return give_argument(call, compare_pair(call, &pair) *
				   call->variant >= 0 ? 0 : 1);
}

/* --- adding -------------------------------------------------------------------------- */

/* The items of two, one behind the other. */
static struct slice *join_items(struct call *call, const struct slice *a,
				size_t count_a, const struct slice *b,
				size_t count_b)
{
	struct slice *items = arena_alloc(call->scratch, (count_a + count_b) *
								 sizeof(*items));

	if (count_a)
		memcpy(items, a, count_a * sizeof(*items));
	if (count_b)
		memcpy(items + count_a, b, count_b * sizeof(*items));
	return items;
}

static bool read_or_empty(struct call *call, int index, struct array *ret)
{
	return array_parse(call, call_null(call, index)
			   ? slice_text("{}") : call_text(call, index), ret);
}

/* array_append(array, value): variant 0; array_prepend(value, array): 1 */
static bool append(struct call *call)
{
	int array_index = call->variant ? 1 : 0;
	struct value value = call_value(call, 1 - array_index);
	struct array array;
	struct slice item;

	if (!read_or_empty(call, array_index, &array) ||
	    !array_write_item(call, &value, last_oid(call), &item))
		return false;
	if (array.dimensions > 1)
		return error_set(call->error, "22000",
				 "argument must be empty or one-dimensional "
				 "array");
	array.items = call->variant
			      ? join_items(call, &item, 1, array.items,
					   array.count)
			      : join_items(call, array.items, array.count,
					   &item, 1);
	array.dimensions = 1;
	array.lengths[0] = (int64_t)++array.count;
	return give_array(call, &array);
}

static bool fail_shapes(struct call *call)
{
	return error_set(call->error, SQLSTATE_SUBSCRIPT,
			 "cannot concatenate incompatible arrays");
}

/* Dimensions of b from `skip` on are those of a from the second on. */
static bool rows_fit(const struct array *a, const struct array *b, int skip)
{
	if (a->dimensions - 1 != b->dimensions - skip)
		return false;
	for (int i = 1; i < a->dimensions; i++)
		if (a->lengths[i] != b->lengths[i - 1 + skip] ||
		    a->lower[i] != b->lower[i - 1 + skip])
			return false;
	return true;
}

/* || of two arrays: of one shape, or one being a row of the other. */
static bool cat(struct call *call)
{
	struct array a, b, *shape = &a;

	if (call_null(call, 0) && call_null(call, 1))
		return give_null(call);
	if (!read_or_empty(call, 0, &a) || !read_or_empty(call, 1, &b))
		return false;
	if (!a.dimensions || !b.dimensions)
		return give_array(call, a.dimensions ? &a : &b);
	if (a.dimensions >= b.dimensions) {
		if (!rows_fit(&a, &b, a.dimensions == b.dimensions))
			return fail_shapes(call);
		a.lengths[0] += a.dimensions == b.dimensions ? b.lengths[0]
							     : 1;
	} else {
		if (!rows_fit(&b, &a, 0))
			return fail_shapes(call);
		b.lengths[0]++;
		shape = &b;
	}
	shape->items = join_items(call, a.items, a.count, b.items, b.count);
	shape->count = a.count + b.count;
	return give_array(call, shape);
}

static bool fail_dimensions(struct call *call)
{
	return error_set(call->error, SQLSTATE_SUBSCRIPT,
			 "multidimensional arrays must have array expressions "
			 "with matching dimensions");
}

/* Whether two arrays have the same lengths and bounds. */
static bool is_alike(const struct array *a, const struct array *b)
{
	if (a->dimensions != b->dimensions)
		return false;
	for (int i = 0; i < a->dimensions; i++)
		if (a->lengths[i] != b->lengths[i] || a->lower[i] != b->lower[i])
			return false;
	return true;
}

/* One dimension more; empty arrays and NULL are none, if all are. */
static bool build_nested(struct call *call)
{
	struct array whole = { 0 }, first = { 0 }, one;
	bool hollow = false;

	for (int i = 1; i < call->count; i++) {
		one.dimensions = 0;
		if (!call_null(call, i) && !call_array(call, i, &one))
			return false;
		hollow |= one.dimensions == 0;
		if (one.dimensions == 0)
			continue;
		if (first.dimensions == 0) {
			first = one;
			if (!check_length(call, one.count *
					  (size_t)(call->count - 1),
					  sizeof(*whole.items)))
				return false;
			whole.items = arena_alloc(call->scratch, one.count *
				(size_t)call->count * sizeof(*whole.items));
		}
		if (!is_alike(&one, &first))
			return fail_dimensions(call);
		memcpy(whole.items + whole.count, one.items,
		       one.count * sizeof(*whole.items));
		whole.count += one.count;
	}
	if (hollow && first.dimensions)
		return fail_dimensions(call);
	if (first.dimensions == 0)
		return give_text(call, slice_text("{}"));
	if (first.dimensions == ARRAY_DIMENSIONS_MAX)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "number of array dimensions (%d) exceeds the "
				 "maximum allowed (%d)", first.dimensions + 1,
				 ARRAY_DIMENSIONS_MAX);
	whole.dimensions = first.dimensions + 1;
	whole.lengths[0] = call->count - 1;
	whole.lower[0] = 1;
	for (int i = 0; i < first.dimensions; i++) {
		whole.lengths[i + 1] = first.lengths[i];
		whole.lower[i + 1] = first.lower[i];
	}
	return give_array(call, &whole);
}

/* pg_array_build(type, item ...): the type of the items, or an array type
 * when they are arrays themselves. */
static bool build(struct call *call)
{
	uint32_t type = (uint32_t)call_integer(call, 0);
	struct buffer out = { 0 };

	if (array_element_type(call, type))
		return build_nested(call);
	buffer_put_u8(&out, '{');
	for (int i = 1; i < call->count; i++) {
		struct value value = call_value(call, i);
		struct slice item = value.bytes;

		if (!array_write_item(call, &value, type, &item)) {
			buffer_fini(&out);
			return false;
		}
		if (i > 1)
			buffer_put_u8(&out, ',');
		buffer_put_slice(&out, item);
	}
	buffer_put_u8(&out, '}');
	return give_buffer(call, &out);
}

/* array_fill(value, lengths [, lower bounds], type of the value) */
static bool fill(struct call *call)
{
	struct value value = call_value(call, 0), *lengths, *lower = NULL;
	struct array array = { 0 }, sizes, bounds;
	struct slice item;

	if (call_null(call, 1) || (call->count == 4 && call_null(call, 2)))
		return error_set(call->error, SQLSTATE_NULL_NOT_ALLOWED,
				 "dimension array or low bound array cannot "
				 "be null");
	if (!call_array(call, 1, &sizes) ||
	    !array_values(call, &sizes, OID_INT4, &lengths) ||
	    !array_write_item(call, &value, last_oid(call), &item))
		return false;
	if (call->count == 4 &&
	    (!call_array(call, 2, &bounds) ||
	     !array_values(call, &bounds, OID_INT4, &lower)))
		return false;
	if (sizes.count > ARRAY_DIMENSIONS_MAX ||
	    (lower && bounds.count != sizes.count))
		return error_set(call->error, SQLSTATE_SUBSCRIPT,
				 "wrong number of array subscripts");
	array.dimensions = (int)sizes.count;
	array.count = sizes.count ? 1 : 0;
	for (size_t i = 0; i < sizes.count; i++) {
		array.lengths[i] = lengths[i].integer;
		array.lower[i] = lower ? lower[i].integer : 1;
		if (array.lengths[i] < 0 || array.lengths[i] > ARRAY_ITEMS_MAX)
			return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
					 "array size exceeds the maximum "
					 "allowed (%d)", ARRAY_ITEMS_MAX);
		array.count *= (size_t)array.lengths[i];
		if (!check_length(call, array.count,
				  item.length + sizeof(item)))
			return false;
	}
	if (!array.count)
		array.dimensions = 0;
	array.items = arena_alloc(call->scratch, array.count * sizeof(item));
	for (size_t i = 0; i < array.count; i++)
		array.items[i] = item;
	return give_array(call, &array);
}

/* --- removing and finding ------------------------------------------------------------- */

static bool same(struct call *call, uint32_t element, const struct value *a,
		 const struct value *b)
{
	if (a->kind == VALUE_NULL || b->kind == VALUE_NULL)
		return a->kind == b->kind;
	return compare_values(call, element, a, b) == 0;
}

static bool read_values(struct call *call, struct array *array,
			struct value **ret_values)
{
	return call_array(call, 0, array) &&
	       array_values(call, array, last_oid(call), ret_values);
}

static bool remove_value(struct call *call)
{
	struct value wanted = call_value(call, 1), *values;
	struct array array;
	size_t kept = 0;

	if (call_null(call, 0))
		return give_null(call);
	if (!read_values(call, &array, &values))
		return false;
	if (array.dimensions > 1)
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "removing elements from multidimensional "
				 "arrays is not supported");
	for (size_t i = 0; i < array.count; i++)
		if (!same(call, last_oid(call), &values[i], &wanted))
			array.items[kept++] = array.items[i];
	array.count = kept;
	array.lengths[0] = (int64_t)kept;
	array.dimensions = kept ? 1 : 0;
	return give_array(call, &array);
}

static bool replace_value(struct call *call)
{
	struct value from = call_value(call, 1), to = call_value(call, 2);
	struct value *values;
	struct array array;
	struct slice item;

	if (call_null(call, 0))
		return give_null(call);
	if (!read_values(call, &array, &values) ||
	    !array_write_item(call, &to, last_oid(call), &item))
		return false;
	for (size_t i = 0; i < array.count; i++)
		if (same(call, last_oid(call), &values[i], &from))
			array.items[i] = item;
	return give_array(call, &array);
}

static bool check_flat(struct call *call, const struct array *array)
{
	return array->dimensions <= 1 ||
	       error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "searching for elements in multidimensional arrays "
			 "is not supported");
}

static bool has_null(const struct value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].kind == VALUE_NULL)
			return true;
	return false;
}

/* array_position(array, value [, start]) */
static bool position(struct call *call)
{
	struct value wanted = call_value(call, 1), *values;
	struct array array;
	int64_t start = INT64_MIN;

	if (call_null(call, 0))
		return give_null(call);
	if (!read_values(call, &array, &values) || !check_flat(call, &array))
		return false;
	if (array.count == 0 ||
	    (wanted.kind == VALUE_NULL && !has_null(values, array.count)))
		return give_null(call);
	if (call->count == 4 && call_null(call, 2))
		return error_set(call->error, SQLSTATE_NULL_NOT_ALLOWED,
				 "initial position must not be null");
	if (call->count == 4)
		start = call_integer(call, 2);
	for (size_t i = 0; i < array.count; i++)
		if (array.lower[0] + (int64_t)i >= start &&
		    same(call, last_oid(call), &values[i], &wanted))
			return give_integer(call,
					    array.lower[0] + (int64_t)i);
	return give_null(call);
}

static bool positions(struct call *call)
{
	struct value wanted = call_value(call, 1), *values;
	struct array array;
	struct buffer out = { 0 };

	if (call_null(call, 0))
		return give_null(call);
	if (!read_values(call, &array, &values) || !check_flat(call, &array))
		return false;
	buffer_put_u8(&out, '{');
	for (size_t i = 0; i < array.count; i++)
		if (same(call, last_oid(call), &values[i], &wanted))
			buffer_printf(&out, "%s%lld",
				      out.length > 1 ? "," : "",
				      (long long)array.lower[0] +
					      (long long)i);
	buffer_put_u8(&out, '}');
	return give_buffer(call, &out);
}

/* The items from `from` to `to` of the first dimension, counted from 0. */
static void cut(struct array *array, int64_t from, int64_t to)
{
	size_t each = array->dimensions && array->lengths[0]
			      ? array->count / (size_t)array->lengths[0]
			      : 0;

	if (!array->dimensions || to < from) {
		array->dimensions = 0;
		array->count = 0;
		return;
	}
	array->items += (size_t)from * each;
	array->lengths[0] = to - from + 1;
	array->count = (size_t)array->lengths[0] * each;
	for (int i = 0; i < array->dimensions; i++)
		array->lower[i] = 1;
}

static bool trim(struct call *call)
{
	struct array array;
	int64_t n = call_integer(call, 1), length;

	if (!call_array(call, 0, &array))
		return false;
	length = array.dimensions ? array.lengths[0] : 0;
	if (n < 0 || n > length)
		return error_set(call->error, SQLSTATE_SUBSCRIPT,
				 "number of elements to trim must be between "
				 "0 and %lld", (long long)length);
	cut(&array, 0, length - n - 1);
	return give_array(call, &array);
}

/* --- text and back -------------------------------------------------------------------- */

/* array_to_string(array, delimiter [, for nulls], type of the elements) */
static bool to_string(struct call *call)
{
	bool nulls = call->count == 4 && !call_null(call, 2);
	struct array array;
	struct value *values;
	struct buffer out = { 0 };
	bool first = true;

	if (call_null(call, 0) || call_null(call, 1))
		return give_null(call);
	if (!read_values(call, &array, &values))
		return false;
	for (size_t i = 0; i < array.count; i++) {
		if (values[i].kind == VALUE_NULL && !nulls)
			continue;
		if (!first)
			buffer_put_slice(&out, call_text(call, 1));
		first = false;
		if (values[i].kind == VALUE_NULL) {
			buffer_put_slice(&out, call_text(call, 2));
		} else if (!type_write(last_oid(call), -1, WIRE_TEXT,
				       &values[i], call_settings(call), &out,
				       call->error)) {
			buffer_fini(&out);
			return false;
		}
	}
	return give_buffer(call, &out);
}

static void put_part(struct call *call, struct buffer *out, struct slice part)
{
	bool null = call->count == 3 && !call_null(call, 2) &&
		    slice_equal(part, call_text(call, 2));

	array_item(out, null ? NULL : &part);
}

/* Without a delimiter every character is a part; with an empty one the text
 * is one part. */
static bool from_string(struct call *call)
{
	struct slice text, delimiter = slice_make("", 0);
	struct buffer out = { 0 };

	if (call_null(call, 0))
		return give_null(call);
	text = call_text(call, 0);
	if (!call_null(call, 1))
		delimiter = call_text(call, 1);
	array_begin(&out);
	while (text.length) {
		const uint8_t *found = NULL;
		size_t length = text.length;

		if (call_null(call, 1))
			length = utf8_length(text.at, text.at + text.length);
		else if (delimiter.length)
			found = memmem(text.at, text.length, delimiter.at,
				       delimiter.length);
		if (found)
			length = (size_t)(found - text.at);
		put_part(call, &out, slice_make(text.at, length));
		if (found)
			length += delimiter.length;
		text = slice_make(text.at + length, text.length - length);
		if (found && !text.length)	/* ended by a delimiter */
			put_part(call, &out, text);
	}
	array_end(&out);
	return give_buffer(call, &out);
}

static const struct function_row rows[] = {
	{ "pg_array_length", 2, 0, bound, BOUND_LENGTH },
	{ "pg_array_lower", 2, 0, bound, BOUND_LOWER },
	{ "pg_array_upper", 2, 0, bound, BOUND_UPPER },
	{ "pg_array_ndims", 1, 0, dimensions, 0 },
	{ "pg_array_dims", 1, 0, dims, 0 },
	{ "pg_cardinality", 1, 0, cardinality, 0 },
	{ "pg_array_contains", 3, 0, contains, 0 },
	{ "pg_array_overlap", 3, 0, contains, 1 },
	{ "pg_array_cmp", 3, 0, compare, 0 },
	{ "pg_array_any", 5, FUNCTION_NULLS, any, 0 },
	{ "pg_array_larger", 3, 0, better, 1 },
	{ "pg_array_smaller", 3, 0, better, -1 },
	{ "pg_array_append", 3, FUNCTION_NULLS, append, 0 },
	{ "pg_array_prepend", 3, FUNCTION_NULLS, append, 1 },
	{ "pg_array_cat", 3, FUNCTION_NULLS, cat, 0 },
	{ "pg_array_build", FUNCTION_FROM(1), FUNCTION_NULLS, build, 0 },
	{ "pg_array_fill", 3, FUNCTION_NULLS, fill, 0 },
	{ "pg_array_fill", 4, FUNCTION_NULLS, fill, 0 },
	{ "pg_array_remove", 3, FUNCTION_NULLS, remove_value, 0 },
	{ "pg_array_replace", 4, FUNCTION_NULLS, replace_value, 0 },
	{ "pg_array_position", 3, FUNCTION_NULLS, position, 0 },
	{ "pg_array_position", 4, FUNCTION_NULLS, position, 0 },
	{ "pg_array_positions", 3, FUNCTION_NULLS, positions, 0 },
	{ "pg_trim_array", 3, 0, trim, 0 },
	{ "pg_array_to_string", 3, FUNCTION_NULLS, to_string, 0 },
	{ "pg_array_to_string", 4, FUNCTION_NULLS, to_string, 0 },
	{ "pg_string_to_array", 2, FUNCTION_NULLS, from_string, 0 },
	{ "pg_string_to_array", 3, FUNCTION_NULLS, from_string, 0 },
	{ 0 },
};

int functions_array(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

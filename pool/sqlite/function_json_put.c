/*
 * Assignment under subscripts of jsonb. As Postgres does it: what is missing
 * on the way is made, an array where the step is a number, else an object;
 * gaps in arrays are filled with nulls, and nothing moves to another place.
 */
#include "pool/sqlite/function_json.h"

struct put {
	struct call *call;
	struct value *steps;
	size_t count;
	struct json *value;
};

static struct slice step_at(const struct put *put, size_t level)
{
	return put->steps[level].bytes;
}

static struct json *null_json(const struct put *put)
{
	struct json *json = json_new(JSON_NULL, put->call->scratch);

	json->source = slice_text("null");
	return json;
}

static bool add_nulls(const struct put *put, struct json *array, int64_t count)
{
	if (count > (int64_t)(FUNCTION_BYTES_MAX / sizeof(*array)))
		return error_set(put->call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "number of jsonb array elements exceeds the maximum allowed (%zu)",
				 FUNCTION_BYTES_MAX / sizeof(*array));
	for (; count > 0; count--)
		json_append(array, null_json(put));
	return true;
}

/* The value with all that is missing around it, from this level on. */
static struct json *build(const struct put *put, size_t level)
{
	struct json *whole = put->value, *around;
	int64_t index;

	for (size_t i = put->count; i-- > level; whole = around) {
		bool counts = path_index(step_at(put, i), &index);

		around = json_new(counts ? JSON_ARRAY : JSON_OBJECT,
				  put->call->scratch);
		if (counts && !add_nulls(put, around, index))
			return NULL;
		if (!counts)
			whole->key = step_at(put, i);
		json_append(around, whole);
	}
	return whole;
}

/* Lets `json` be what `from` is, in the place where it is. */
static void become(struct json *json, const struct json *from)
{
	struct slice key = json->key;
	struct json *next = json->next;

	*json = *from;
	json->key = key;
	json->next = next;
}

static bool fail_position(const struct put *put, size_t level, int64_t index)
{
	return error_set(put->call->error, "22023",
			 "path element at position %zu is out of range: %lld",
			 level + 1, (long long)index);
}

/* The element of that step, or NULL and how many nulls come before it. */
static bool find_element(const struct put *put, struct json *array,
			 size_t level, struct json **ret_child,
			 int64_t *ret_gap)
{
	struct slice step = step_at(put, level);
	int64_t count = (int64_t)array->count, index;

	if (!path_index(step, &index))
		return error_set(put->call->error, SQLSTATE_INVALID_TEXT,
				 "path element at position %zu is not an integer: \"%.*s\"",
				 level + 1, (int)step.length,
				 (const char *)step.at);
	if (index < -count)
		return fail_position(put, level, index);
	if (index < 0)
		index += count;
	*ret_child = index < count ? json_element(array, index) : NULL;
	*ret_gap = index - count;
	return true;
}

static bool fail_scalar(const struct put *put)
{
	fail_json(put->call, "cannot replace existing key");
	error_detail(put->call->error,
		     "The path assumes key is a composite object, but it is a scalar value.");
	return false;
}

/* Adds what is missing in an object or array. */
static bool add_missing(const struct put *put, struct json *parent,
			size_t level, int64_t gap)
{
	struct json *child;

	if (parent->kind == JSON_ARRAY && !add_nulls(put, parent, gap))
		return false;
	child = build(put, level + 1);
	if (child == NULL)
		return false;
	child->key = step_at(put, level);
	json_append(parent, child);
	return true;
}

static bool put_value(const struct put *put, struct json *json)
{
	for (size_t level = 0; level < put->count; level++) {
		struct json *child = NULL;
		int64_t gap = 0;

		if (json_is_scalar(json))
			return fail_scalar(put);
		if (json->kind == JSON_OBJECT)
			child = json_member(json, step_at(put, level));
		else if (!find_element(put, json, level, &child, &gap))
			return false;
		if (child == NULL)
			return add_missing(put, json, level, gap);
		json = child;
	}
	become(json, put->value);
	return true;
}

static bool has_null(const struct put *put)
{
	for (size_t i = 0; i < put->count; i++)
		if (put->steps[i].kind == VALUE_NULL)
			return true;
	return false;
}

/* pg_jsonb_put(document, value, path, whether the first step is a number) */
static bool put(struct call *call)
{
	struct put put = { .call = call };
	struct json *json;

	if (!call_text_array(call, 2, &put.steps, &put.count))
		return false;
	if (has_null(&put))
		return error_set(call->error, SQLSTATE_NULL_NOT_ALLOWED,
				 "jsonb subscript in assignment must not be null");
	put.value = call_null(call, 1) ? null_json(&put) : call_json(call, 1);
	json = !call_null(call, 0) ? call_json(call, 0) :
	       json_new(call_integer(call, 3) ? JSON_ARRAY : JSON_OBJECT,
			call->scratch);
	return put.value != NULL && json != NULL && put_value(&put, json) &&
	       give_jsonb(call, json);
}

static const struct function_row rows[] = {
	{ "pg_jsonb_put", 4, FUNCTION_NULLS, put, 0 },
	{ 0 },
};

int functions_json_put(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

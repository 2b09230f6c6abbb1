/*
 * Looking into json and jsonb: operators, tests, and what a value is. A piece
 * of a stored document is given as it stands there.
 */
#include "pool/sqlite/function_array.h"
#include "pool/sqlite/function_json.h"

bool fail_json(struct call *call, const char *message)
{
	return error_set(call->error, SQLSTATE_INVALID_PARAMETER, "%s",
			 message);
}

bool give_jsonb(struct call *call, struct json *json)
{
	struct buffer out = { 0 };

	if (!json_put_canonical(json, call->scratch, &out, call->error)) {
		buffer_fini(&out);
		return false;
	}
	return give_buffer(call, &out);
}

bool give_json_text(struct call *call, const struct json *json)
{
	if (!json || json->kind == JSON_NULL)
		return give_null(call);
	return give_text(call, json->kind == JSON_STRING ? json->text
							 : json->source);
}

bool call_text_array(struct call *call, int index, struct value **ret_items,
		     size_t *ret_count)
{
	struct array array;

	if (!call_array(call, index, &array) ||
	    !array_values(call, &array, OID_TEXT, ret_items))
		return false;
	*ret_count = array.count;
	return true;
}

bool check_one_dimension(struct call *call, int index)
{
	struct array array;

	if (!call_array(call, index, &array))
		return false;
	return array.dimensions <= 1 ||
	       error_set(call->error, "2202E",
			 "wrong number of array subscripts");
}

static bool give_piece(struct call *call, const struct json *json, bool text)
{
	if (text)
		return give_json_text(call, json);
	return json ? give_text(call, json->source) : give_null(call);
}

/* -> and ->>: by name or by index, whichever the argument is. */
static bool get(struct call *call)
{
	struct json *json = call_json(call, 0);

	if (!json)
		return false;
	if (sqlite3_value_type(call->arguments[1]) == SQLITE_INTEGER) {
		int64_t index = call_integer(call, 1);

		/* a jsonb that is one value counts as an array of one */
		if (!json_is_scalar(json) || !call_integer(call, 2) ||
		    (index != 0 && index != -1))
			json = json_element(json, index);
	} else {
		json = json_member(json, call_text(call, 1));
	}
	return give_piece(call, json, call->variant);
}

/* A step of a path as an array index; false: it is none. */
bool path_index(struct slice step, int64_t *ret_index)
{
	const uint8_t *at = step.at, *end = step.at + step.length;
	bool negative = at < end && *at == '-';
	int64_t value = 0;

	if (negative)
		at++;
	if (at == end || end - at > 10)
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		value = value * 10 + (*at - '0');
	}
	*ret_index = negative ? -value : value;
	return true;
}

static struct json *follow(struct json *json, const struct value *step)
{
	int64_t index;

	if (step->kind == VALUE_NULL)
		return NULL;
	if (json->kind == JSON_OBJECT)
		return json_member(json, step->bytes);
	if (json->kind == JSON_ARRAY && path_index(step->bytes, &index))
		return json_element(json, index);
	return NULL;
}

/* #> and #>> */
static bool get_path(struct call *call)
{
	struct json *json = call_json(call, 0);
	struct value *steps;
	size_t count;

	if (!json || !call_text_array(call, 1, &steps, &count))
		return false;
	for (size_t i = 0; json && i < count; i++)
		json = follow(json, &steps[i]);
	return give_piece(call, json, call->variant);
}

/* a @> b. At the top, an array may hold b itself, if b is a scalar. */
static bool contains(struct call *call)
{
	struct json *a = call_json(call, 0), *b = a ? call_json(call, 1) : NULL;

	if (!b)
		return false;
	if (a->kind == JSON_ARRAY && json_is_scalar(b)) {
		struct json *array = json_new(JSON_ARRAY, call->scratch);

		json_append(array, json_copy(b, call->scratch));
		b = array;
	}
	return give_bool(call, json_contains(a, b, call->scratch));
}

static bool exists_in(const struct json *json, struct slice key)
{
	if (json->kind == JSON_OBJECT)
		return json_member(json, key);
	if (json->kind == JSON_STRING)
		return slice_equal(json->text, key);
	if (json->kind == JSON_ARRAY)
		for (struct json *at = json->first; at; at = at->next)
			if (at->kind == JSON_STRING &&
			    slice_equal(at->text, key))
				return true;
	return false;
}

static bool exists(struct call *call)
{
	struct json *json = call_json(call, 0);

	return json && give_bool(call, exists_in(json, call_text(call, 1)));
}

/* ?| (variant 0) and ?& (variant 1); NULL keys are passed over. */
static bool exists_many(struct call *call)
{
	struct json *json = call_json(call, 0);
	struct value *keys;
	size_t count;

	if (!json || !call_text_array(call, 1, &keys, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (keys[i].kind != VALUE_NULL &&
		    exists_in(json, keys[i].bytes) != (call->variant == 1))
			return give_bool(call, call->variant == 0);
	return give_bool(call, call->variant == 1);
}

static bool compare(struct call *call)
{
	struct json *a = call_json(call, 0), *b = a ? call_json(call, 1) : NULL;

	return b && give_integer(call, json_compare(a, b, call->scratch));
}

static bool type_of(struct call *call)
{
	struct json *json = call_json(call, 0);

	return json && give_text(call, slice_text(json_type_name(json)));
}

static bool array_length(struct call *call)
{
	struct json *json = call_json(call, 0);

	if (!json)
		return false;
	if (json_is_scalar(json))
		return fail_json(call, "cannot get array length of a scalar");
	if (json->kind != JSON_ARRAY)
		return fail_json(call,
				 "cannot get array length of a non-array");
	return give_integer(call, (int64_t)json->count);
}

static bool unsupported_path(struct call *call)
{
	return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "SQL/JSON path expressions are not supported");
}

static const struct function_row rows[] = {
	{ "pg_json_get", 3, 0, get, 0 },
	{ "pg_json_get_text", 3, 0, get, 1 },
	{ "pg_json_path", 3, 0, get_path, 0 },
	{ "pg_json_path_text", 3, 0, get_path, 1 },
	{ "pg_jsonb_contains", 2, 0, contains, 0 },
	{ "pg_jsonb_exists", 2, 0, exists, 0 },
	{ "pg_jsonb_exists_any", 2, 0, exists_many, 0 },
	{ "pg_jsonb_exists_all", 2, 0, exists_many, 1 },
	{ "pg_jsonb_cmp", 2, 0, compare, 0 },
	{ "pg_json_typeof", 1, 0, type_of, 0 },
	{ "pg_jsonb_typeof", 1, 0, type_of, 0 },
	{ "pg_json_array_length", 1, 0, array_length, 0 },
	{ "pg_jsonb_array_length", 1, 0, array_length, 0 },
	{ "pg_jsonb_path_exists", FUNCTION_FROM(0), 0, unsupported_path, 0 },
	{ "pg_jsonb_path_match", FUNCTION_FROM(0), 0, unsupported_path, 0 },
	{ "pg_jsonb_path_query_array", FUNCTION_FROM(0), 0, unsupported_path, 0 },
	{ "pg_jsonb_path_query_first", FUNCTION_FROM(0), 0, unsupported_path, 0 },
	{ 0 },
};

int functions_json(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

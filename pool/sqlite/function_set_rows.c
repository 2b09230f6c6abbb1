/*
 * The functions that return rows: unnest, generate_series, the parts of JSON
 * documents and of split texts.
 */
#include "pool/sqlite/function_array.h"
#include "pool/sqlite/function_json.h"
#include "pool/sqlite/function_set.h"

/* --- arrays --------------------------------------------------------------------- */

/* pg_unnest(array, element) */
static bool unnest(struct set *set)
{
	struct call *call = set->call;
	struct array array;

	if (!call_array(call, 0, &array) ||
	    !array_values(call, &array, (uint32_t)call_integer(call, 1),
			  &set->values))
		return false;
	set->count = array.count;
	return true;
}

/* information_schema._pg_expandarray(array): x and its place n */
static bool expand(struct set *set)
{
	struct call *call = set->call;
	struct array array;
	struct value *values, *row;
	uint32_t element = call->count > 1 ? (uint32_t)call_integer(call, 1)
					   : OID_INT4;

	if (!call_array(call, 0, &array) ||
	    !array_values(call, &array, element, &values))
		return false;
	for (size_t i = 0; i < array.count; i++) {
		if (!(row = set_add(set)))
			return false;
		row[0] = values[i];
		row[1] = (struct value){ .kind = VALUE_INTEGER,
					 .integer = (int64_t)i + 1 };
	}
	return true;
}

/* generate_subscripts(array, dimension [, reverse]) */
static bool subscripts(struct set *set)
{
	struct call *call = set->call;
	int64_t dimension = call_integer(call, 1), length;
	bool reverse = call->count > 2 && call_integer(call, 2);
	struct array array;

	if (!call_array(call, 0, &array))
		return false;
	if (dimension < 1 || dimension > array.dimensions)
		return true;
	length = array.lengths[dimension - 1];
	for (int64_t i = 0; i < length; i++) {
		struct value *row = set_add(set);

		if (!row)
			return false;
		row->kind = VALUE_INTEGER;
		row->integer = array.lower[dimension - 1] +
			       (reverse ? length - 1 - i : i);
	}
	return true;
}

/* --- series of integers ------------------------------------------------------------- */

struct int_series {
	int64_t next, stop, step;
	bool over;
};

static bool series(struct set *set)
{
	struct int_series *state = arena_alloc(set->call->scratch,
					       sizeof(*state));

	state->next = call_integer(set->call, 0);
	state->stop = call_integer(set->call, 1);
	state->step = set->call->count > 2 ? call_integer(set->call, 2) : 1;
	if (!state->step)
		return error_set(set->call->error, SQLSTATE_INVALID_PARAMETER,
				 "step size cannot equal zero");
	set->series = state;
	set->values = arena_alloc(set->call->scratch, sizeof(*set->values));
	set->values->kind = VALUE_INTEGER;
	return true;
}

static bool series_next(struct set *set, bool *ret_end)
{
	struct int_series *state = set->series;

	*ret_end = state->over || (state->step > 0
				   ? state->next > state->stop
				   : state->next < state->stop);
	if (*ret_end)
		return true;
	set->values->integer = state->next;
	state->over = __builtin_add_overflow(state->next, state->step,
					     &state->next);
	return true;
}

/* --- JSON ---------------------------------------------------------------------------- */

enum json_set { SET_TEXT = 1, SET_JSONB = 2 };

static struct value text_value(struct slice text)
{
	return (struct value){ .kind = VALUE_TEXT, .bytes = text };
}

static struct value json_value(const struct set *set, const struct json *json)
{
	if (!(set->call->variant & SET_TEXT))
		return text_value(json->source);
	if (json->kind == JSON_NULL)
		return (struct value){ .kind = VALUE_NULL };
	return text_value(json->kind == JSON_STRING ? json->text
						    : json->source);
}

static bool is_jsonb(const struct set *set)
{
	return set->call->variant & SET_JSONB;
}

/* The complaints of json and of jsonb are worded differently. */
static bool fail_elements(struct set *set, const struct json *json)
{
	const char *text = set->call->variant & SET_TEXT ? "_text" : "";
	bool scalar = json_is_scalar(json);

	if (is_jsonb(set))
		return fail_json(set->call, scalar
				 ? "cannot extract elements from a scalar"
				 : "cannot extract elements from an object");
	return error_set(set->call->error, SQLSTATE_INVALID_PARAMETER,
			 "cannot call json_array_elements%s on a %s", text,
			 scalar ? "scalar" : "non-array");
}

static bool elements(struct set *set)
{
	struct json *json = call_json(set->call, 0);

	if (!json)
		return false;
	if (json->kind != JSON_ARRAY)
		return fail_elements(set, json);
	for (struct json *at = json->first; at; at = at->next) {
		struct value *row = set_add(set);

		if (!row)
			return false;
		*row = json_value(set, at);
	}
	return true;
}

/* The rows of json_to_record() and json_to_recordset(): objects. */
static bool record(struct set *set)
{
	struct json *json = call_null(set->call, 0) ? NULL :
			    call_json(set->call, 0);
	struct value *row;

	if (!json && !call_null(set->call, 0))
		return false;
	if (json && json->kind != JSON_OBJECT)
		return fail_json(set->call, json_is_scalar(json)
				 ? "cannot call populate_composite on a scalar"
				 : "cannot call populate_composite on an array");
	row = set_add(set);
	if (row)
		*row = json ? json_value(set, json) :
			      (struct value){ .kind = VALUE_NULL };
	return row != NULL;
}

static bool fail_records(struct set *set, const struct json *json)
{
	if (is_jsonb(set))
		return fail_json(set->call, "cannot call jsonb_to_recordset "
				 "on a non-array");
	return fail_json(set->call, json_is_scalar(json)
			 ? "cannot call json_to_recordset on a scalar"
			 : "cannot call json_to_recordset on an object");
}

static bool recordset(struct set *set)
{
	struct json *json = call_json(set->call, 0);

	if (!json)
		return false;
	if (json->kind != JSON_ARRAY)
		return fail_records(set, json);
	for (struct json *at = json->first; at; at = at->next) {
		struct value *row;

		if (at->kind != JSON_OBJECT)
			return fail_json(set->call, is_jsonb(set)
					 ? "argument of jsonb_to_recordset "
					   "must be an array of objects"
					 : "argument of json_to_recordset "
					   "must be an array of objects");
		row = set_add(set);
		if (!row)
			return false;
		*row = json_value(set, at);
	}
	return true;
}

static bool fail_members(struct set *set, const struct json *json)
{
	if (is_jsonb(set))
		return error_set(set->call->error, SQLSTATE_INVALID_PARAMETER,
				 "cannot call jsonb_each%s on a non-object",
				 set->call->variant & SET_TEXT ? "_text" : "");
	return fail_json(set->call, json_is_scalar(json)
			 ? "cannot deconstruct a scalar"
			 : "cannot deconstruct an array as an object");
}

static bool members(struct set *set)
{
	struct json *json = call_json(set->call, 0);

	if (!json)
		return false;
	if (json->kind != JSON_OBJECT)
		return fail_members(set, json);
	for (struct json *at = json->first; at; at = at->next) {
		struct value *row = set_add(set);

		if (!row)
			return false;
		row[0] = text_value(at->key);
		row[1] = json_value(set, at);
	}
	return true;
}

static bool keys(struct set *set)
{
	struct json *json = call_json(set->call, 0);

	if (!json)
		return false;
	if (json->kind != JSON_OBJECT)
		return error_set(set->call->error, SQLSTATE_INVALID_PARAMETER,
				 "cannot call %s_object_keys on a%s",
				 is_jsonb(set) ? "jsonb" : "json",
				 json_is_scalar(json) ? " scalar" : "n array");
	for (struct json *at = json->first; at; at = at->next) {
		struct value *row = set_add(set);

		if (!row)
			return false;
		*row = text_value(at->key);
	}
	return true;
}

/* --- split texts ----------------------------------------------------------------------- */

static bool take_items(struct set *set, sqlite3_value *text)
{
	struct call *call = set->call;
	struct slice copy = value_bytes(text);
	struct array array;

	if (sqlite3_value_type(text) == SQLITE_NULL)
		return true;
	copy.at = (uint8_t *)arena_dup(call->scratch, copy);
	if (!array_parse(call, copy, &array) ||
	    !array_values(call, &array, OID_TEXT, &set->values))
		return false;
	set->count = array.count;
	return true;
}

/*
 * Sets whose rows a scalar function gives as a text[]: it is asked through
 * SQLite, on the connection that runs.
 */
static bool fill_from_array(struct set *set, const char *function)
{
	struct call *call = set->call;
	struct buffer sql = { 0 };
	sqlite3_stmt *statement;
	bool ok = false;

	buffer_printf(&sql, "SELECT %s(?1, ?2%s)", function,
		      call->count > 2 ? ", ?3" : "");
	if (sqlite3_prepare_v2(call->functions->db, buffer_cstring(&sql), -1,
			       &statement, NULL) != SQLITE_OK)
		goto done;
	for (int i = 0; i < call->count; i++)
		sqlite3_bind_value(statement, i + 1, call->arguments[i]);
	if (sqlite3_step(statement) == SQLITE_ROW)
		ok = take_items(set, sqlite3_column_value(statement, 0));
	sqlite3_finalize(statement);
done:
	buffer_fini(&sql);
	if (!ok && !call->error->sqlstate[0])
		error_set(call->error, SQLSTATE_INTERNAL, "%s failed",
			  function);
	return ok;
}

static bool regexp_matches(struct set *set)
{
	return fill_from_array(set, "pg_regexp_matches_array");
}

static bool regexp_split(struct set *set)
{
	return fill_from_array(set, "pg_regexp_split_to_array");
}

static bool string_split(struct set *set)
{
	return fill_from_array(set, "pg_string_to_array");
}

static bool of_session(struct set *set)
{
	struct lite_context *context = set->call->context;

	return !context->session_rows ||
	       context->session_rows(context,
				     (enum lite_rows)set->call->variant, set);
}

static bool unsupported_path(struct set *set)
{
	return error_set(set->call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "SQL/JSON path expressions are not supported");
}

/* pg_kept(number): rows of an earlier part of the statement */
static bool kept_rows(struct set *set)
{
	const struct kept *kept = &set->call->context->kept;
	int64_t number = call_integer(set->call, 0);

	if (number < 0 || number >= kept->count)
		return true;
	for (size_t i = 0; i < kept->sets[number].count; i++) {
		struct value *value = set_add(set);

		if (!value)
			return false;
		value->kind = VALUE_BLOB;
		value->bytes = kept_row(&kept->sets[number], i);
	}
	return true;
}

/* pg_let(value): that value, once */
static bool let(struct set *set)
{
	struct value *value = set_add(set);

	if (value)
		*value = call_value(set->call, 0);
	return value;
}

static const struct set_row sets[] = {
	{ "pg_let", "value", 1, 1, 1, FUNCTION_NULLS, let, NULL, 0 },
	{ "pg_kept", "value", 1, 1, 1, 0, kept_rows, NULL, 0 },
	{ "pg_unnest", "value", 1, 2, 2, 0, unnest, NULL, 0 },
	{ "pg_expandarray", "x, n", 2, 2, 1, 0, expand, NULL, 0 },
	{ "pg_generate_subscripts", "value", 1, 3, 2, 0, subscripts, NULL, 0 },
	{ "pg_generate_series", "value", 1, 3, 2, 0, series, series_next, 0 },
	{ "pg_json_record", "value", 1, 1, 1, FUNCTION_NULLS, record, NULL, 0 },
	{ "pg_json_recordset", "value", 1, 1, 1, 0, recordset, NULL, 0 },
	{ "pg_jsonb_recordset", "value", 1, 1, 1, 0, recordset, NULL,
	  SET_JSONB },
	{ "pg_json_array_elements", "value", 1, 1, 1, 0, elements, NULL, 0 },
	{ "pg_jsonb_array_elements", "value", 1, 1, 1, 0, elements, NULL,
	  SET_JSONB },
	{ "pg_json_array_elements_text", "value", 1, 1, 1, 0, elements, NULL,
	  SET_TEXT },
	{ "pg_jsonb_array_elements_text", "value", 1, 1, 1, 0, elements, NULL,
	  SET_TEXT | SET_JSONB },
	{ "pg_json_each", "key, value", 2, 1, 1, 0, members, NULL, 0 },
	{ "pg_jsonb_each", "key, value", 2, 1, 1, 0, members, NULL,
	  SET_JSONB },
	{ "pg_json_each_text", "key, value", 2, 1, 1, 0, members, NULL,
	  SET_TEXT },
	{ "pg_jsonb_each_text", "key, value", 2, 1, 1, 0, members, NULL,
	  SET_TEXT | SET_JSONB },
	{ "pg_json_object_keys", "value", 1, 1, 1, 0, keys, NULL, 0 },
	{ "pg_jsonb_object_keys", "value", 1, 1, 1, 0, keys, NULL,
	  SET_JSONB },
	{ "pg_regexp_matches", "value", 1, 3, 2, 0, regexp_matches, NULL, 0 },
	{ "pg_regexp_split_to_table", "value", 1, 3, 2, 0, regexp_split, NULL,
	  0 },
	{ "pg_string_to_table", "value", 1, 3, 2, FUNCTION_NULLS,
	  string_split, NULL, 0 },
	{ "pg_listening_channels", "value", 1, 0, 0, 0, of_session, NULL,
	  LITE_ROWS_CHANNELS },
	{ "pg_session_cursors",
	  "name, statement, is_holdable, is_binary, is_scrollable, made", 6, 0,
	  0, 0, of_session, NULL, LITE_ROWS_CURSORS },
	{ "pg_session_statements",
	  "name, statement, prepared, types, from_sql", 5, 0, 0, 0, of_session,
	  NULL, LITE_ROWS_STATEMENTS },
	{ "pg_session_settings",
	  "name, setting, unit, description, context, vartype, source, "
	  "minimum, maximum, choices, boot, reset", 12, 0, 0, 0, of_session,
	  NULL, LITE_ROWS_SETTINGS },
	{ "pg_session_locks", "classid, objid, objsubid, mode, pid", 5, 0, 0,
	  0, of_session, NULL, LITE_ROWS_LOCKS },
	{ "pg_session_activity", "pid, xact_start, query_start, query", 4, 0, 0,
	  0, of_session, NULL, LITE_ROWS_ACTIVITY },
	{ "pg_session_databases", "oid, name", 2, 0, 0, 0, of_session, NULL,
	  LITE_ROWS_DATABASES },
	{ "pg_jsonb_path_query", "value", 1, 4, 2, 0, unsupported_path, NULL,
	  0 },
	{ 0 },
};

int functions_sets(sqlite3 *db, struct functions *functions)
{
	return functions_add_sets(db, functions, sets);
}

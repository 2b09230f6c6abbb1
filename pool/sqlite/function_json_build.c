/*
 * Making JSON of values: to_json, the builders and the aggregates. The
 * builders take each value followed by its type's OID. jsonb is built as JSON
 * text first and brought into its canonical form at the end.
 */
#include "pool/sqlite/function_json.h"

#include "pool/sqlite/function_aggregate.h"
#include "pool/sqlite/function_array.h"

/* --- one value ----------------------------------------------------------------- */

/* A timestamp as ISO 8601: a T between, and minutes in the offset. */
static void put_iso(struct buffer *out, struct slice text, uint32_t type)
{
	uint8_t *space = text.length ? memchr(text.at, ' ', text.length) : NULL;
	size_t length = text.length;
	bool era = length > 3 && memcmp(text.at + length - 3, " BC", 3) == 0;

	if (era)
		length -= 3;
	buffer_put_u8(out, '"');
	if (space && type != OID_DATE) {
		size_t date = (size_t)(space - text.at);

		buffer_put(out, text.at, date);
		buffer_put_u8(out, 'T');
		buffer_put(out, space + 1, length - date - 1);
		if (type == OID_TIMESTAMPTZ && length > 3 &&
		    (text.at[length - 3] == '+' || text.at[length - 3] == '-'))
			buffer_put_text(out, ":00");
		if (era)
			buffer_put_text(out, " BC");
	} else {
		buffer_put_slice(out, text);
	}
	buffer_put_u8(out, '"');
}

/* Digits may stand bare; NaN and Infinity may not. */
static void put_number(struct buffer *out, struct slice text)
{
	uint8_t last = text.length ? text.at[text.length - 1] : 0;

	if (last >= '0' && last <= '9')
		buffer_put_slice(out, text);
	else
		json_put_string(out, text);
}

static void put_as(struct buffer *out, struct slice text, uint32_t type)
{
	switch (type) {
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
	case OID_FLOAT4:
	case OID_FLOAT8:
	case OID_NUMERIC:
		put_number(out, text);
		break;
	case OID_TIMESTAMP:
	case OID_TIMESTAMPTZ:
		put_iso(out, text, type);
		break;
	default:
		json_put_string(out, text);
	}
}

/* Row by row, a bracket for each dimension. */
static bool put_level(struct call *call, struct buffer *out,
		      const struct array *array, int level,
		      const struct value **next, uint32_t element)
{
	buffer_put_u8(out, '[');
	for (int64_t i = 0; array->dimensions && i < array->lengths[level];
	     i++) {
		if (i)
			buffer_put_u8(out, ',');
		if (!(level + 1 < array->dimensions
		      ? put_level(call, out, array, level + 1, next, element)
		      : put_json_value(call, out, (*next)++, element)))
			return false;
	}
	buffer_put_u8(out, ']');
	return true;
}

static bool put_array(struct call *call, struct buffer *out,
		      struct slice text, uint32_t element)
{
	struct array array;
	struct value *values;
	const struct value *next;

	if (!array_parse(call, text, &array) ||
	    !array_values(call, &array, element, &values))
		return false;
	next = values;
	return put_level(call, out, &array, 0, &next, element);
}

bool put_json_value(struct call *call, struct buffer *out,
		    const struct value *value, uint32_t type)
{
	struct buffer text = { 0 };
	uint32_t element = array_element_type(call, type);

	if (value->kind == VALUE_NULL) {
		buffer_put_text(out, "null");
		return true;
	}
	if (type == OID_BOOL) {
		buffer_put_text(out, value->integer ? "true" : "false");
		return true;
	}
	if (type == OID_JSON || type == OID_JSONB || type == OID_RECORD) {
		buffer_put_slice(out, value->bytes);	/* rows come as such */
		return true;
	}
	if (element)
		return put_array(call, out, value->bytes, element);
	if (!type_write(type, -1, WIRE_TEXT, value, call_settings(call), &text,
			call->error)) {
		buffer_fini(&text);
		return false;
	}
	put_as(out, buffer_slice(&text), type);
	buffer_fini(&text);
	return true;
}

static bool put_argument(struct call *call, struct buffer *out, int index)
{
	struct value value = call_value(call, index);

	return put_json_value(call, out, &value,
			      (uint32_t)call_integer(call, index + 1));
}

/* Names are texts, whatever type they are of. */
static bool put_name(struct call *call, struct buffer *out, int index)
{
	uint32_t type = (uint32_t)call_integer(call, index + 1);
	struct value value = call_value(call, index);
	struct buffer text = { 0 };
	bool ok;

	if (type == OID_JSON || type == OID_JSONB || type == OID_RECORD ||
	    array_element_type(call, type))
		return fail_json(call, "key value must be scalar, not array, "
				       "composite, or json");
	if (type == OID_BOOL) {
		json_put_string(out, slice_text(value.integer ? "true"
							      : "false"));
		return true;
	}
	ok = type_write(type, -1, WIRE_TEXT, &value, call_settings(call),
			&text, call->error);
	if (ok && (type == OID_TIMESTAMP || type == OID_TIMESTAMPTZ))
		put_iso(out, buffer_slice(&text), type);
	else if (ok)
		json_put_string(out, buffer_slice(&text));
	buffer_fini(&text);
	return ok;
}

/* Gives what was built; frees the buffer. */
static bool give_built(struct call *call, struct buffer *out, bool jsonb)
{
	struct json *json;
	struct slice text;

	if (!jsonb)
		return give_buffer(call, out);
	text.length = out->length;
	text.at = (uint8_t *)arena_dup(call->scratch, buffer_slice(out));
	buffer_fini(out);
	json = json_parse(text, call->scratch, call->error);
	return json && give_jsonb(call, json);
}

static bool drop(struct buffer *out)
{
	buffer_fini(out);
	return false;
}

/* to_json(value, type) */
static bool to_json(struct call *call)
{
	struct buffer out = { 0 };

	if (call_null(call, 0))
		return give_null(call);
	if (!put_argument(call, &out, 0))
		return drop(&out);
	return give_built(call, &out, call->variant);
}

/* --- builders ---------------------------------------------------------------------- */

enum build { BUILD_JSON, BUILD_JSONB, BUILD_ROW };

static bool build_array(struct call *call)
{
	struct buffer out = { 0 };

	buffer_put_u8(&out, '[');
	for (int i = 0; i + 1 < call->count; i += 2) {
		if (i)
			buffer_put_text(&out, ", ");
		if (!put_argument(call, &out, i))
			return drop(&out);
	}
	buffer_put_u8(&out, ']');
	return give_built(call, &out, call->variant == BUILD_JSONB);
}

static bool fail_odd(struct call *call)
{
	error_set(call->error, SQLSTATE_INVALID_PARAMETER,
		  "argument list must have even number of elements");
	error_hint(call->error, "The arguments of %s() must consist of "
				"alternating keys and values.",
		   call->variant == BUILD_JSONB ? "jsonb_build_object"
						: "json_build_object");
	return false;
}

static bool fail_null_name(struct call *call, int number)
{
	if (call->variant == BUILD_JSONB)
		return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
				 "argument %d: key must not be null", number);
	error_set(call->error, SQLSTATE_INVALID_PARAMETER,
		  "argument %d cannot be null", number);
	error_hint(call->error, "Object keys should be text.");
	return false;
}

/* Also rows: pg_row_to_json('name', 25, value, type, ...), which print
 * without the spaces. */
static bool build_object(struct call *call)
{
	struct buffer out = { 0 };
	bool row = call->variant == BUILD_ROW;

	if (call->count % 4)
		return fail_odd(call);
	buffer_put_u8(&out, '{');
	for (int i = 0; i + 3 < call->count; i += 4) {
		if (call_null(call, i)) {
			buffer_fini(&out);
			return fail_null_name(call, i / 2 + 1);
		}
		if (i)
			buffer_put_text(&out, row ? "," : ", ");
		if (!put_name(call, &out, i))
			return drop(&out);
		buffer_put_text(&out, row ? ":" : " : ");
		if (!put_argument(call, &out, i + 2))
			return drop(&out);
	}
	buffer_put_u8(&out, '}');
	return give_built(call, &out, call->variant == BUILD_JSONB);
}

/* One list of each, or one list of pairs, flat or as rows of two. */
static bool check_shape(struct call *call, bool two)
{
	struct array array;

	if (two)
		return check_one_dimension(call, 0) &&
		       check_one_dimension(call, 1);
	if (!call_array(call, 0, &array))
		return false;
	if (array.dimensions > 2)
		return error_set(call->error, "2202E",
				 "wrong number of array subscripts");
	return array.dimensions < 2 || array.lengths[1] == 2 ||
	       error_set(call->error, "2202E", "array must have two columns");
}

/* json_object(text[]), json_object(keys, values): all values are texts. */
static bool object_of_texts(struct call *call)
{
	struct value *keys, *values;
	size_t count, values_count;
	struct buffer out = { 0 };
	bool two = call->count == 2;

	if (!check_shape(call, two))
		return false;
	if (!call_text_array(call, 0, &keys, &count) ||
	    (two && !call_text_array(call, 1, &values, &values_count)))
		return false;
	if (two ? count != values_count : count % 2 != 0)
		return error_set(call->error, "2202E", two
				 ? "mismatched array dimensions"
				 : "array must have even number of elements");
	buffer_put_u8(&out, '{');
	for (size_t i = 0; i < count; i += two ? 1 : 2) {
		const struct value *value = two ? &values[i] : &keys[i + 1];

		if (keys[i].kind == VALUE_NULL) {
			buffer_fini(&out);
			return error_set(call->error,
					 SQLSTATE_NULL_NOT_ALLOWED,
					 "null value not allowed for object "
					 "key");
		}
		if (i)
			buffer_put_text(&out, ", ");
		json_put_string(&out, keys[i].bytes);
		buffer_put_text(&out, " : ");
		if (value->kind == VALUE_NULL)
			buffer_put_text(&out, "null");
		else
			json_put_string(&out, value->bytes);
	}
	buffer_put_u8(&out, '}');
	return give_built(call, &out, call->variant);
}

/* pg_json_lines(json, flag): each element of the outermost level on a line
 * of its own, as row_to_json(row, true) prints them. */
static bool lines(struct call *call)
{
	struct slice text = call_text(call, 0);
	struct buffer out = { 0 };
	bool quoted = false;
	int depth = 0;

	if (!call_integer(call, 1))
		return give_text(call, text);
	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = text.at[i];

		buffer_put_u8(&out, byte);
		if (quoted && byte == '\\' && i + 1 < text.length)
			buffer_put_u8(&out, text.at[++i]);
		else if (byte == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (byte == '{' || byte == '[')
			depth++;
		else if (byte == '}' || byte == ']')
			depth--;
		else if (byte == ',' && depth == 1)
			buffer_put_text(&out, "\n ");
	}
	return give_buffer(call, &out);
}

/* --- aggregates ------------------------------------------------------------------------ */

enum json_aggregate { AGG_JSON, AGG_JSONB, AGG_OBJECT, AGG_OBJECT_B };

static bool is_jsonb(const struct call *call)
{
	return call->variant == AGG_JSONB || call->variant == AGG_OBJECT_B;
}

static bool add_item(struct call *call, void *state)
{
	struct pieces *pieces = state;
	uint32_t type = (uint32_t)call_integer(call, 1);
	bool structured = array_element_type(call, type) ||
			  type == OID_RECORD;

	pieces_begin(pieces);
	buffer_put_text(&pieces->text, structured && !call_null(call, 0) ?
				       ", \n " : ", ");
	pieces_separated(pieces);
	return put_argument(call, &pieces->text, 0) &&
	       pieces_end(call, pieces);
}

static bool add_member(struct call *call, void *state)
{
	struct pieces *pieces = state;

	if (call_null(call, 0))
		return fail_json(call, "field name must not be null");
	pieces_begin(pieces);
	buffer_put_text(&pieces->text, ", ");
	pieces_separated(pieces);
	if (!put_name(call, &pieces->text, 0))
		return false;
	buffer_put_text(&pieces->text, " : ");
	return put_argument(call, &pieces->text, 2) &&
	       pieces_end(call, pieces);
}

static bool json_value(struct call *call, void *state)
{
	static const char *const brackets[][2] = {
		[AGG_JSON] = { "[", "]" }, [AGG_JSONB] = { "[", "]" },
		[AGG_OBJECT] = { "{ ", " }" }, [AGG_OBJECT_B] = { "{", "}" },
	};
	struct pieces *pieces = state;
	struct buffer out = { 0 };

	if (!pieces_count(pieces))
		return give_null(call);
	buffer_put_text(&out, brackets[call->variant][0]);
	buffer_put_slice(&out, pieces_text(pieces));
	buffer_put_text(&out, brackets[call->variant][1]);
	return give_built(call, &out, is_jsonb(call));
}

static const struct aggregate_row aggregates[] = {
	{ "pg_json_agg", 2, FUNCTION_NULLS, sizeof(struct pieces), add_item,
	  pieces_remove, json_value, pieces_release, AGG_JSON },
	{ "pg_jsonb_agg", 2, FUNCTION_NULLS, sizeof(struct pieces), add_item,
	  pieces_remove, json_value, pieces_release, AGG_JSONB },
	{ "pg_json_object_agg", 4, FUNCTION_NULLS, sizeof(struct pieces),
	  add_member, pieces_remove, json_value, pieces_release, AGG_OBJECT },
	{ "pg_jsonb_object_agg", 4, FUNCTION_NULLS, sizeof(struct pieces),
	  add_member, pieces_remove, json_value, pieces_release,
	  AGG_OBJECT_B },
	{ 0 },
};

static const struct function_row rows[] = {
	{ "pg_to_json", 2, FUNCTION_NULLS, to_json, 0 },
	{ "pg_to_jsonb", 2, FUNCTION_NULLS, to_json, 1 },
	{ "pg_array_to_json", 2, 0, to_json, 0 },
	{ "pg_json_build_array", FUNCTION_FROM(0), FUNCTION_NULLS, build_array, BUILD_JSON },
	{ "pg_jsonb_build_array", FUNCTION_FROM(0), FUNCTION_NULLS, build_array,
	  BUILD_JSONB },
	{ "pg_json_build_object", FUNCTION_FROM(0), FUNCTION_NULLS, build_object,
	  BUILD_JSON },
	{ "pg_jsonb_build_object", FUNCTION_FROM(0), FUNCTION_NULLS, build_object,
	  BUILD_JSONB },
	{ "pg_row_to_json", FUNCTION_FROM(0), FUNCTION_NULLS, build_object, BUILD_ROW },
	{ "pg_json_lines", 2, 0, lines, 0 },
	{ "pg_json_object", 1, 0, object_of_texts, 0 },
	{ "pg_json_object", 2, 0, object_of_texts, 0 },
	{ "pg_jsonb_object", 1, 0, object_of_texts, 1 },
	{ "pg_jsonb_object", 2, 0, object_of_texts, 1 },
	{ 0 },
};

int functions_json_build(sqlite3 *db, struct functions *functions)
{
	int rc = functions_add(db, functions, rows);

	return rc == SQLITE_OK
		       ? functions_add_aggregates(db, functions, aggregates)
		       : rc;
}

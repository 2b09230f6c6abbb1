/*
 * pg_cast(value, from, to, typmod, explicit): every cast between types, by
 * OIDs. Numbers and times have their own ways; what has none goes through
 * text, as Postgres's I/O conversion does.
 */
#include <stdio.h>

#include "pool/sqlite/function_array.h"
#include "pool/sqlite/function_time.h"
#include "pool/sqlite/json.h"

#include "protocol/numeric.h"

/* One cast on its way. */
struct cast {
	struct call *call;
	uint32_t from;
	uint32_t to;
	struct value value;	/* of `from`, then of `to` */
};

static bool convert(struct cast *);

static const char *sql_name(uint32_t type)
{
	const struct type *found = type_by_oid(type);

	return found ? found->sql_name : "text";
}

static struct value text_value(struct slice text)
{
	return (struct value){ .kind = VALUE_TEXT, .bytes = text };
}

static struct value integer_value(int64_t integer)
{
	return (struct value){ .kind = VALUE_INTEGER, .integer = integer };
}

static struct value real_value(double real)
{
	return (struct value){ .kind = VALUE_REAL, .real = real };
}

static bool is_integer_type(uint32_t type)
{
	return type == OID_INT2 || type == OID_INT4 || type == OID_INT8;
}

static bool is_float_type(uint32_t type)
{
	return type == OID_FLOAT4 || type == OID_FLOAT8;
}

static bool is_text_type(uint32_t type)
{
	return type == OID_TEXT || type == OID_VARCHAR || type == OID_BPCHAR ||
	       type == OID_NAME || type == OID_UNKNOWN || type == OID_CSTRING;
}

static bool is_oid_type(uint32_t type)
{
	const struct type *found = type_by_oid(type);

	return type == OID_OID || (found && found->category == 'N' &&
				   !strncmp(found->name, "reg", 3));
}

/* --- through text ------------------------------------------------------------- */

static bool write_text(struct cast *cast, struct slice *ret_text)
{
	struct buffer out = { 0 };
	bool ok = type_write(cast->from, -1, WIRE_TEXT, &cast->value,
			     call_settings(cast->call), &out,
			     cast->call->error);

	ret_text->length = out.length;
	ret_text->at = (uint8_t *)arena_dup(cast->call->scratch,
					    buffer_slice(&out));
	buffer_fini(&out);
	return ok;
}

static struct slice without_blanks(struct slice text)
{
	while (text.length && text.at[text.length - 1] == ' ')
		text.length--;
	return text;
}

/* A number is the name of a relation when it is a text, not an OID. */
static struct slice quoted_number(struct cast *cast, struct slice text)
{
	if (!text.length)
		return text;
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return text;
	return slice_text(arena_printf(cast->call->scratch, "\"%.*s\"",
				       (int)text.length,
				       (const char *)text.at));
}

static bool read_text(struct cast *cast, struct slice text)
{
	if (cast->to == OID_REGCLASS && is_text_type(cast->from))
		text = quoted_number(cast, text);
	return type_read(cast->to, -1, WIRE_TEXT, text,
			 call_settings(cast->call), cast->call->scratch,
			 &cast->value, cast->call->error);
}

static bool through_text(struct cast *cast)
{
	struct slice text;

	if (cast->from == OID_BOOL && is_text_type(cast->to))
		text = slice_text(cast->value.integer ? "true" : "false");
	else if (!write_text(cast, &text))
		return false;
	/* Postgres makes a text of a zero byte of it */
	if (cast->from == OID_CHAR && cast->to == OID_BPCHAR && !text.length)
		return error_set(cast->call->error,
				 SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "an empty \"char\" as character is not "
				 "supported");
	if (cast->from == OID_BPCHAR && cast->to != OID_XML)
		text = without_blanks(text);
	/* A name too long is cut, not refused. */
	if (cast->to == OID_NAME && text.length > 63) {
		text.length = 63;
		while (text.length && (text.at[text.length] & 0xC0) == 0x80)
			text.length--;
	}
	return read_text(cast, text);
}

/* --- numbers ------------------------------------------------------------------- */

static void limits(uint32_t type, int64_t *ret_least, int64_t *ret_most)
{
	*ret_least = type == OID_INT2	? INT16_MIN
		     : type == OID_INT4 ? INT32_MIN
					: INT64_MIN;
	*ret_most = -(*ret_least + 1);
}

static bool fail_range(struct cast *cast)
{
	return error_set(cast->call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "%s out of range",
			 cast->to == OID_OID ? "OID" : sql_name(cast->to));
}

static bool fit(struct cast *cast, int64_t integer)
{
	int64_t least, most;

	limits(cast->to, &least, &most);
	if (integer < least || integer > most)
		return fail_range(cast);
	cast->value = integer_value(integer);
	return true;
}

/* Half to even; 2^63 itself does not fit any more. */
static bool float_to_int(struct cast *cast, double real)
{
	real = rint(real);
	if (isnan(real) || real < -9223372036854775808.0 ||
	    real >= 9223372036854775808.0)
		return fail_range(cast);
	return fit(cast, (int64_t)real);
}

static bool to_float(struct cast *cast, double real)
{
	double narrow = (float)real;

	if (cast->to == OID_FLOAT8) {
		cast->value = real_value(real);
		return true;
	}
	if ((isinf(narrow) && !isinf(real)) || (narrow == 0 && real != 0))
		return error_set(cast->call->error,
				 SQLSTATE_NUMERIC_OUT_OF_RANGE, isinf(narrow)
				 ? "value out of range: overflow"
				 : "value out of range: underflow");
	cast->value = real_value(narrow);
	return true;
}

static bool from_numeric(struct cast *cast)
{
	struct call *call = cast->call;
	struct numeric numeric;
	int64_t least, most, integer;
	double real;
	bool ok;

	numeric_init(&numeric);
	ok = numeric_parse(cast->value.bytes, &numeric, call->error);
	limits(cast->to, &least, &most);
	if (ok && is_float_type(cast->to)) {
		ok = numeric_to_double(&numeric, &real, call->error) &&
		     to_float(cast, real);
	} else if (ok) {
		ok = numeric_to_int64(&numeric, least, most,
				      sql_name(cast->to), &integer,
				      call->error);
		cast->value = integer_value(integer);
	}
	numeric_fini(&numeric);
	return ok;
}

static double real_of(const struct value *value)
{
	return value->kind == VALUE_REAL      ? value->real
	       : value->kind == VALUE_INTEGER ? (double)value->integer
					      : NAN;
}

static bool to_numeric(struct cast *cast)
{
	struct numeric numeric;

	numeric_init(&numeric);
	if (is_integer_type(cast->from))
		numeric_from_int64(cast->value.integer, &numeric);
	else if (cast->from == OID_FLOAT4)
		numeric_from_float4(real_of(&cast->value), &numeric);
	else
		numeric_from_double(real_of(&cast->value), &numeric);
	cast->value = text_value(numeric_text(&numeric, cast->call->scratch));
	numeric_fini(&numeric);
	return true;
}

static bool is_number_type(uint32_t type)
{
	return is_integer_type(type) || is_float_type(type) ||
	       type == OID_NUMERIC;
}

static bool convert_number(struct cast *cast)
{
	if (cast->from == OID_NUMERIC)
		return from_numeric(cast);
	if (cast->to == OID_NUMERIC)
		return to_numeric(cast);
	if (is_float_type(cast->to))
		return to_float(cast, real_of(&cast->value));
	if (is_float_type(cast->from))
		return float_to_int(cast, real_of(&cast->value));
	return fit(cast, cast->value.integer);
}

static bool to_oid(struct cast *cast)
{
	int64_t integer = cast->value.integer;

	if (cast->from == OID_INT2 || cast->from == OID_INT4)
		integer = (uint32_t)integer;
	if (integer < 0 || integer > UINT32_MAX) {
		cast->to = OID_OID;
		return fail_range(cast);
	}
	cast->value = integer_value(integer);
	return true;
}

/* --- times ------------------------------------------------------------------------ */

static bool is_time_type(uint32_t type)
{
	switch (type) {
	case OID_DATE:
	case OID_TIME:
	case OID_TIMETZ:
	case OID_TIMESTAMP:
	case OID_TIMESTAMPTZ:
	case OID_INTERVAL:
		return true;
	default:
		return false;
	}
}

static bool fail_form(struct cast *cast)
{
	return fail_stored(cast->call, cast->value.bytes,
			   sql_name(cast->from));
}

static bool store_timestamp(struct cast *cast, int64_t ts)
{
	struct slice text;

	if (!timestamp_to_storage(ts, cast->call->scratch, &text,
				  cast->call->error))
		return false;
	cast->value = text_value(text);
	return true;
}

static bool from_date(struct cast *cast)
{
	struct error *error = cast->call->error;
	int32_t date;
	int64_t ts;

	if (!date_from_storage(cast->value.bytes, &date))
		return fail_form(cast);
	return (cast->to == OID_TIMESTAMPTZ
		? date_to_timestamptz(date, call_zone(cast->call), &ts, error)
		: date_to_timestamp(date, &ts, error)) &&
	       store_timestamp(cast, ts);
}

/* From a local timestamp; `moment` is the same in UTC where it is known. */
static bool from_local(struct cast *cast, int64_t local, int64_t moment)
{
	struct arena *arena = cast->call->scratch;
	const struct time_zone *zone = call_zone(cast->call);
	struct slice text;

	if (cast->to == OID_TIMESTAMP)
		return store_timestamp(cast, local);
	if (cast->to == OID_DATE) {
		if (!date_to_storage(timestamp_to_date(local), arena, &text,
				     cast->call->error))
			return false;
		cast->value = text_value(text);
		return true;
	}
	if (!timestamp_is_finite(local)) {	/* has no time of day */
		cast->value = (struct value){ .kind = VALUE_NULL };
		return true;
	}
	cast->value = text_value(
		cast->to == OID_TIME
			? time_to_storage(timestamp_to_time(local), arena)
			: timetz_to_storage((struct timetz){
				  timestamp_to_time(local),
				  -timestamptz_offset(moment, zone) }, arena));
	return true;
}

static bool from_timestamp(struct cast *cast)
{
	const struct time_zone *zone = call_zone(cast->call);
	int64_t ts;

	if (!timestamp_from_storage(cast->value.bytes, &ts))
		return fail_form(cast);
	if (cast->from == OID_TIMESTAMPTZ)
		return from_local(cast, timestamptz_to_local(ts, zone), ts);
	if (cast->to != OID_TIMESTAMPTZ)
		return from_local(cast, ts, ts);
	return timestamp_to_utc(ts, zone, &ts, cast->call->error) &&
	       store_timestamp(cast, ts);
}

static bool from_time(struct cast *cast)
{
	struct call *call = cast->call;
	struct interval interval = { 0 };
	struct timetz time = { 0 };

	if (!time_from_storage(cast->value.bytes, &time.us))
		return fail_form(cast);
	if (cast->to == OID_INTERVAL) {
		interval.us = time.us;
		cast->value = text_value(interval_to_storage(&interval,
							     call->scratch));
		return true;
	}
	/* the offset is today's */
	time.west_s = -timestamptz_offset(call->context->transaction_us,
					  call_zone(call));
	cast->value = text_value(timetz_to_storage(time, call->scratch));
	return true;
}

/* The part of an interval within a day, counted from midnight. */
static bool from_interval(struct cast *cast)
{
	struct interval interval;

	if (!interval_from_storage(cast->value.bytes, &interval))
		return fail_form(cast);
	cast->value = text_value(time_to_storage(time_add(0, &interval, 1),
						 cast->call->scratch));
	return true;
}

static bool convert_time(struct cast *cast)
{
	struct timetz time;

	switch (cast->from) {
	case OID_DATE:
		return from_date(cast);
	case OID_TIMESTAMP:
	case OID_TIMESTAMPTZ:
		return from_timestamp(cast);
	case OID_TIME:
		return from_time(cast);
	case OID_INTERVAL:
		return from_interval(cast);
	default:
		if (!timetz_from_storage(cast->value.bytes, &time))
			return fail_form(cast);
		cast->value = text_value(time_to_storage(time.us,
							 cast->call->scratch));
		return true;
	}
}

/* --- jsonb ----------------------------------------------------------------------------- */

static bool fail_json_kind(struct cast *cast, const struct json *json)
{
	const char *kind = json->kind == JSON_NUMBER ? "numeric"
						     : json_type_name(json);

	return error_set(cast->call->error, SQLSTATE_INVALID_PARAMETER,
			 "cannot cast jsonb %s%s to type %s",
			 json_is_scalar(json) ? "" : "array or ",
			 json_is_scalar(json) ? kind : "object",
			 sql_name(cast->to));
}

static bool from_jsonb(struct cast *cast)
{
	struct json *json = json_parse(cast->value.bytes, cast->call->scratch,
				       cast->call->error);

	if (!json)
		return false;
	if (cast->to == OID_BOOL) {
		if (json->kind != JSON_TRUE && json->kind != JSON_FALSE)
			return fail_json_kind(cast, json);
		cast->value = integer_value(json->kind == JSON_TRUE);
		return true;
	}
	if (json->kind != JSON_NUMBER)
		return fail_json_kind(cast, json);
	cast->value = text_value(json->text);
	cast->from = OID_NUMERIC;
	return cast->to == OID_NUMERIC || from_numeric(cast);
}

/* --- arrays ---------------------------------------------------------------------------- */

static bool convert_array(struct cast *cast, uint32_t from, uint32_t to)
{
	struct call *call = cast->call;
	struct array array;
	struct value *values;
	struct buffer out = { 0 };
	struct slice text;

	if (!array_parse(call, cast->value.bytes, &array) ||
	    !array_values(call, &array, from, &values))
		return false;
	for (size_t i = 0; i < array.count; i++) {
		struct cast one = { call, from, to, values[i] };

		if (values[i].kind != VALUE_NULL && !convert(&one))
			return false;
		if (!array_write_item(call, &one.value, to, &array.items[i]))
			return false;
	}
	array_print(&array, &out);
	text.length = out.length;
	text.at = (uint8_t *)arena_dup(call->scratch, buffer_slice(&out));
	buffer_fini(&out);
	cast->value = text_value(text);
	return true;
}

/* --- the way to take --------------------------------------------------------------------- */

static bool convert_to_bool(struct cast *cast)
{
	cast->value = integer_value(cast->value.integer != 0);
	return true;
}

static bool convert_char(struct cast *cast)
{
	struct slice text = cast->value.bytes;

	cast->value = integer_value(text.length ? (int8_t)text.at[0] : 0);
	return true;
}

/* The byte of that number. */
static bool convert_to_char(struct cast *cast)
{
	int64_t integer = cast->value.integer;
	char text[8];

	if (integer < INT8_MIN || integer > INT8_MAX)
		return error_set(cast->call->error,
				 SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "\"char\" out of range");
	snprintf(text, sizeof(text), "\\%03o", (unsigned)(uint8_t)integer);
	return read_text(cast, slice_text(text));
}

/* --- bits and networks ------------------------------------------------------------------ */

/* The lowest bits of a number, its sign before them where there are more. */
static bool int_to_bits(struct cast *cast, int32_t typmod)
{
	size_t width = typmod > 0 ? (size_t)typmod : 1;
	char *bits = arena_alloc(cast->call->scratch, width + 1);
	int64_t integer = cast->value.integer;

	for (size_t i = 0; i < width; i++) {
		bits[width - 1 - i] = (char)('0' + (integer & 1));
		integer >>= 1;
	}
	cast->value = text_value(slice_make(bits, width));
	return true;
}

static bool bits_to_int(struct cast *cast)
{
	struct slice bits = cast->value.bytes;
	size_t width = cast->to == OID_INT4 ? 32 : 64;
	uint64_t integer = 0;

	if (bits.length > width)
		return fail_range(cast);
	for (size_t i = 0; i < bits.length; i++)
		integer = integer << 1 | (bits.at[i] == '1');
	cast->value = integer_value(width == 32 ? (int32_t)integer
						: (int64_t)integer);
	return true;
}

/* As a text an address always says how much of it is the network's. */
static bool from_inet(struct cast *cast)
{
	struct slice text = cast->value.bytes;

	if (cast->to == OID_CIDR)
		return type_inet_to_cidr(&cast->value, cast->call->scratch,
					 cast->call->error);
	if (!memchr(text.at, '/', text.length))
		text = slice_text(arena_printf(cast->call->scratch, "%.*s/%s",
			(int)text.length, (const char *)text.at,
			memchr(text.at, ':', text.length) ? "128" : "32"));
	return read_text(cast, text);
}

static bool convert(struct cast *cast)
{
	uint32_t from = cast->from, to = cast->to;
	uint32_t element_from = array_element_type(cast->call, from);
	uint32_t element_to = array_element_type(cast->call, to);

	if (from == to || (is_text_type(to) && to != OID_NAME &&
			   to != OID_BPCHAR && from != OID_BPCHAR &&
			   is_text_type(from)))
		return true;
	if (element_from && element_to)
		return convert_array(cast, element_from, element_to);
	if (is_number_type(from) && is_number_type(to))
		return convert_number(cast);
	if (is_time_type(from) && is_time_type(to))
		return convert_time(cast);
	if (is_integer_type(from) && to == OID_BOOL)
		return convert_to_bool(cast);
	if (from == OID_BOOL && is_integer_type(to))
		return true;
	if (is_oid_type(to) && (is_integer_type(from) || is_oid_type(from)))
		return to_oid(cast);
	if (is_oid_type(from) && is_integer_type(to)) {
		cast->value.integer = to == OID_INT4
					      ? (int32_t)cast->value.integer
					      : cast->value.integer;
		return true;
	}
	if (from == OID_CHAR && to == OID_INT4)
		return convert_char(cast);
	if (from == OID_INT4 && to == OID_CHAR)
		return convert_to_char(cast);
	if (from == OID_INET && (is_text_type(to) || to == OID_CIDR))
		return from_inet(cast);
	if (from == OID_BIT && is_integer_type(to))
		return bits_to_int(cast);
	if (from == OID_JSONB && (is_number_type(to) || to == OID_BOOL))
		return from_jsonb(cast);
	return through_text(cast);
}

/* varchar(3)[] limits each of its elements. */
static bool give_limited_array(struct cast *cast, int32_t typmod)
{
	struct call *call = cast->call;
	uint32_t element = array_element_type(call, cast->to);
	struct array array;
	struct value *values;

	if (!array_parse(call, cast->value.bytes, &array) ||
	    !array_values(call, &array, element, &values))
		return false;
	for (size_t i = 0; i < array.count; i++)
		if (values[i].kind != VALUE_NULL &&
		    (!type_coerce_length(element, typmod,
					 call_integer(call, 4), &values[i],
					 call->scratch, call->error) ||
		     !array_write_item(call, &values[i], element,
				       &array.items[i])))
			return false;
	return give_array(call, &array);
}

static bool cast_value(struct call *call)
{
	struct cast cast = {
		.call = call,
		.from = (uint32_t)call_integer(call, 1),
		.to = (uint32_t)call_integer(call, 2),
		.value = call_value(call, 0),
	};
	int64_t typmod = call_integer(call, 3);

	if (cast.to == OID_BIT && is_integer_type(cast.from))
		return int_to_bits(&cast, (int32_t)typmod) &&
		       give_value(call, &cast.value);
	if (!convert(&cast))
		return false;
	if (cast.value.kind == VALUE_NULL)
		return give_null(call);
	if (typmod < 0)
		return give_value(call, &cast.value);
	if (array_element_type(call, cast.to))
		return give_limited_array(&cast, (int32_t)typmod);
	return type_coerce_length(cast.to, (int32_t)typmod,
				  call_integer(call, 4), &cast.value,
				  call->scratch, call->error) &&
	       give_value(call, &cast.value);
}

static const struct function_row rows[] = {
	{ "pg_cast", 5, 0, cast_value, 0 },
	{ 0 },
};

int functions_cast(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

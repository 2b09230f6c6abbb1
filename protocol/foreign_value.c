#include "protocol/foreign_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Values in a file belong to no session: no time zone but UTC, no order of
 * day and month but the ISO one. */
static const struct type_settings neutral = {
	.time_zone = "UTC", .date_order = 'Y',
};

char foreign_affinity(const char *declared)
{
	if (strcasestr(declared, "int"))
		return 'i';
	if (strcasestr(declared, "char") || strcasestr(declared, "clob") ||
	    strcasestr(declared, "text"))
		return 't';
	if (!*declared || strcasestr(declared, "blob"))
		return 'b';
	if (strcasestr(declared, "real") || strcasestr(declared, "floa") ||
	    strcasestr(declared, "doub"))
		return 'r';
	return 'n';
}

/* --- helpers ------------------------------------------------------------ */

static struct value text_value(struct slice text)
{
	return (struct value){ .kind = VALUE_TEXT, .bytes = text };
}

static const char *type_words(uint32_t type)
{
	const struct type *found = type_by_oid(type);

	return found ? found->sql_name : "this type";
}

static bool refuse_value(uint32_t type, struct slice text,
			 const char *sqlstate, struct error *error)
{
	return error_set(error, sqlstate,
			 "invalid input syntax for type %s: \"%.*s\"",
			 type_words(type),
			 (int)(text.length > 200 ? 200 : text.length),
			 (const char *)text.at);
}

static bool refuse_blob(uint32_t type, struct error *error)
{
	return error_set(error, SQLSTATE_INVALID_TEXT,
			 "a binary value is no value of type %s",
			 type_words(type));
}

/* A number as text; what is text already stays. A float prints with as few
 * digits as tell it apart. */
static bool as_text(uint32_t type, const struct value *stored,
		    struct arena *arena, struct slice *ret_text,
		    struct error *error)
{
	struct buffer out = { 0 };

	switch (stored->kind) {
	case VALUE_TEXT:
		*ret_text = stored->bytes;
		return true;
	case VALUE_INTEGER:
		*ret_text = slice_text(arena_printf(arena, "%" PRId64,
						    stored->integer));
		return true;
	case VALUE_REAL:
		type_put_float(&out, stored->real, false);
		*ret_text = slice_text(arena_text(arena,
						  buffer_cstring(&out)));
		buffer_fini(&out);
		return true;
	default:
		return refuse_blob(type, error);
	}
}

static bool read_text(uint32_t type, int32_t typmod, struct slice text,
		      struct arena *arena, struct value *ret_value,
		      struct error *error)
{
	return type_read(type, typmod, WIRE_TEXT, text, &neutral, arena,
			 ret_value, error);
}

/* --- dates and times ------------------------------------------------------ */

/* What stands in "2024-02-29T13:00:00.5+02:00"; only this order, for what
 * else looks like a date means different days to different readers. */
struct moment {
	bool has_date;
	bool has_time;
	bool midnight;		/* the time is zero */
	bool too_fine;		/* digits behind the microseconds */
	bool has_offset;
	bool offset_zero;
};

struct cursor {
	const uint8_t *at, *end;
};

static bool take(struct cursor *cursor, char letter)
{
	if (cursor->at == cursor->end || *cursor->at != (uint8_t)letter)
		return false;
	cursor->at++;
	return true;
}

/* Exactly so many digits; ret_zero stays true while they are zeros. */
static bool take_digits(struct cursor *cursor, int count, bool *ret_zero)
{
	for (; count; count--) {
		if (cursor->at == cursor->end || !isdigit(*cursor->at))
			return false;
		if (*cursor->at++ != '0')
			*ret_zero = false;
	}
	return true;
}

static bool take_date(struct cursor *cursor)
{
	bool unused = true;

	return take_digits(cursor, 4, &unused) && take(cursor, '-') &&
	       take_digits(cursor, 2, &unused) && take(cursor, '-') &&
	       take_digits(cursor, 2, &unused);
}

static bool take_fraction(struct cursor *cursor, struct moment *moment)
{
	int digits = 0;

	for (; cursor->at < cursor->end && isdigit(*cursor->at); digits++) {
		if (*cursor->at != '0') {
			moment->midnight = false;
			moment->too_fine |= digits >= 6;
		}
		cursor->at++;
	}
	return digits > 0;
}

static bool take_time(struct cursor *cursor, struct moment *moment)
{
	moment->has_time = moment->midnight = true;
	if (!take_digits(cursor, 2, &moment->midnight) ||
	    !take(cursor, ':') ||
	    !take_digits(cursor, 2, &moment->midnight))
		return false;
	if (!take(cursor, ':'))
		return true;
	if (!take_digits(cursor, 2, &moment->midnight))
		return false;
	return !take(cursor, '.') || take_fraction(cursor, moment);
}

static bool take_offset(struct cursor *cursor, struct moment *moment)
{
	moment->has_offset = moment->offset_zero = true;
	if (take(cursor, 'Z') || take(cursor, 'z'))
		return true;
	if (!take(cursor, '+') && !take(cursor, '-'))
		return false;
	if (!take_digits(cursor, 2, &moment->offset_zero))
		return false;
	if (cursor->at == cursor->end)
		return true;
	take(cursor, ':');
	return take_digits(cursor, 2, &moment->offset_zero);
}

/* False: it is not of that shape. */
static bool scan_moment(struct slice text, struct moment *moment)
{
	struct cursor cursor = { text.at, text.at + text.length };

	*moment = (struct moment){ .midnight = true };
	if (text.length > 4 && text.at[4] == '-') {
		if (!take_date(&cursor))
			return false;
		moment->has_date = true;
		if (cursor.at == cursor.end)
			return true;
		if (!take(&cursor, ' ') && !take(&cursor, 'T'))
			return false;
	}
	if (!take_time(&cursor, moment))
		return false;
	return cursor.at == cursor.end ||
	       (take_offset(&cursor, moment) && cursor.at == cursor.end);
}

/* Whether the type can say all that the text says. */
static bool holds_moment(uint32_t type, const struct moment *moment)
{
	if (moment->has_date != (type != OID_TIME && type != OID_TIMETZ))
		return false;
	if (moment->too_fine)
		return false;
	if (type == OID_DATE)
		return moment->midnight && !moment->has_offset;
	if (type == OID_TIMESTAMPTZ || type == OID_TIMETZ)
		return true;
	return !moment->has_offset ||
	       (moment->offset_zero && type == OID_TIMESTAMP);
}

static bool read_moment(uint32_t type, int32_t typmod,
			const struct value *stored, struct arena *arena,
			struct value *ret_value, struct error *error)
{
	struct moment moment;
	struct value exact, limited;

	if (stored->kind == VALUE_BLOB)
		return refuse_blob(type, error);
	if (stored->kind != VALUE_TEXT ||
	    !scan_moment(stored->bytes, &moment) ||
	    !holds_moment(type, &moment)) {
		struct slice text;

		return as_text(type, stored, arena, &text, error) &&
		       refuse_value(type, text, SQLSTATE_INVALID_DATETIME,
				    error);
	}
	if (!read_text(type, -1, stored->bytes, arena, &exact, error))
		return false;
	*ret_value = exact;
	if (typmod < 0)
		return true;
	if (!read_text(type, typmod, stored->bytes, arena, &limited, error))
		return false;
	if (!slice_equal(exact.bytes, limited.bytes))
		return refuse_value(type, stored->bytes,
				    SQLSTATE_INVALID_DATETIME, error);
	return true;
}

static bool is_moment(uint32_t type)
{
	return type == OID_DATE || type == OID_TIME || type == OID_TIMETZ ||
	       type == OID_TIMESTAMP || type == OID_TIMESTAMPTZ;
}

/* Own form '2024-02-29 13:00:00.000000'; 's' takes the zeros away. */
static bool write_moment(uint32_t type, char spelling,
			 const struct value *value, struct value *ret_stored,
			 struct error *error)
{
	struct slice text = value->bytes;

	if (value->kind != VALUE_TEXT || !text.length ||
	    !isdigit(text.at[0]))
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "%s \"%.*s\" has no form that the program "
				 "which made this table could read",
				 type_words(type), (int)text.length,
				 (const char *)text.at);
	if (spelling == 's' && text.length > 7 &&
	    memcmp(text.at + text.length - 7, ".000000", 7) == 0)
		text.length -= 7;
	*ret_stored = text_value(text);
	return true;
}

/* --- numbers -------------------------------------------------------------- */

/* What SQLite's NUMERIC affinity makes of a text; false: it stays a text. */
static bool numeric_affinity(struct slice text, struct arena *arena,
			     struct value *ret_number)
{
	const char *start = arena_dup(arena, text);
	const char *at = start + strspn(start, " \t\n\v\f\r");
	bool whole = true;
	char *end;

	if (strlen(start) != text.length || !*at ||
	    at[strspn(at, "0123456789+-.eE \t\n\v\f\r")])
		return false;
	ret_number->real = strtod(at, &end);
	if (end == at || end[strspn(end, " \t\n\v\f\r")])
		return false;
	for (const char *digit = at; digit < end; digit++)
		whole &= isdigit((unsigned char)*digit) || digit == at;
	/* a whole number within 64 bits is stored as one, however written */
	if (fabs(ret_number->real) < 9e18 &&
	    ret_number->real == floor(ret_number->real)) {
		ret_number->kind = VALUE_INTEGER;
		ret_number->integer = whole ? strtoll(at, NULL, 10) :
					      (int64_t)ret_number->real;
	} else {
		ret_number->kind = VALUE_REAL;
	}
	return true;
}

/* Plain decimals, '1.50' and '1.5': the same but for zeros at the end. */
static bool same_decimal(struct slice a, struct slice b)
{
	struct slice both[2] = { a, b };

	for (int i = 0; i < 2; i++) {
		struct slice *text = &both[i];

		if (!memchr(text->at, '.', text->length))
			continue;
		while (text->at[text->length - 1] == '0')
			text->length--;
		if (text->at[text->length - 1] == '.')
			text->length--;
	}
	return slice_equal(both[0], both[1]);
}

/* A declared scale adds zeros; digits it would cut are an error. */
static bool read_numeric(int32_t typmod, const struct value *stored,
			 struct arena *arena, struct value *ret_value,
			 struct error *error)
{
	struct slice text;
	struct value exact;

	if (!as_text(OID_NUMERIC, stored, arena, &text, error) ||
	    !read_text(OID_NUMERIC, -1, text, arena, &exact, error))
		return false;
	*ret_value = exact;
	if (typmod < 0)
		return true;
	if (!read_text(OID_NUMERIC, typmod, text, arena, ret_value, error))
		return false;
	if (same_decimal(exact.bytes, ret_value->bytes))
		return true;
	return error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "%.*s has more digits than %s keeps",
			 (int)exact.bytes.length, (const char *)exact.bytes.at,
			 type_format(arena, OID_NUMERIC, typmod));
}

static bool refuse_digits(const struct value *value, struct error *error)
{
	return error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "\"%.*s\" would not stay as it is in a column that "
			 "SQLite takes for a number",
			 (int)(value->bytes.length > 200 ? 200 :
			       value->bytes.length),
			 (const char *)value->bytes.at);
}

/* As the number it is, so that the program can compute with it. */
static bool write_numeric(char affinity, const struct value *value,
			  struct arena *arena, struct value *ret_stored,
			  struct error *error)
{
	struct value number = { 0 }, back;

	*ret_stored = *value;
	if (affinity == 't')
		return true;
	if (!numeric_affinity(value->bytes, arena, &number))
		return refuse_digits(value, error);
	if (affinity == 'r' && number.kind == VALUE_INTEGER) {
		number.kind = VALUE_REAL;
		number.real = (double)number.integer;
	}
	if (!read_numeric(-1, &number, arena, &back, error))
		return false;
	if (!same_decimal(back.bytes, value->bytes))
		return refuse_digits(value, error);
	*ret_stored = number;
	return true;
}

static bool read_float(uint32_t type, const struct value *stored,
		       struct arena *arena, struct value *ret_value,
		       struct error *error)
{
	struct slice text;

	if (stored->kind == VALUE_REAL &&
	    (type == OID_FLOAT8 || (double)(float)stored->real ==
				    stored->real)) {
		*ret_value = *stored;
		return true;
	}
	if (stored->kind == VALUE_INTEGER &&
	    llabs(stored->integer) <= (type == OID_FLOAT8 ? 1ll << 53 :
							    1ll << 24)) {
		*ret_value = (struct value){ .kind = VALUE_REAL,
					     .real = (double)stored->integer };
		return true;
	}
	if (stored->kind == VALUE_INTEGER)
		return error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "%" PRId64 " has more digits than %s keeps",
				 stored->integer, type_words(type));
	return as_text(type, stored, arena, &text, error) &&
	       read_text(type, -1, text, arena, ret_value, error);
}

static bool read_integer(uint32_t type, const struct value *stored,
			 struct arena *arena, struct value *ret_value,
			 struct error *error)
{
	struct slice text;

	if (stored->kind == VALUE_INTEGER && type == OID_INT8) {
		*ret_value = *stored;
		return true;
	}
	return as_text(type, stored, arena, &text, error) &&
	       read_text(type, -1, text, arena, ret_value, error);
}

static bool read_bool(const struct value *stored, struct arena *arena,
		      struct value *ret_value, struct error *error)
{
	struct slice text;

	if (stored->kind == VALUE_INTEGER &&
	    (stored->integer == 0 || stored->integer == 1)) {
		*ret_value = *stored;
		return true;
	}
	if (!as_text(OID_BOOL, stored, arena, &text, error))
		return false;
	if (stored->kind != VALUE_TEXT)
		return refuse_value(OID_BOOL, text, SQLSTATE_INVALID_TEXT,
				    error);
	return read_text(OID_BOOL, -1, text, arena, ret_value, error);
}

/* --- uuid, bytes, texts ----------------------------------------------------- */

static const char hex_digits[] = "0123456789abcdef";

/* The spellings that "column = value" looks for (foreign_find_sql()): all
 * letters of one case, the dashes in their places or none at all. */
static bool is_plain_uuid(struct slice text)
{
	bool upper = false, lower = false;

	if (text.length != 32 && text.length != 36)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		bool dash = text.length == 36 && (i == 8 || i == 13 ||
						  i == 18 || i == 23);

		if (dash ? text.at[i] != '-' : !isxdigit(text.at[i]))
			return false;
		upper |= isupper(text.at[i]) != 0;
		lower |= islower(text.at[i]) != 0;
	}
	return !(upper && lower);
}

static bool read_uuid(const struct value *stored, struct arena *arena,
		      struct value *ret_value, struct error *error)
{
	struct slice text = stored->bytes;

	if (stored->kind == VALUE_BLOB && text.length == 16) {
		char *hex = arena_alloc(arena, 33);

		for (int i = 0; i < 16; i++) {
			hex[i * 2] = hex_digits[text.at[i] >> 4];
			hex[i * 2 + 1] = hex_digits[text.at[i] & 15];
		}
		text = slice_make(hex, 32);
	} else if (!as_text(OID_UUID, stored, arena, &text, error)) {
		return false;
	} else if (!is_plain_uuid(text)) {
		return refuse_value(OID_UUID, text, SQLSTATE_INVALID_TEXT,
				    error);
	}
	return read_text(OID_UUID, -1, text, arena, ret_value, error);
}

static int hex_value(uint8_t digit)
{
	return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* Own form: lower case, with dashes. */
static void write_uuid(char spelling, const struct value *value,
		       struct arena *arena, struct value *ret_stored)
{
	uint8_t *hex = arena_alloc(arena, 33);
	size_t length = 0;

	*ret_stored = *value;
	if (spelling != 'h' && spelling != 'b')
		return;
	for (size_t i = 0; i < value->bytes.length && length < 32; i++)
		if (value->bytes.at[i] != '-')
			hex[length++] = value->bytes.at[i];
	if (spelling == 'h') {
		*ret_stored = text_value(slice_make(hex, length));
		return;
	}
	for (size_t i = 0; i < length / 2; i++)
		hex[i] = (uint8_t)(hex_value(hex[i * 2]) << 4 |
				   hex_value(hex[i * 2 + 1]));
	*ret_stored = (struct value){ .kind = VALUE_BLOB,
				      .bytes = slice_make(hex, length / 2) };
}

static bool read_blob(const struct value *stored, struct value *ret_value,
		       struct error *error)
{
	if (stored->kind != VALUE_BLOB && stored->kind != VALUE_TEXT)
		return error_set(error, SQLSTATE_INVALID_TEXT,
				 "a number is no value of type bytea");
	*ret_value = (struct value){ .kind = VALUE_BLOB,
				     .bytes = stored->bytes };
	return true;
}

/* A length that SQLite did not enforce is not enforced when reading. */
static bool read_any(uint32_t type, const struct value *stored,
		     struct arena *arena, struct value *ret_value,
		     struct error *error)
{
	struct slice text;

	return as_text(type, stored, arena, &text, error) &&
	       read_text(type, -1, text, arena, ret_value, error);
}

/* Written as a text that reads back as the same value, also where SQLite
 * makes a number of it. */
static bool write_text(uint32_t type, int32_t typmod, char affinity,
		       const struct value *value, struct arena *arena,
		       struct value *ret_stored, struct error *error)
{
	struct value number = { 0 }, back;

	*ret_stored = *value;
	if (value->kind != VALUE_TEXT || affinity == 't' || affinity == 'b' ||
	    !numeric_affinity(value->bytes, arena, &number))
		return true;
	if (!foreign_read(type, typmod, &number, arena, &back, error) ||
	    !slice_equal(back.bytes, value->bytes))
		return refuse_digits(value, error);
	return true;
}

/* --- intervals ------------------------------------------------------------- */

#define DAY_US (24 * 3600 * INT64_C(1000000))

/* A number is microseconds, which is how Django keeps a duration. */
static bool read_interval(const struct value *stored, struct arena *arena,
			  struct value *ret_value, struct error *error)
{
	if (stored->kind == VALUE_INTEGER) {
		*ret_value = text_value(slice_text(arena_printf(
			arena, "0:%" PRId64 ":%" PRId64,
			stored->integer / DAY_US, stored->integer % DAY_US)));
		return true;
	}
	if (stored->kind != VALUE_TEXT)
		return error_set(error, SQLSTATE_INVALID_DATETIME,
				 "the value is no interval");
	return read_text(OID_INTERVAL, -1, stored->bytes, arena, ret_value,
			 error);
}

/* Own form 'M:D:U'. False: a month has no length. */
static bool write_microseconds(const struct value *value, struct arena *arena,
			       struct value *ret_stored, struct error *error)
{
	int64_t months = 0, days = 0, rest = 0, total;

	if (sscanf(arena_dup(arena, value->bytes),
		   "%" SCNd64 ":%" SCNd64 ":%" SCNd64, &months, &days,
		   &rest) != 3 || months ||
	    __builtin_mul_overflow(days, DAY_US, &total) ||
	    __builtin_add_overflow(total, rest, &total))
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "the interval cannot be kept as a number of "
				 "microseconds");
	*ret_stored = (struct value){ .kind = VALUE_INTEGER,
				      .integer = total };
	return true;
}

static bool write_interval(char affinity, const struct value *value,
			   struct arena *arena, struct value *ret_stored,
			   struct error *error)
{
	struct buffer out = { 0 };
	bool done;

	if (affinity == 'i')
		return write_microseconds(value, arena, ret_stored, error);
	done = type_write(OID_INTERVAL, -1, WIRE_TEXT, value, &neutral, &out,
			  error);
	if (done)
		*ret_stored = text_value(slice_text(
			arena_text(arena, buffer_cstring(&out))));
	buffer_fini(&out);
	return done;
}

/* --- the two ways ------------------------------------------------------------ */

bool foreign_read(uint32_t type, int32_t typmod, const struct value *stored,
		  struct arena *arena, struct value *ret_value,
		  struct error *error)
{
	if (is_moment(type))
		return read_moment(type, typmod, stored, arena, ret_value,
				   error);
	switch (type) {
	case OID_BOOL:
		return read_bool(stored, arena, ret_value, error);
	case OID_INT2: case OID_INT4: case OID_INT8: case OID_OID:
		return read_integer(type, stored, arena, ret_value, error);
	case OID_FLOAT4: case OID_FLOAT8:
		return read_float(type, stored, arena, ret_value, error);
	case OID_NUMERIC:
		return read_numeric(typmod, stored, arena, ret_value, error);
	case OID_UUID:
		return read_uuid(stored, arena, ret_value, error);
	case OID_INTERVAL:
		return read_interval(stored, arena, ret_value, error);
	case OID_BYTEA:
		return read_blob(stored, ret_value, error);
	default:
		return read_any(type, stored, arena, ret_value, error);
	}
}

bool foreign_write(uint32_t type, int32_t typmod, struct foreign_form form,
		   const struct value *value, struct arena *arena,
		   struct value *ret_stored, struct error *error)
{
	struct value spelled = *value;

	if (type == OID_NUMERIC)
		return write_numeric(form.affinity, value, arena, ret_stored,
				     error);
	if (is_moment(type)) {
		if (!write_moment(type, form.spelling, value, &spelled, error))
			return false;
	} else if (type == OID_UUID) {
		write_uuid(form.spelling, value, arena, &spelled);
	} else if (type == OID_INTERVAL) {
		if (!write_interval(form.affinity, value, arena, &spelled,
				    error))
			return false;
	}
	return write_text(type, typmod, form.affinity, &spelled, arena,
			  ret_stored, error);
}

/*
 * Constants: what a quoted literal means once its type is known, read by the
 * type's own input function at compile time and printed in storage form.
 */
#include "protocol/sql_nodes.h"

#include <math.h>
#include <stdio.h>

#include "protocol/dialect/literal.h"
#include "protocol/dialect/schema_name.h"
#include "protocol/dialect/settle.h"

static const char *print_real(struct arena *arena, double real)
{
	char digits[40];

	if (isinf(real))
		return real > 0 ? "9e999" : "(-9e999)";
	snprintf(digits, sizeof(digits), "%.17g", real);
	if (strpbrk(digits, ".e") == NULL)
		strcat(digits, ".0");
	return arena_printf(arena, real < 0 ? "(%s)" : "%s", digits);
}

static const char *print_blob(struct arena *arena, struct slice bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(arena, bytes.length * 2 + 4);
	char *at = text;

	*at++ = 'x';
	*at++ = '\'';
	for (size_t i = 0; i < bytes.length; i++) {
		*at++ = digits[bytes.at[i] >> 4];
		*at++ = digits[bytes.at[i] & 15];
	}
	*at = '\'';
	return text;
}

const char *print_integer(struct arena *arena, int64_t integer)
{
	/* SQLite reads the digits before the sign: 2^63 would be a float. */
	if (integer == INT64_MIN)
		return "(-9223372036854775807 - 1)";
	return arena_printf(arena, integer < 0 ? "(%lld)" : "%lld",
			    (long long)integer);
}

const char *print_value(struct arena *arena, const struct value *value)
{
	switch (value->kind) {
	case VALUE_INTEGER:
		return print_integer(arena, value->integer);
	case VALUE_REAL:
		return print_real(arena, value->real);
	case VALUE_TEXT:
		return print_text(arena, arena_dup(arena, value->bytes));
	case VALUE_BLOB:
		return print_blob(arena, value->bytes);
	case VALUE_NULL:
	default:
		return "NULL";
	}
}

static bool read_enum(struct compile_state *state,
		      const struct schema_enum *user, const char *text,
		      int location)
{
	for (int i = 0; i < user->label_count; i++) {
		if (strcmp(user->labels[i], text) == 0)
			return true;
	}
	return compile_fail(state, location, SQLSTATE_INVALID_TEXT,
			    "invalid input value for enum %s: \"%s\"",
			    reg_text(state->schema, state->session,
				     OID_REGTYPE, user->oid, state->arena),
			    text);
}

/* Whether the text means the same at any time, in any time zone and under
 * any DateStyle: "2024-01-31", and a zone where the type has one. */
static bool is_fixed_time(uint32_t type, const char *text)
{
	size_t length = strlen(text);
	const char *sign;

	if (length < 5 || strspn(text, "0123456789-:. +TZ") != length)
		return false;
	if (type == OID_TIME)
		return true;
	if (type != OID_TIMETZ && (length < 10 || text[4] != '-'))
		return false;
	if (type != OID_TIMESTAMPTZ && type != OID_TIMETZ)
		return true;
	sign = strpbrk(length > 10 && type == OID_TIMESTAMPTZ ?
		       text + 10 : text, "+-Z");
	return sign != NULL;
}

static bool is_time_type(uint32_t type)
{
	return type == OID_DATE || type == OID_TIME || type == OID_TIMETZ ||
	       type == OID_TIMESTAMP || type == OID_TIMESTAMPTZ;
}

static const char *reg_print(struct compile_state *state, const char *text,
			     uint32_t type, int location, struct error *error)
{
	struct compile_session session = *state->session;
	uint32_t oid;

	session.search_path = compile_type_path(state);
	if (!reg_read(state->schema, &session, type, slice_text(text),
		      state->arena, &oid, error))
		return NULL;
	if (state->edits != NULL && !settle_literal(state, text, type, oid,
						    location))
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "this form of the literal \"%s\" in a view is not supported on SQLite",
				 text), NULL;
	return arena_printf(state->arena, "%u", oid);
}

static const char *refuse(struct compile_state *state,
			  const struct error *error, int location)
{
	compile_fail(state, location, error->sqlstate, "%s", error->message);
	if (error->detail[0] != '\0')
		error_detail(state->error, "%s", error->detail);
	if (error->hint[0] != '\0')
		error_hint(state->error, "%s", error->hint);
	return NULL;
}

const char *literal_print(struct compile_state *state, const char *text,
			  uint32_t type, int32_t typmod, bool is_explicit,
			  int location)
{
	const struct schema_enum *user;
	struct value value, fitted;
	struct error error = { .sqlstate = "" };

	user = schema_enum_by_oid(state->schema, type);
	if (user != NULL)
		return read_enum(state, user, text, location) ?
		       print_text(state->arena, text) : NULL;
	if (reg_is(type)) {
		const char *oid = reg_print(state, text, type, location,
					    &error);

		return oid != NULL ? oid : refuse(state, &error, location);
	}
	if (is_time_type(type) && !is_fixed_time(type, text))
		state->volatile_plan = true;
	/* INTERVAL '1' YEAR: the fields say what a bare number means */
	if (!type_read(type, type == OID_INTERVAL ? typmod : -1, WIRE_TEXT,
		       slice_text(text), state->session->types, state->arena, &value, &error))
		return refuse(state, &error, location);
	fitted = value;
	if (typmod == -1 ||
	    type_coerce_length(type, typmod, is_explicit, &fitted, state->arena,
			       &error))
		return print_value(state->arena, &fitted);
	if (state->late == NULL) {
		state->late = arena_alloc(state->arena, sizeof(error));
		*state->late = error;
	}
	return arena_printf(state->arena, "pg_cast(%s, %u, %u, %d, %d)",
			    print_value(state->arena, &value), type, type,
			    (int)typmod, is_explicit);
}

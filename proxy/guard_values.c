/*
 * Code that runs without being called: of types that parameters are declared
 * to be of, by a Parse message; of types that constants become of because of
 * what they stand beside; of functions that are written as columns.
 */
#include "proxy/guard_parts.h"

#include "protocol/sql_coercion.h"

#define OWN_OID 16384	/* from here on users have made them */

struct reader declared_types(const struct guard_state *state)
{
	struct reader reader = reader_make(state->types);

	read_u16(&reader);
	return reader;
}

uint32_t next_declared(struct reader *types)
{
	while (reader_left(types) >= 4) {
		uint32_t oid = read_u32(types);

		if (oid >= OWN_OID)
			return oid;
	}
	return 0;
}

/* Which one of those it is that the transaction made nobody knows. */
static bool check_type(struct judging *judging, uint32_t oid)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	const struct catalog_object *type =
		catalog ? catalog_find_type(catalog, oid) : NULL;

	judging->unknown |= !catalog;
	if (type && (type->refused & CATALOG_CALL))
		return judging_refuse_call(judging, 0, CATALOG_TYPE,
					   type->schema, type->name);
	if (!type && judging_made_calls(judging, "_"))
		return judging_refuse_call(judging, 0, CATALOG_TYPE, NULL,
					   "of a parameter");
	return true;
}

bool check_declared(struct judging *judging)
{
	struct reader types = declared_types(judging->state);
	uint32_t oid;

	while ((oid = next_declared(&types)))
		if (!check_type(judging, oid))
			return false;
	return true;
}

/* --- what constants become ---------------------------------------------------- */

static bool is_any(const struct judging *judging, enum catalog_kind kind,
		   const char *name, uint32_t bits, bool *ret_known)
{
	const struct catalog_object *object =
		catalog_find(judging->state->catalog, kind, name);

	*ret_known = object;
	for (; object; object = object->next)
		if ((object->refused & bits) == bits)
			return true;
	return false;
}

/* One that nobody knows was made just now. */
static bool calls_adapting(const struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;
	bool known;

	for (int i = 0; i < facts->call_count; i++)
		if (is_any(judging, CATALOG_FUNCTION, facts->calls[i].name,
			   CATALOG_ADAPT, &known) ||
		    (!known && !facts->calls[i].listed))
			return true;
	for (int i = 0; i < facts->operator_count; i++)
		if (is_any(judging, CATALOG_OPERATOR, facts->operators[i].name,
			   CATALOG_ADAPT, &known) ||
		    judging_made(judging, facts->operators[i].name))
			return true;
	return false;
}

static bool check_coercion(struct judging *judging,
			   const struct sql_coercion *coercion)
{
	if (!judging->shown ||
	    (!coercion->adapts && !calls_adapting(judging)))
		return true;
	return judging_refuse_call(judging, 0, CATALOG_TYPE,
				   judging->shown_schema, judging->shown);
}

/* --- functions as columns ------------------------------------------------------- */

static char lower(uint8_t byte)
{
	return (char)(byte >= 'A' && byte <= 'Z' ? byte + 'a' - 'A' : byte);
}

/* But for spaces, quotes and comments. */
static bool may_be_behind_dot(struct slice text, size_t at)
{
	while (at--) {
		uint8_t byte = text.at[at];

		if (byte == '.' || byte == '/' || byte == '\n' ||
		    byte == '\r')
			return true;
		if (byte != ' ' && byte != '\t' && byte != '\f' && byte != '\v' &&
		    byte != '"')
			return false;
	}
	return false;
}

static bool is_at(struct slice text, size_t at, const char *name)
{
	for (; *name && at < text.length; name++, at++)
		if (lower(text.at[at]) != lower((uint8_t)*name))
			return false;
	return !*name;
}

/* In any case; or it may be spelled in escapes. */
static bool may_have(struct slice text, const char *name)
{
	for (size_t i = 0; i < text.length; i++)
		if (is_at(text, i, "u&\"") ||
		    (is_at(text, i, name) && may_be_behind_dot(text, i)))
			return true;
	return false;
}

static bool may_have_any(struct slice text, const char *const *names)
{
	for (; names && *names; names++)
		if (may_have(text, *names))
			return true;
	return false;
}

static bool check_attributes(struct judging *judging,
			     const struct sql_coercion *coercion)
{
	bool known;

	for (int i = 0; i < coercion->attribute_count; i++)
		if (is_any(judging, CATALOG_FUNCTION, coercion->attributes[i],
			   CATALOG_CALL | CATALOG_ATTRIBUTE, &known))
			return judging_refuse_call(judging, 0,
						   CATALOG_FUNCTION, NULL,
						   coercion->attributes[i]);
	return true;
}

/* What a function is proven by is read on the loop: one that is long is not. */
static bool refuse_long(struct judging *judging)
{
	guard_refuse_command("statement of this length", "it uses what may run "
			     "code", 0, judging->facts->statement_count,
			     judging->error);
	guard_note_refusal(judging->guard, "", "unproven code");
	return false;
}

static bool read_coercion(struct judging *judging, struct slice text,
			  struct sql_coercion *coercion)
{
	const struct guard_state *state = judging->state;
	const struct sql_reading *reading;

	if (!sql_is_long(text))
		return sql_coercion_read(text, &judging->guard->code, coercion);
	if (!state->read)
		return false;
	reading = state->read(state->context, text, true);
	judging->guard->must_read |= !reading;
	if (reading)
		*coercion = reading->coercion;
	return reading && reading->coerced;
}

bool check_values(struct judging *judging, struct slice text)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	struct sql_coercion coercion;

	if (!catalog || judging_is_closed(judging) ||
	    (!judging->shown &&
	     !may_have_any(text, catalog_attributes(catalog))))
		return true;
	if (!read_coercion(judging, text, &coercion))
		return refuse_long(judging);
	return check_coercion(judging, &coercion) &&
	       check_attributes(judging, &coercion);
}

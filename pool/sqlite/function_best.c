/*
 * min() and max() of types where SQLite's own would give another value: it
 * does not put them in order, or values that are equal look different. The
 * arguments are a value and its type. Which of the two is the variant: -1 or 1.
 */
#include "pool/sqlite/function_aggregate.h"

#include "pool/sqlite/function_array.h"

struct best {
	struct buffer value;	/* empty: there is none */
	uint32_t type;
};

/* --- values as bytes -------------------------------------------------------- */

static void put_value(struct buffer *out, const struct value *value)
{
	buffer_put(out, &value->kind, sizeof(value->kind));
	if (value->kind == VALUE_INTEGER)
		buffer_put(out, &value->integer, sizeof(value->integer));
	else if (value->kind == VALUE_REAL)
		buffer_put(out, &value->real, sizeof(value->real));
	else
		buffer_put_slice(out, value->bytes);
}

static struct value value_of(struct slice bytes)
{
	struct value value = { 0 };

	memcpy(&value.kind, bytes.at, sizeof(value.kind));
	bytes = slice_make(bytes.at + sizeof(value.kind),
			   bytes.length - sizeof(value.kind));
	if (value.kind == VALUE_INTEGER)
		memcpy(&value.integer, bytes.at, sizeof(value.integer));
	else if (value.kind == VALUE_REAL)
		memcpy(&value.real, bytes.at, sizeof(value.real));
	else
		value.bytes = bytes;
	return value;
}

/* --- the best ---------------------------------------------------------------- */

/* Of equal ones the later stays, but of character(n) the earlier. */
static bool is_better(struct call *call, uint32_t type, const struct value *one,
		      const struct value *best)
{
	int order = compare_values(call, type, one, best);

	if (order == 0)
		return type != OID_BPCHAR;
	return order * call->variant > 0;
}

static bool check_order(struct call *call, uint32_t type)
{
	return array_element_type(call, type) != OID_JSON ||
	       error_set(call->error, SQLSTATE_UNDEFINED_FUNCTION,
			 "could not identify a comparison function for type "
			 "json");
}

static bool keep_better(struct call *call, struct best *best,
			const struct value *one)
{
	if (best->value.length) {
		struct value before = value_of(buffer_slice(&best->value));

		if (!check_order(call, best->type))
			return false;
		if (!is_better(call, best->type, one, &before))
			return true;
	}
	buffer_clear(&best->value);
	put_value(&best->value, one);
	return true;
}

static bool add_value(struct call *call, void *state)
{
	struct best *best = state;
	struct value one = call_value(call, 0);

	best->type = (uint32_t)call_integer(call, 1);
	return keep_better(call, best, &one);
}

static bool best_value(struct call *call, void *state)
{
	struct best *best = state;
	struct value value;

	if (!best->value.length)
		return give_null(call);
	value = value_of(buffer_slice(&best->value));
	return give_value(call, &value);
}

static void release_best(void *state)
{
	struct best *best = state;

	buffer_fini(&best->value);
}

#define BEST_ROW(name, variant)                                          \
	{ name, 2, FUNCTION_ANEW, sizeof(struct best), add_value,        \
	  refuse_remove, best_value, release_best, variant }

static const struct aggregate_row aggregates[] = {
	BEST_ROW("pg_min", -1),
	BEST_ROW("pg_max", 1),
	{ 0 },
};

int functions_best(sqlite3 *db, struct functions *functions)
{
	return functions_add_aggregates(db, functions, aggregates);
}

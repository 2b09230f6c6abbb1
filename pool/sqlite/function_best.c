/*
 * min() and max() of types where SQLite's own would give another value: it
 * does not put them in order, or values that are equal look different. The
 * arguments are a value and its type. Over a window all rows of the frame are
 * kept, for the best may leave it; else only the best.
 */
#include "pool/sqlite/function_aggregate.h"

#include "pool/sqlite/function_array.h"

enum best_variant {
	BEST_MAX = 1,
	BEST_OVER = 2,
};

struct best {
	struct pieces rows;	/* of the frame; first: pieces_remove() */
	struct buffer value;	/* of them; empty: there are none */
	uint32_t type;
	bool stale;		/* a row has left */
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
	return call->variant & BEST_MAX ? order > 0 : order < 0;
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
	if (!(call->variant & BEST_OVER))
		return keep_better(call, best, &one);
	pieces_begin(&best->rows);
	pieces_separated(&best->rows);
	put_value(&best->rows.text, &one);
	return pieces_end(call, &best->rows) &&
	       (best->stale || keep_better(call, best, &one));
}

static bool remove_value(struct call *call, void *state)
{
	struct best *best = state;

	best->stale = true;
	return call->variant & BEST_OVER ? pieces_remove(call, &best->rows)
					 : refuse_remove(call, state);
}

static bool find_best(struct call *call, struct best *best)
{
	struct slice piece;

	buffer_clear(&best->value);
	for (size_t i = 0, at = 0;
	     pieces_next(&best->rows, &i, &at, &piece);) {
		struct value one = value_of(piece);

		if (!keep_better(call, best, &one))
			return false;
	}
	best->stale = false;
	return true;
}

static bool best_value(struct call *call, void *state)
{
	struct best *best = state;
	struct value value;

	if (best->stale && !find_best(call, best))
		return false;
	if (!best->value.length)
		return give_null(call);
	value = value_of(buffer_slice(&best->value));
	return give_value(call, &value);
}

static void release_best(void *state)
{
	struct best *best = state;

	pieces_release(&best->rows);
	buffer_fini(&best->value);
}

#define BEST_ROW(name, variant)                                          \
	{ name, 2, 0, sizeof(struct best), add_value, remove_value,      \
	  best_value, release_best, variant }

static const struct aggregate_row aggregates[] = {
	BEST_ROW("pg_min", 0),
	BEST_ROW("pg_max", BEST_MAX),
	BEST_ROW("pg_min_over", BEST_OVER),
	BEST_ROW("pg_max_over", BEST_MAX | BEST_OVER),
	{ 0 },
};

int functions_best(sqlite3 *db, struct functions *functions)
{
	return functions_add_aggregates(db, functions, aggregates);
}

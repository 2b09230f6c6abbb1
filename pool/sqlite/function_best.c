/*
 * min() and max() of types that SQLite does not put in order: numeric,
 * interval, arrays. Which of the two is the variant: -1 or 1.
 */
#include "pool/sqlite/function_aggregate.h"

#include "pool/sqlite/function_array.h"
#include "pool/sqlite/function_time.h"
#include "protocol/numeric.h"

/* Of equal ones the later stays. */
static bool keep_best(struct call *call, struct buffer *best, int order)
{
	if (order * call->variant < 0)
		return true;
	buffer_clear(best);
	buffer_reserve(best, 1);
	buffer_put_slice(best, call_text(call, 0));
	return true;
}

static bool numeric_best(struct call *call, void *state)
{
	struct buffer *best = state;

	return keep_best(call, best, best->bytes
			 ? numeric_text_compare(call_text(call, 0),
						buffer_slice(best))
			 : call->variant);
}

static bool interval_best(struct call *call, void *state)
{
	struct buffer *best = state;
	struct interval one, other;

	if (!call_interval(call, 0, &one))
		return false;
	if (!best->bytes ||
	    !interval_from_storage(buffer_slice(best), &other))
		return keep_best(call, best, call->variant);
	return keep_best(call, best, interval_compare(&one, &other));
}

/* The arguments are an array and the type of its elements. */
static bool array_best(struct call *call, void *state)
{
	struct buffer *best = state;
	uint32_t element = (uint32_t)call_integer(call, 1);

	if (!best->bytes)
		return keep_best(call, best, call->variant);
	if (element == OID_JSON)
		return error_set(call->error, SQLSTATE_UNDEFINED_FUNCTION,
				 "could not identify a comparison function "
				 "for type json");
	return keep_best(call, best,
			 compare_arrays(call, element, call_text(call, 0),
					buffer_slice(best)));
}

static bool best_value(struct call *call, void *state)
{
	struct buffer *best = state;

	return best->bytes ? give_text(call, buffer_slice(best))
			   : give_null(call);
}

static void release_buffer(void *state)
{
	buffer_fini(state);
}

#define BEST_ROW(name, arguments, add, variant)                            \
	{ name, arguments, 0, sizeof(struct buffer), add, refuse_remove,   \
	  best_value, release_buffer, variant }

static const struct aggregate_row aggregates[] = {
	BEST_ROW("pg_numeric_min", 1, numeric_best, -1),
	BEST_ROW("pg_numeric_max", 1, numeric_best, 1),
	BEST_ROW("pg_interval_min", 1, interval_best, -1),
	BEST_ROW("pg_interval_max", 1, interval_best, 1),
	BEST_ROW("pg_array_min", 2, array_best, -1),
	BEST_ROW("pg_array_max", 2, array_best, 1),
	{ 0 },
};

int functions_best(sqlite3 *db, struct functions *functions)
{
	return functions_add_aggregates(db, functions, aggregates);
}

/* GREATEST and LEAST: NULL counts only where there is nothing else. */
#include "pool/sqlite/function_array.h"

/* pg_greatest(type, value, ...) and pg_least: variant 1 and -1 */
static bool choose(struct call *call)
{
	uint32_t type = (uint32_t)call_integer(call, 0);
	int best = 0;

	for (int i = 1; i < call->count; i++) {
		struct value now = call_value(call, i), before;

		if (now.kind == VALUE_NULL)
			continue;
		before = call_value(call, best);
		if (best == 0 || compare_values(call, type, &now, &before) *
				 call->variant > 0)
			best = i;
	}
	return best ? give_argument(call, best) : give_null(call);
}

static const struct function_row rows[] = {
	{ "pg_greatest", -1, FUNCTION_NULLS, choose, 1 },
	{ "pg_least", -1, FUNCTION_NULLS, choose, -1 },
	{ 0 },
};

int functions_choose(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

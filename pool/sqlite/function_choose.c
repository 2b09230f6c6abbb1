/*
 * GREATEST and LEAST, where NULL counts only if there is nothing else; and
 * what domains fail with.
 */
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

/* pg_domain_error(domain, check): fails; check -1 is NOT NULL */
static bool fail_domain(struct call *call)
{
	const struct schema_domain *domain = schema_domain_by_oid(
		call->context->schema, (uint32_t)call_integer(call, 0));
	int64_t number = call_integer(call, 1);

	if (!domain || number >= domain->check_count)
		return error_set(call->error, SQLSTATE_INTERNAL, "%s",
				 "there is no such domain");
	if (number < 0)
		error_set(call->error, SQLSTATE_NOT_NULL,
			  "domain %s does not allow null values",
			  domain->name);
	else
		error_set(call->error, SQLSTATE_CHECK,
			  "value for domain %s violates check constraint "
			  "\"%s\"", domain->name, domain->checks[number].name);
	error_domain(call->error, domain->schema, domain->name,
		     number < 0 ? "" : domain->checks[number].name);
	return false;
}

static const struct function_row rows[] = {
	{ "pg_domain_error", 2, FUNCTION_VOLATILE, fail_domain, 0 },
	{ "pg_greatest", FUNCTION_FROM(1), FUNCTION_NULLS, choose, 1 },
	{ "pg_least", FUNCTION_FROM(1), FUNCTION_NULLS, choose, -1 },
	{ 0 },
};

int functions_choose(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}

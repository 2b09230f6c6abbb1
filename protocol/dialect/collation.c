/*
 * Collations by name. Text sorts by its bytes, in SQLite as in Postgres's own
 * collations; what sorts otherwise is refused where it is named, or rows would
 * come in another order without a word.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/compile_state.h"

#include "protocol/type.h"

static const struct {
	const char *name;
	uint32_t oid;
} by_bytes[] = {
	{ "default", 100 },
	{ "C", 950 },
	{ "POSIX", 951 },
	{ "ucs_basic", 12340 },
	{ "C.utf8", 12341 },
	{ "C.UTF-8", 12341 },
};

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length > tail && strcmp(name + length - tail, end) == 0;
}

bool compile_collation(struct compile_state *state,
		       const struct List *names, int location,
		       uint32_t *ret_collation)
{
	const char *name = strVal(llast(names));

	for (size_t i = 0; i < sizeof(by_bytes) / sizeof(*by_bytes); i++)
		if (strcmp(by_bytes[i].name, name) == 0) {
			*ret_collation = by_bytes[i].oid;
			return true;
		}
	if (ends_with(name, "-x-icu") || strcmp(name, "unicode") == 0)
		return compile_fail(state, location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "collation \"%s\" is not supported on SQLite",
				    name);
	return compile_fail(state, location, SQLSTATE_UNDEFINED_OBJECT,
			    "collation \"%s\" for encoding \"UTF8\" does not exist",
			    name);
}

bool compile_column_collation(struct compile_state *state,
			      const struct CollateClause *clause,
			      uint32_t type, uint32_t *ret_collation)
{
	*ret_collation = 0;
	if (clause == NULL)
		return true;
	if (!compile_collation(state, clause->collname, clause->location,
			       ret_collation))
		return false;
	if (type_collation(type) == 0)
		return compile_fail(state, clause->location,
				    SQLSTATE_DATATYPE_MISMATCH,
				    "collations are not supported by type %s",
				    type_text(state, type, -1));
	if (*ret_collation == type_collation(type))
		*ret_collation = 0;
	return true;
}

/*
 * What a Parse message says beside its text: the types of its parameters, by
 * their OIDs. Values become of such a type when they are bound.
 */
#include "proxy/guard_parts.h"

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

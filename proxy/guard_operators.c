/*
 * Operators that users have made. A symbol does not say which operator is
 * meant: its operands do, of which a text shows the names at most.
 */
#include "proxy/guard_parts.h"

/* Whether something of that name shows values of a type that has operators
 * which could do harm. */
static bool shows_operands(const struct judging *judging,
			   enum catalog_kind kind, const char *name)
{
	const struct catalog_object *object =
		catalog_find(judging->state->catalog, kind, name);

	for (; object; object = object->next)
		if (object->refused & CATALOG_OPERATE)
			return true;
	return false;
}

/* What the transaction made shows what it was made from. */
static bool is_made_of_operands(const struct judging *judging,
				const char *name)
{
	const struct overlay_item *item = judging_made(judging, name);

	return item && (item->refused & CATALOG_OPERATE);
}

static bool declares_operands(const struct judging *judging)
{
	struct reader types = declared_types(judging->state);
	uint32_t oid;

	while ((oid = next_declared(&types))) {
		const struct catalog_object *type =
			catalog_find_type(judging->state->catalog, oid);

		if (type && (type->refused & CATALOG_OPERATE))
			return true;
	}
	return false;
}

bool judging_has_operands(const struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	if (!judging->state->catalog ||
	    !catalog_has_kind(judging->state->catalog, CATALOG_OPERATOR))
		return false;
	if (judging->operands || declares_operands(judging))
		return true;
	for (int i = 0; i < facts->deed_count; i++) {
		const char *name = facts->deeds[i].relation;

		if (name && (shows_operands(judging, CATALOG_RELATION, name) ||
			     is_made_of_operands(judging, name)))
			return true;
	}
	for (int i = 0; i < facts->call_count; i++) {
		const char *name = facts->calls[i].name;

		if (shows_operands(judging, CATALOG_FUNCTION, name) ||
		    shows_operands(judging, CATALOG_TYPE, name))
			return true;
	}
	return false;
}

static bool is_within_reach(const struct judging *judging,
			    const struct call_deed *applied,
			    const struct catalog_object *operator)
{
	const char *const *path = judging_path(judging, applied->statement,
					       applied->deferred);

	if (applied->schema)
		return strcmp(applied->schema, operator->schema) == 0;
	for (; path && *path; path++)
		if (strcmp(*path, operator->schema) == 0)
			return true;
	return !path;
}

/* Which operator of a symbol is meant its operands tell, along the whole path:
 * any that may be. */
static bool check_operator(struct judging *judging,
			   const struct call_deed *applied)
{
	const struct catalog_object *operator =
		catalog_find(judging->state->catalog, CATALOG_OPERATOR,
			     applied->name);

	for (; operator; operator = operator->next) {
		if (!(operator->refused & (CATALOG_CALL | CATALOG_OPERATE)) ||
		    !is_within_reach(judging, applied, operator))
			continue;
		if ((operator->refused & CATALOG_CALL) ||
		    judging_has_operands(judging))
			return judging_refuse_call(judging, applied->statement,
						   CATALOG_OPERATOR,
						   operator->schema,
						   operator->name);
	}
	return true;
}

bool check_operators(struct judging *judging)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	const struct sql_facts *facts = judging->facts;

	if (!catalog || !catalog_has_kind(catalog, CATALOG_OPERATOR))
		return true;
	for (int i = 0; i < facts->operator_count; i++)
		if (!check_operator(judging, &facts->operators[i]))
			return false;
	return true;
}

bool judging_has_replaced_operators(const struct judging *judging)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	const struct sql_facts *facts = judging->facts;

	for (int i = 0; catalog && i < facts->operator_count; i++) {
		const struct catalog_object *operator =
			catalog_find(catalog, CATALOG_OPERATOR,
				     facts->operators[i].name);

		for (; operator; operator = operator->next)
			if (!(operator->refused & CATALOG_OPERATE))
				return true;
	}
	return false;
}

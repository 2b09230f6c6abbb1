/*
 * Code that is run by other things, and what it cannot be proven for: the
 * trigger's relation, the operator, the type and all that holds its values.
 */
#include <string.h>

#include "proxy/catalog_derive_parts.h"

/* --- code that is run by other things --------------------------------------------------- */

/* What is disabled nothing fires; it must not be enabled. */
static uint32_t unless_disabled(const struct edge *edge, uint32_t deeds)
{
	return edge->letters[1] == 'D' ? BIT(ENABLE) : deeds;
}

/* pg_trigger.h: which events fire it. */
static uint32_t fired_by(unsigned type)
{
	uint32_t deeds = 0;

	if (type & 4)
		deeds |= INSERTS | BIT(UPSERT) | BIT(MERGE);
	if (type & 8)
		deeds |= BIT(DELETE) | BIT(MERGE);
	if (type & 16)
		deeds |= ASSIGNS | BIT(MERGE);
	if (type & 32)
		deeds |= BIT(TRUNCATE);
	return deeds;
}

/* Of the rows a trigger is given. */
static bool asks_operator(struct derive *derive, const struct edge *trigger)
{
	const struct thing *function = trigger->to;

	return (trigger->from->refused & CATALOG_OPERATE) &&
	       function->kind == THING_FUNCTION && !function->trusted &&
	       !guard_proves(derive->guard, derive->catalog,
			     function->language, function->body, true);
}

void derive_trigger(struct derive *derive, const struct edge *edge)
{
	struct reason reason = { NULL, NULL, NULL };

	if (!(edge->to->refused & CATALOG_CALL) &&
	    !asks_operator(derive, edge))
		return;
	/* an insert fires it whatever DO UPDATE assigns */
	if (!(edge->number & 4))
		reason.columns = edge->from_columns;
	reason.through = arena_printf(&derive->rows->arena,
				      "trigger %s of %s.%s", edge->name,
				      edge->from->schema, edge->from->name);
	derive_refuse(derive, edge->from,
		      unless_disabled(edge, fired_by(edge->number)), 0,
		      &reason);
}

/* Of pg_rewrite: 2 UPDATE, 3 INSERT, 4 DELETE. */
static uint32_t rewritten_by(char event)
{
	switch (event) {
	case '2':
		return ASSIGNS | BIT(MERGE);
	case '3':
		return INSERTS | BIT(UPSERT) | BIT(MERGE);
	default:
		return BIT(DELETE) | BIT(MERGE);
	}
}

/* The rule without CREATE RULE ... DO, which is about the relation. Its text
 * is the server's own: the first DO in it is the rule's, unless it stands in
 * a string or a name of the condition. */
static const char *actions_of(struct derive *derive, const char *text)
{
	const char *action = text ? strstr(text, " DO ") : NULL;

	if (!action || memchr(text, '\'', (size_t)(action - text)) ||
	    memchr(text, '"', (size_t)(action - text)))
		return NULL;
	action += 4;
	if (strncmp(action, "ALSO ", 5) == 0)
		action += 5;
	if (strncmp(action, "INSTEAD ", 8) == 0)
		action += 8;
	while (*action == ' ')
		action++;
	if (*action != '(')
		return action;
	action = arena_dup(&derive->rows->arena, slice_text(action + 1));
	if (!strrchr(action, ')'))
		return NULL;
	*(char *)(uintptr_t)strrchr(action, ')') = 0;
	return action;
}

static bool is_harmless_rule(struct derive *derive,
			     const struct thing *relation, const char *text)
{
	const char *actions = actions_of(derive, text);

	return actions && (strncmp(actions, "NOTHING", 7) == 0 ||
			   guard_proves(derive->guard, derive->catalog, "sql",
					actions,
					relation->refused & CATALOG_OPERATE));
}

void derive_rule(struct derive *derive, const struct edge *edge)
{
	uint32_t deeds = unless_disabled(edge, rewritten_by(edge->letters[0]));
	struct reason reason = { NULL, NULL, NULL };

	if (!(deeds & ~edge->from->refused) ||
	    is_harmless_rule(derive, edge->from, edge->text))
		return;
	reason.through = arena_printf(&derive->rows->arena,
				      "rule %s of %s.%s", edge->name,
				      edge->from->schema, edge->from->name);
	derive_refuse(derive, edge->from, deeds, 0, &reason);
}

struct rule_ways {
	struct derive *derive;
	const struct edge *rule;
};

static void put_rule_way(void *context, const char *name)
{
	const struct rule_ways *ways = context;

	catalog_add_onward(ways->derive->catalog, ways->rule->from->name,
			   ONWARD_ANY, name);
}

void derive_rule_ways(struct derive *derive, const struct edge *rule)
{
	struct rule_ways ways = { derive, rule };
	const char *actions = actions_of(derive, rule->text);

	if (actions || rule->text)
		guard_each_target(actions ? actions : rule->text, put_rule_way,
				  &ways);
}

const char *derive_function_name(struct derive *derive,
				 const struct thing *function)
{
	return derive_qualified(derive, "function ", function);
}

/* What runs a function that is not proven, or makes values of a type that
 * does. */
static void refuse_for(struct derive *derive, const struct edge *edge,
		       uint32_t deeds)
{
	const struct thing *code = edge->to;
	struct reason reason = { NULL, code->through, NULL };

	if (!(code->refused & CATALOG_CALL))
		return;
	if (code->kind == THING_FUNCTION)
		reason.through = derive_function_name(derive, code);
	derive_refuse(derive, edge->from, deeds, 0, &reason);
}

static uint32_t used_by(char mode)
{
	switch (mode) {
	case 'r':
		return WRITES | BIT(READ);
	case 'i':
		return (WRITES & ~BIT(DELETE)) | BIT(HARMLESS_DDL) |
		       BIT(ENABLE);
	default:
		return (WRITES & ~BIT(DELETE)) | BIT(ENABLE);
	}
}

/* Defaults, checks, indexes, and the types that they make values of; what a
 * policy or a view computes runs whenever rows are looked for. */
void derive_use(struct derive *derive, const struct edge *edge)
{
	uint32_t deeds = used_by(edge->letters[0]);

	if (edge->from->letter == 'm')
		deeds = BIT(ALTER);
	refuse_for(derive, edge, deeds);
}

/* Whatever has to do with a type or function, for what is known of that. */
static void hand_on(struct derive *derive, const struct edge *edge,
		    uint32_t deeds)
{
	const struct reason reason = { NULL, edge->to->through, NULL };

	derive_refuse(derive, edge->from, deeds, 0, &reason);
}

void derive_type_call(struct derive *derive, const struct edge *edge)
{
	refuse_for(derive, edge, CATALOG_CALL);
}

/* Nothing tells which statement sorts, or looks something up by an index. */
void derive_sort(struct derive *derive, const struct edge *edge)
{
	if (edge->to->body)
		refuse_for(derive, edge, CATALOG_CALL | BIT(READ));
}

void derive_operator(struct derive *derive, const struct edge *edge)
{
	refuse_for(derive, edge, edge->from->letter == 'x' ? CATALOG_OPERATE :
							     CATALOG_CALL);
	hand_on(derive, edge, edge->to->refused & CATALOG_ADAPT);
}

static void disprove(struct derive *derive, struct thing *function)
{
	const struct reason reason = {
		NULL, derive_function_name(derive, function), NULL,
	};

	function->unproven = true;
	derive_refuse(derive, function, CATALOG_CALL, 0, &reason);
}

void derive_operand(struct derive *derive, const struct edge *edge)
{
	hand_on(derive, edge, edge->to->refused & CATALOG_OPERATE);
}

void derive_column(struct derive *derive, const struct edge *edge)
{
	uint32_t deeds = edge->to->refused &
			 (CATALOG_OPERATE | CATALOG_CALL | BIT(READ));

	if (deeds & CATALOG_CALL)
		deeds |= WRITES & ~BIT(DELETE);
	if (deeds & BIT(READ))
		deeds |= WRITES;
	hand_on(derive, edge, deeds);
}

void derive_value(struct derive *derive, const struct edge *edge)
{
	hand_on(derive, edge, edge->to->refused & CATALOG_OPERATE);
	if ((edge->to->refused & CATALOG_CALL) && !edge->from->unproven)
		disprove(derive, edge->from);
}

/* Of what constants become by themselves nothing may even be read. */
void derive_content(struct derive *derive, const struct edge *edge)
{
	uint32_t deeds = edge->to->refused &
			 (CATALOG_OPERATE | CATALOG_CALL | BIT(READ));

	if ((deeds & CATALOG_CALL) && edge->from->letter == 'c')
		deeds |= BIT(READ);
	hand_on(derive, edge, deeds);
}

/* --- functions --------------------------------------------------------------------------- */

void derive_call(struct derive *derive, const struct edge *edge)
{
	if (edge->to->unproven && !edge->from->unproven)
		disprove(derive, edge->from);
}

/* What ranges that users make are made by. */
static bool makes_range(const char *body)
{
	static const char *const names[] = {
		"range_constructor2", "range_constructor3",
		"multirange_constructor0", "multirange_constructor1",
		"multirange_constructor2",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(body, names[i]) == 0)
			return true;
	return false;
}

static bool is_harmless_internal(const char *body)
{
	return body && (sql_function_is_pure(body) || makes_range(body));
}

/* Aggregates have no body: what they call is judged. */
static bool is_harmless(struct derive *derive, const struct thing *function)
{
	if (function->letter == 'a')
		return true;
	if (function->letter == 'i' || !function->plain_settings ||
	    !function->language)
		return false;
	if (strcmp(function->language, "c") == 0)
		return function->trusted;
	/* what a known extension takes from Postgres is as its own: citext's
	 * casts are functions that no text may call */
	if (strcmp(function->language, "internal") == 0)
		return function->trusted ||
		       is_harmless_internal(function->body);
	return guard_proves(derive->guard, derive->catalog,
			    function->language, function->body,
			    function->refused & CATALOG_OPERATE);
}

void derive_functions(struct derive *derive)
{
	struct thing *function, *next;

	HASH_ITER(hh, derive->rows->things[THING_FUNCTION], function, next)
		if (!function->unproven && !is_harmless(derive, function))
			disprove(derive, function);
}

/*
 * What each object leads to, by one rule after another until nothing changes.
 *
 * The rules only ever add refusals, so there is an end. A function is taken
 * for harmless until its body cannot be proven so, with what is refused by
 * then; what is refused because of a function makes other bodies unprovable,
 * and so on. What remains is the largest set of functions that are harmless
 * together.
 */
#include "proxy/catalog_derive.h"

#include <stdlib.h>

#include "proxy/catalog_derive_parts.h"

/* --- adding refusals ------------------------------------------------------------ */

bool names_have(const struct name *names, const char *text)
{
	for (; names; names = names->next)
		if (strcmp(names->text, text) == 0)
			return true;
	return false;
}

bool derive_add_name(struct derive *derive, struct name **names,
		     const char *text)
{
	struct name *name;

	if (names_have(*names, text))
		return false;
	name = arena_alloc(&derive->rows->arena, sizeof(*name));
	name->text = text;
	name->next = *names;
	*names = name;
	return true;
}

/* `columns` NULL: whichever is assigned. */
static bool add_columns(struct derive *derive, struct thing *thing,
			const struct name *columns)
{
	bool added = false;

	if (thing->any_column)
		return false;
	if (!columns)
		return thing->any_column = true;
	for (; columns; columns = columns->next)
		added |= derive_add_name(derive, &thing->columns,
					 columns->text);
	return added;
}

void derive_refuse(struct derive *derive, struct thing *thing,
		   uint32_t refused, uint32_t cascading,
		   const struct reason *reason)
{
	uint32_t had = thing->refused;
	bool added = (refused & ~thing->refused) ||
		     (cascading & ~thing->cascading);

	if (refused & ASSIGNS)
		added |= add_columns(derive, thing, reason->columns);
	thing->refused |= refused;
	thing->cascading |= cascading;
	if (!added)
		return;
	thing->changed = derive->changed = true;
	if (thing->table && (had || !thing->refused))
		return;
	thing->table = reason->table ? reason->table : derive->any_table;
	thing->through = reason->through;
}

const char *derive_qualified(struct derive *derive, const char *words,
			     const struct thing *thing)
{
	return arena_printf(&derive->rows->arena, "%s%s.%s", words,
			    thing->schema, thing->name);
}

/* What reaching it comes to. */
static uint32_t refused_of(const struct thing *thing)
{
	return thing->refused | (thing->guarded ? OF_FAMILY : 0);
}

const struct thing *thing_table(const struct thing *thing)
{
	return thing->guarded ? thing : thing->table;
}

bool thing_is_family(const struct thing *thing)
{
	return thing->guarded || thing->family;
}

/* --- parents and children ---------------------------------------------------------- */

/* A child is like the table itself. */
static void derive_child(struct derive *derive, struct thing *parent,
			 struct thing *child, bool partition)
{
	const struct reason reason = {
		thing_table(parent),
		derive_qualified(derive, partition ? "partition " : "child ",
				 child),
		NULL,
	};

	if (!thing_is_family(parent) || thing_is_family(child))
		return;
	child->family = true;
	derive_refuse(derive, child, OF_FAMILY, 0, &reason);
}

/* What is done to a parent is done to its children too. */
static void derive_parent(struct derive *derive, struct thing *parent,
			  struct thing *child, bool partition)
{
	uint32_t deeds = CHANGES | BIT(TRUNCATE) | BIT(ENABLE);
	struct reason reason = {
		thing_table(child), NULL,
		child->any_column || thing_is_family(child) ? NULL : child->columns,
	};

	if (thing_is_family(parent) || !refused_of(child))
		return;
	if (partition)
		deeds |= INSERTS | BIT(READ);
	else
		deeds &= ~BIT(UPSERT);
	if (thing_is_family(child) || (refused_of(child) & OF_ANCESTOR) ==
				OF_ANCESTOR)
		deeds |= OF_ANCESTOR;
	if (!(refused_of(child) & deeds))
		return;
	reason.through = derive_qualified(derive, "parent ", parent);
	derive_refuse(derive, parent, refused_of(child) & deeds, 0, &reason);
}

static void derive_inherits(struct derive *derive, const struct edge *edge)
{
	bool partition = edge->letters[0] == 't';

	derive_child(derive, edge->from, edge->to, partition);
	derive_parent(derive, edge->from, edge->to, partition);
}

/* --- views --------------------------------------------------------------------------- */

/* Reading a view reads what is below; writing through it writes there, under
 * names of columns that may be others. */
static void derive_view(struct derive *derive, const struct edge *edge)
{
	uint32_t below = refused_of(edge->to);
	uint32_t deeds = BIT(READ);
	const struct reason reason = {
		thing_table(edge->to),
		derive_qualified(derive, "view ", edge->from),
		NULL,
	};

	if (edge->from->updatable)
		deeds |= WRITES;
	if (below & BIT(READ))
		below |= deeds;
	/* what it stores is read by REFRESH alone */
	if (edge->from->letter == 'm')
		below = deeds = below & BIT(READ) ? BIT(ALTER) : 0;
	if (below & deeds)
		derive_refuse(derive, edge->from, below & deeds, 0, &reason);
}

/* pg_settings is one: its UPDATE sets what it shows. */
static void derive_catalog_views(struct derive *derive)
{
	struct thing *view, *next;

	HASH_ITER(hh, derive->rows->things[THING_RELATION], view, next) {
		const struct reason reason = {
			NULL, derive_qualified(derive, "view ", view), NULL,
		};

		if (view->of_catalog)
			derive_refuse(derive, view, WRITES, 0, &reason);
	}
}

/* --- what a guarded table cannot be without ---------------------------------------------- */

/* Whose deeds change what rows say or which arrive; and what goes along with
 * DROP ... CASCADE. */
static uint32_t needed_deeds(const struct thing *thing)
{
	switch (thing->kind) {
	case THING_FUNCTION:
		return BIT(CREATE) | BIT(ALTER) | BIT(RENAME);
	case THING_TYPE:
		return BIT(ALTER) | BIT(RENAME);
	case THING_RELATION:
		return thing->letter == 'S' ? BIT(UPDATE) | BIT(ALTER) : 0;
	default:
		return 0;
	}
}

static void derive_need(struct derive *derive, const struct edge *edge)
{
	struct thing *thing = edge->from;
	uint32_t cascading = BIT(DROP), refused = needed_deeds(thing);
	const struct reason reason = { edge->to, edge->text, NULL };

	if (thing->kind == THING_RELATION)
		cascading |= BIT(ALTER);
	if (thing->kind == THING_SCHEMA &&
	    strcmp(thing->name, edge->to->schema) == 0)
		refused |= BIT(RENAME) | BIT(ALTER);
	/* what belongs to an extension is dropped with it */
	if (edge->letters[0] == 't')
		refused |= BIT(DROP);
	if (thing->kind == THING_FUNCTION)
		thing->needed = true;
	derive_refuse(derive, thing, refused, cascading, &reason);
}

static void derive_part(struct derive *derive, const struct edge *edge)
{
	struct thing *part = edge->from;
	uint32_t deeds = BIT(ALTER) | BIT(DROP) | BIT(RENAME);
	const struct reason reason = {
		edge->to,
		derive_qualified(derive, part->letter == 'S' ? "sequence " :
							       "index ", part),
		NULL,
	};

	if (part->letter == 'S')
		deeds |= BIT(UPDATE);
	derive_refuse(derive, part, deeds, 0, &reason);
}

static bool is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' ||
	       (byte & 0x80);
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strcasestr(text, word); at;
	     at = strcasestr(at + 1, word))
		if ((at == text || !is_word_byte(at[-1])) &&
		    !is_word_byte(at[length]))
			return true;
	return false;
}

static void need_schema(struct derive *derive, const char *name,
			const struct reason *reason)
{
	struct thing *schema, *next;

	HASH_ITER(hh, derive->rows->things[THING_SCHEMA], schema, next)
		if (strcmp(schema->name, name) == 0)
			derive_refuse(derive, schema, 0, BIT(DROP), reason);
}

/* No dependency is recorded of what a body calls by name. */
static void need_called(struct derive *derive, const struct thing *caller)
{
	struct thing *function, *next;
	const struct reason reason = {
		caller->table, derive_function_name(derive, caller), NULL,
	};

	HASH_ITER(hh, derive->rows->things[THING_FUNCTION], function, next) {
		if (function->needed || function->trusted ||
		    !has_word(caller->body, function->name))
			continue;
		function->needed = true;
		derive_refuse(derive, function,
			      needed_deeds(function) | BIT(DROP), 0, &reason);
		need_schema(derive, function->schema, &reason);
	}
}

static void derive_needed(struct derive *derive)
{
	struct thing *function, *next;

	HASH_ITER(hh, derive->rows->things[THING_FUNCTION], function, next)
		if (function->needed && function->body)
			need_called(derive, function);
}

/* --- the snapshot --------------------------------------------------------------------------- */

static const char *const *columns_of(struct catalog_rows *rows,
				     const struct thing *thing)
{
	const char **columns;
	unsigned count = 0;

	if (thing->any_column)
		return NULL;
	for (const struct name *name = thing->columns; name; name = name->next)
		count++;
	columns = arena_alloc(&rows->arena, (count + 1) * sizeof(*columns));
	for (const struct name *name = thing->columns; name; name = name->next)
		columns[--count] = name->text;
	return columns;
}

/* Texts say themselves what they do with Postgres's own functions; and of
 * operators that do no harm those count that are in the place of Postgres's. */
static bool is_untold(const struct thing *thing)
{
	switch (thing->kind) {
	case THING_FUNCTION:
		return thing->letter == 'i';
	case THING_OPERATOR:
		return thing->letter == 'x' && !thing->refused;
	default:
		return false;
	}
}

static void put_thing(struct derive *derive, struct thing *thing)
{
	static const enum catalog_kind kinds[THING_KINDS] = {
		[THING_RELATION] = CATALOG_RELATION,
		[THING_FUNCTION] = CATALOG_FUNCTION,
		[THING_TYPE] = CATALOG_TYPE,
		[THING_OPERATOR] = CATALOG_OPERATOR,
		[THING_SCHEMA] = CATALOG_SCHEMA,
		[THING_EXTENSION] = CATALOG_EXTENSION,
	};
	struct catalog_object object = {
		.kind = kinds[thing->kind],
		.schema = thing->schema,
		.name = thing->name,
		.oid = thing->kind == THING_TYPE && thing->refused ?
			       thing->oid : 0,
		.refused = thing->refused,
		.cascading = thing->cascading,
		.columns = columns_of(derive->rows, thing),
		.table_schema = thing->table ? thing->table->schema : NULL,
		.table = thing->table ? thing->table->name : NULL,
		.through = thing->through,
	};

	thing->changed = false;
	if (!is_untold(thing))
		catalog_add(derive->catalog, &object);
}

static void put_target(void *context, const char *name)
{
	catalog_add_target(context, name);
}

static void put_targets(struct derive *derive)
{
	struct thing *function, *next;

	HASH_ITER(hh, derive->rows->things[THING_FUNCTION], function, next)
		if (function->body && !function->trusted)
			guard_each_target(function->body, put_target,
					  derive->catalog);
}

static void put_onward(struct derive *derive, const struct thing *from,
		       enum onward_kind kind, const struct thing *to)
{
	catalog_add_onward(derive->catalog, from->name, kind, to->name);
}

/* What is done to a whole is done to its parts, and keys to the whole act for
 * them. */
static void put_family(struct derive *derive, const struct edge *edge)
{
	bool partition = edge->letters[0] == 't';

	put_onward(derive, edge->from, partition ? ONWARD_PARTS : ONWARD_SAME,
		   edge->to);
	if (partition)
		put_onward(derive, edge->to, ONWARD_ROWS, edge->from);
}

static void put_ways(struct derive *derive)
{
	const struct catalog_rows *rows = derive->rows;
	const struct edge *edge;

	for (edge = rows->edges[EDGE_INHERITS]; edge; edge = edge->next)
		put_family(derive, edge);
	for (edge = rows->edges[EDGE_VIEW]; edge; edge = edge->next)
		if (edge->from->letter != 'm')
			put_onward(derive, edge->from, ONWARD_SAME, edge->to);
	for (edge = rows->edges[EDGE_KEY]; edge; edge = edge->next)
		put_onward(derive, edge->to,
			   derive_acts(edge) ?
				   ONWARD_ROWS : ONWARD_TRUNCATE, edge->from);
	for (edge = rows->edges[EDGE_RULE]; edge; edge = edge->next)
		derive_rule_ways(derive, edge);
	for (edge = rows->edges[EDGE_MOVE]; edge; edge = edge->next)
		catalog_add_mover(derive->catalog, edge->name,
				  edge->from->name);
}

static void put_things(struct derive *derive, bool all)
{
	for (unsigned kind = 0; kind < THING_KINDS; kind++) {
		struct thing *thing, *next;

		HASH_ITER(hh, derive->rows->things[kind], thing, next)
			if (all || thing->changed)
				put_thing(derive, thing);
	}
}

/* --- until nothing changes -------------------------------------------------------------------- */

static void (*const rules[EDGE_KINDS])(struct derive *,
				       const struct edge *) = {
	[EDGE_INHERITS] = derive_inherits,
	[EDGE_VIEW] = derive_view,
	[EDGE_KEY] = derive_key,
	[EDGE_CALL] = derive_call,
	[EDGE_USE] = derive_use,
	[EDGE_TRIGGER] = derive_trigger,
	[EDGE_RULE] = derive_rule,
	[EDGE_TYPE_CALL] = derive_type_call,
	[EDGE_SORT] = derive_sort,
	[EDGE_OPERATOR] = derive_operator,
	[EDGE_OPERAND] = derive_operand,
	[EDGE_COLUMN] = derive_column,
	[EDGE_VALUE] = derive_value,
	[EDGE_CONTENT] = derive_content,
	[EDGE_NEED] = derive_need,
	[EDGE_PART] = derive_part,
};

static void follow(struct derive *derive, enum edge_kind kind)
{
	if (!rules[kind])
		return;
	for (const struct edge *edge = derive->rows->edges[kind]; edge;
	     edge = edge->next)
		rules[kind](derive, edge);
}

/* What is cheap to follow comes to rest before bodies are judged. */
static void follow_all(struct derive *derive)
{
	do {
		derive->changed = false;
		for (unsigned kind = 0; kind < EDGE_KINDS; kind++)
			if (kind != EDGE_RULE)
				follow(derive, kind);
		put_things(derive, false);
	} while (derive->changed);
}

static void derive_all(struct derive *derive)
{
	derive_catalog_views(derive);
	derive_movers(derive);
	put_things(derive, true);
	do {
		follow_all(derive);
		if (!derive->closed)
			derive_functions(derive);
		follow(derive, EDGE_RULE);
		put_things(derive, false);
	} while (derive->changed);
	derive_needed(derive);
	/* with the reasons that were found best */
	catalog_unref(&derive->catalog);
	derive->catalog = catalog_new();
	put_things(derive, true);
	put_targets(derive);
	put_ways(derive);
}

/* The first that is there, or else the first that was named. */
static void choose_any_table(struct derive *derive, struct thing *named)
{
	struct thing *thing, *next;

	derive->any_table = named;
	HASH_ITER(hh, derive->rows->things[THING_RELATION], thing, next)
		if (thing->guarded) {
			derive->any_table = thing;
			return;
		}
}

static bool is_closed(const struct catalog_load *load)
{
	return load->findings_known && audit_report_is_closed(&load->report);
}

bool catalog_derive(struct guard *guard, struct slice messages,
		    struct catalog_load *ret_load)
{
	struct catalog_load load = { 0 };
	struct catalog_rows rows = { .load = &load };
	struct derive derive = { .guard = guard, .rows = &rows };
	struct thing named = { 0 };
	bool whole = catalog_rows_read(&rows, messages);

	if (whole) {
		named.schema = guard->tables[0].schema;
		named.name = guard->tables[0].name;
		choose_any_table(&derive, &named);
		derive.catalog = catalog_new();
		derive.closed = is_closed(&load);
		derive_all(&derive);
		load.catalog = derive.catalog;
		*ret_load = load;
	} else {
		audit_report_fini(&load.report);
	}
	catalog_rows_fini(&rows);
	return whole;
}

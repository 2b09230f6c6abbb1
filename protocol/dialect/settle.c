#include "protocol/sql_nodes.h"

#include "protocol/dialect/settle.h"

#include "protocol/dialect/schema_name.h"

/* Parts of a query may be read twice: the first note of a place is kept. */
static void note(struct compile_state *state, int at, int length,
		 const char *text)
{
	struct text_edits *edits = state->edits;
	int place = edits->count;

	while (place > 0 && edits->items[place - 1].at > at)
		place--;
	if (place > 0 && edits->items[place - 1].at == at)
		return;
	if (edits->count == edits->capacity) {
		int capacity = edits->capacity * 2 + 8;
		struct text_edit *items = arena_alloc(
			state->arena, (size_t)capacity * sizeof(*items));

		if (edits->count)
			memcpy(items, edits->items,
			       (size_t)edits->count * sizeof(*items));
		edits->items = items;
		edits->capacity = capacity;
	}
	memmove(edits->items + place + 1, edits->items + place,
		(size_t)(edits->count - place) * sizeof(*edits->items));
	edits->items[place] = (struct text_edit){ at, length, text };
	edits->count++;
}

void settle_table(struct compile_state *state, const RangeVar *name,
		  const struct schema_table *table)
{
	if (state->edits == NULL || name->schemaname != NULL ||
	    name->location < 0)
		return;
	note(state, name->location, 0,
	     arena_printf(state->arena, "%s.",
			  name_quoted(state->arena, table->schema)));
}

/* One of the user's own types, that is: others are found anywhere. */
void settle_type(struct compile_state *state, const TypeName *name)
{
	const struct schema_enum *labels;
	const struct schema_domain *domain;
	const char *last = strVal(llast(name->names));

	if (state->edits == NULL || list_length(name->names) != 1 ||
	    name->location < 0 || type_by_name(slice_text(last)) != NULL ||
	    !schema_find_type(state->schema, compile_type_path(state), NULL,
			      last + (last[0] == '_'), &labels, &domain))
		return;
	note(state, name->location, 0,
	     arena_printf(state->arena, "%s.",
			  name_quoted(state->arena, labels ? labels->schema :
							     domain->schema)));
}

/* What the name means on a path where all names are qualified. Numbers and
 * names that carry no schema mean the same everywhere. */
bool settle_literal(struct compile_state *state, const char *text,
		    uint32_t type, uint32_t oid, int location)
{
	static const char *const nowhere[] = { NULL };
	struct compile_session session = *state->session;
	const char *written = print_text(state->arena, text);
	const char *name;
	size_t length = strlen(written);

	session.search_path = nowhere;
	name = reg_text(state->schema, &session, type, oid, state->arena);
	if (strcmp(name, text) == 0 || strspn(text, "0123456789-") ==
				       strlen(text))
		return true;
	if (location < 0 || (size_t)location + length > state->text.length ||
	    memcmp(state->text.at + location, written, length) != 0)
		return false;
	note(state, location, (int)length, print_text(state->arena, name));
	return true;
}

/* The length of "schema"."t".* in the text. */
static int star_length(const struct compile_state *state, int at)
{
	size_t end = (size_t)at;
	bool quoted = false;

	while (end < state->text.length &&
	       (quoted || state->text.at[end] != '*')) {
		quoted ^= state->text.at[end] == '"';
		end++;
	}
	return (int)end - at + 1;
}

/* Where a join has hidden its sides, the side a column is from: another one
 * may get a column of that name later. NULL: it is merged of both. */
static const struct range *side_of(const struct scope *scope,
				   const struct range_column *column)
{
	for (int i = 0; column->sql && i < scope->range_count; i++) {
		const struct range *range = scope->ranges[i];

		for (int k = 0; range->name && k < range->column_count; k++)
			if (range->columns[k].sql &&
			    strcmp(range->columns[k].sql, column->sql) == 0 &&
			    strcmp(range->columns[k].name, column->name) == 0)
				return range;
	}
	return NULL;
}

static void put_columns(struct compile_state *state, const struct scope *scope,
			const struct range *range, struct buffer *out)
{
	for (int i = 0; i < range->column_count; i++) {
		const struct range_column *column = &range->columns[i];
		const struct range *side = range->name ? range :
					   side_of(scope, column);

		if (column->hidden)
			continue;
		if (out->length)
			buffer_put_text(out, ", ");
		if (side != NULL)
			buffer_printf(out, "%s.", name_quoted(state->arena,
							      side->name));
		buffer_put_text(out, name_quoted(state->arena, column->name));
	}
}

/* A nearer table may get a column of that name later, or one of the same FROM;
 * but a nearer table of the owner's own name keeps it from being named. */
void settle_column(struct compile_state *state, struct scope *scope,
		   const struct scope *owner, const struct range *range,
		   const struct range_column *column, int location)
{
	if (state->edits == NULL || location < 0)
		return;
	if (range->name == NULL)
		range = side_of(owner, column);
	if (range == NULL ||
	    scope_find_range(scope, NULL, range->name) != range)
		return;
	note(state, location, 0, arena_printf(state->arena, "%s.",
		name_quoted(state->arena, range->name)));
}

/* The length of a name as it is written: quotes in it are doubled. */
static int name_length(const struct compile_state *state, int at,
		       const char *name)
{
	int length = (int)strlen(name);

	if (state->text.at[at] != '"')
		return length;
	for (const char *c = name; *c; c++)
		length += *c == '"';
	return length + 2;
}

/* A table may get a column of that name later, which GROUP BY would prefer. */
void settle_output(struct compile_state *state, const ColumnRef *name,
		   int position)
{
	if (state->edits == NULL || name->location < 0)
		return;
	note(state, name->location,
	     name_length(state, name->location,
			 strVal(linitial(name->fields))),
	     arena_printf(state->arena, "%d", position));
}

void settle_star(struct compile_state *state, const struct scope *scope,
		 const ColumnRef *star, const struct range *range)
{
	struct buffer out = { 0 };

	if (state->edits == NULL || star->location < 0)
		return;
	if (range != NULL)
		put_columns(state, scope, range, &out);
	for (int i = 0; range == NULL && i < scope->range_count; i++)
		if (!scope->ranges[i]->names_hidden)
			put_columns(state, scope, scope->ranges[i], &out);
	note(state, star->location, star_length(state, star->location),
	     arena_text(state->arena, buffer_cstring(&out)));
	buffer_fini(&out);
}

const char *settle_text(struct arena *arena, const char *text,
			const struct text_edits *edits)
{
	struct buffer out = { 0 };
	const char *settled;
	int at = 0;

	for (int i = 0; i < edits->count; i++) {
		const struct text_edit *edit = &edits->items[i];

		buffer_put(&out, text + at, (size_t)(edit->at - at));
		buffer_put_text(&out, edit->text);
		at = edit->at + edit->length;
	}
	buffer_put_text(&out, text + at);
	settled = arena_text(arena, buffer_cstring(&out));
	buffer_fini(&out);
	return settled;
}

/*
 * Names: which column of which table a reference means, innermost query
 * first, and what Postgres says when it means none or several.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"
#include "protocol/dialect/foreign.h"
#include "protocol/dialect/settle.h"
#include "protocol/dialect/spelling.h"

#define RANGES_MAX 1000

struct range *range_new(struct compile_state *state, const char *name,
			int column_count)
{
	struct range *range = arena_alloc(state->arena, sizeof(*range));

	range->name = name;
	range->column_count = column_count;
	range->columns = arena_alloc(state->arena, sizeof(*range->columns) *
				     (size_t)(column_count + 1));
	return range;
}

static void add_system_columns(struct compile_state *state,
			       struct range *range, const char *prefix)
{
	int at = range->table->column_count;

	range->columns[at++] = (struct range_column){
		.name = "tableoid",
		/* NULL where an outer join has no row of it */
		.sql = range->table->kind == 'v' ?
		       arena_printf(state->arena, "%u", range->table->oid) :
		       arena_printf(state->arena,
				    "CASE WHEN %s_rowid_ IS NOT NULL THEN %u"
				    " END", prefix, range->table->oid),
		.type = OID_OID, .typmod = -1, .hidden = true,
		.table = range->table->oid, .number = -6,
	};
	range->columns[at] = (struct range_column){
		.name = "ctid",
		.sql = arena_printf(state->arena, "('(0,' || %srowid || ')')",
				    prefix),
		.type = OID_TID, .typmod = -1, .hidden = true,
		.table = range->table->oid, .number = -1,
	};
}

/* A table as a FROM item. `lite_alias` "" means its own name in SQLite. */
struct range *range_of_table(struct compile_state *state,
			     const struct schema_table *table,
			     const char *alias, const char *lite_alias)
{
	struct range *range = range_new(state, alias, table->column_count + 2);
	const char *prefix = lite_alias[0] == '\0' ?
		arena_printf(state->arena, "%s.",
			     print_name(state->arena, table->lite_name)) :
		arena_printf(state->arena, "%s.", lite_alias);

	range->table = table;
	range->alias = lite_alias;
	if (table->kind != 'v')
		range->present = arena_printf(
			state->arena, "(%s_rowid_ IS NOT NULL)", prefix);
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];

		range->columns[i] = (struct range_column){
			.name = column->name,
			.sql = foreign_read_sql(state->arena, column, prefix),
			.type = column->type,
			.typmod = column->typmod,
			.table = table->oid,
			.number = column->attribute,
			.not_null = column->not_null &&
				    (column->foreign == NULL ||
				     !column->foreign->may_be_null),
			.foreign = column->foreign != NULL ? column : NULL,
			.stored = arena_printf(state->arena, "%s%s", prefix,
					       print_name(state->arena,
							  column->name)),
		};
	}
	add_system_columns(state, range, prefix);
	state->uses_tables = true;
	if (table->catalog)
		state->uses_catalog = true;
	return range;
}

void range_add_xmax(struct compile_state *state, struct range *range,
		    bool updates)
{
	size_t count = (size_t)range->column_count;
	struct range_column *columns =
		arena_alloc(state->arena, (count + 1) * sizeof(*columns));

	memcpy(columns, range->columns, count * sizeof(*columns));
	columns[count] = (struct range_column){
		.name = "xmax", .type = OID_XID, .typmod = -1, .hidden = true,
		.table = range->table->oid, .number = -4, .not_null = true,
		.sql = updates ? "pg_xmax()" : "0",
	};
	range->columns = columns;
	range->column_count++;
}

struct range *scope_add(struct compile_state *state, struct scope *scope,
			struct range *range, int location)
{
	if (range->name != NULL) {
		for (int i = 0; i < scope->range_count; i++) {
			struct range *other = scope->ranges[i];

			if (other->name == NULL ||
			    strcmp(other->name, range->name) != 0 ||
			    (other->schema != NULL && range->schema != NULL &&
			     strcmp(other->schema, range->schema) != 0))
				continue;
			compile_fail(state, -1, "42712",
				     "table name \"%s\" specified more than once",
				     range->name);
			return NULL;
		}
	}
	if (scope->range_count == RANGES_MAX) {
		compile_fail(state, location, SQLSTATE_TOO_COMPLEX,
			     "too many tables in one query");
		return NULL;
	}
	if (scope->range_count == scope->range_capacity) {
		int capacity = scope->range_capacity * 2 + 8;
		struct range **grown =
			arena_alloc(state->arena, sizeof(struct range *) *
				    (size_t)capacity);

		if (scope->range_count > 0)
			memcpy(grown, scope->ranges, sizeof(struct range *) *
			       (size_t)scope->range_count);
		scope->ranges = grown;
		scope->range_capacity = capacity;
	}
	scope->ranges[scope->range_count++] = range;
	return range;
}

bool rename_columns(struct compile_state *state, struct range *range,
		    List *names)
{
	int shown = 0;
	int at = 0;
	ListCell *cell;

	for (int i = 0; i < range->column_count; i++)
		shown += !range->columns[i].hidden;
	if (list_length(names) > shown)
		return compile_fail(state, -1, "42P10",
				    "table \"%s\" has %d columns available but %d columns specified",
				    range->name, shown, list_length(names));
	foreach(cell, names) {
		while (range->columns[at].hidden)
			at++;
		range->columns[at++].name = strVal(lfirst(cell));
	}
	return true;
}

struct cte *scope_find_cte(struct scope *scope, const char *name)
{
	for (; scope != NULL; scope = scope->parent) {
		for (struct cte *cte = scope->ctes; cte != NULL;
		     cte = cte->next) {
			if (strcmp(cte->name, name) == 0)
				return cte;
		}
	}
	return NULL;
}

static struct range *find_range_here(struct scope *scope, const char *schema,
				     const char *name)
{
	for (int i = 0; i < scope->range_count; i++) {
		struct range *range = scope->ranges[i];

		if (range->name == NULL || strcmp(range->name, name) != 0)
			continue;
		if (schema == NULL || (range->schema != NULL &&
				       strcmp(range->schema, schema) == 0))
			return range;
	}
	return NULL;
}

struct range *scope_find_range(struct scope *scope, const char *schema,
			       const char *name)
{
	for (; scope != NULL; scope = scope->parent) {
		struct range *range = find_range_here(scope, schema, name);

		if (range != NULL)
			return range;
	}
	return NULL;
}

static struct range_column *find_column(struct range *range, const char *name,
					int *count)
{
	struct range_column *found = NULL;

	for (int i = 0; i < range->column_count; i++) {
		if (range->columns[i].name == NULL ||
		    strcmp(range->columns[i].name, name) != 0)
			continue;
		if (found == NULL)
			found = &range->columns[i];
		++*count;
	}
	return found;
}

static struct expr *ambiguous(struct compile_state *state, const char *name,
			      int location)
{
	compile_fail(state, location, SQLSTATE_AMBIGUOUS_COLUMN,
		     "column reference \"%s\" is ambiguous", name);
	return NULL;
}

static struct range *owner_of_name(struct scope *scope, const char *name,
				   struct range_column **ret_column,
				   int *ret_count)
{
	struct range *owner = NULL;

	*ret_count = 0;
	for (int i = 0; i < scope->range_count; i++) {
		struct range *range = scope->ranges[i];
		struct range_column *column;

		if (range->names_hidden)
			continue;
		column = find_column(range, name, ret_count);
		if (column != NULL && owner == NULL) {
			owner = range;
			*ret_column = column;
		}
	}
	return owner;
}

static void note_loose(struct compile_state *state, struct scope *owner,
		       bool is_outer, struct range *range,
		       struct range_column *column, int location,
		       struct expr *expr)
{
	struct loose_column *loose = arena_alloc(state->arena, sizeof(*loose));

	*loose = (struct loose_column){ NULL, range, column, owner, location };
	if (is_outer) {
		loose->next = state->outer;
		state->outer = loose;
	} else {
		expr->loose = loose;
	}
}

static bool is_inside(const struct scope *scope, const struct scope *outer)
{
	while (scope != NULL && scope->parent != outer)
		scope = scope->parent;
	return scope != NULL;
}

static void note_reach(struct compile_state *state, struct scope *owner)
{
	for (struct reach *reach = state->reach; reach != NULL;
	     reach = reach->around) {
		if (owner == reach->scope)
			reach->own = true;
		else if (is_inside(reach->scope, owner) &&
			 (reach->nearest == NULL ||
			  is_inside(owner, reach->nearest)))
			reach->nearest = owner;
	}
}

void note_tested(struct scope *scope, const struct expr *condition)
{
	for (const struct loose_column *at = condition->loose; at != NULL;
	     at = at->next) {
		for (int i = 0; i < scope->range_count; i++)
			scope->ranges[i]->is_tested |=
				scope->ranges[i] == at->range &&
				at->range->nullable;
	}
}

/* Where an outer join found no row, the row is NULL: not one of NULLs. */
static const char *print_present(struct compile_state *state,
				 const struct range *range)
{
	if (!range->nullable || range->is_join)
		return NULL;
	for (int i = 0; i < range->column_count; i++) {
		if (range->columns[i].not_null)
			return arena_printf(state->arena, "(%s IS NOT NULL)",
					    range->columns[i].sql);
	}
	state->wants_marks |= range->present == NULL;
	return range->present != NULL ? range->present : "1";
}

/* A row that is a column: its fields, with their names. */
static struct expr *row_of_fields(struct compile_state *state,
				  struct scope *scope, struct range *range,
				  const struct range_column *column,
				  int location)
{
	size_t room = (size_t)column->field_count + 1;
	struct expr *row = expr_new(state, OID_RECORD, "");

	row->kind = EXPR_ROW;
	row->location = location;
	row->present = print_present(state, range);
	row->item_count = column->field_count;
	row->items = arena_alloc(state->arena, sizeof(*row->items) * room);
	row->names = arena_alloc(state->arena, sizeof(*row->names) * room);
	for (int i = 0; i < column->field_count; i++) {
		struct range_column *field =
			&range->columns[column->first_field + i];

		row->items[i] = column_expr(state, scope, range, field,
					    location);
		row->items[i]->table = 0;	/* no longer a column of it */
		row->items[i]->number = 0;
		row->names[i] = field->field;
	}
	return row;
}

/* In RETURNING, SQLite 3.40 takes one column for another when it looks whether
 * it is NOT NULL, and answers as if it never were NULL. */
static const char *print_returned(struct compile_state *state,
				  const struct range *range,
				  const struct range_column *column)
{
	if (state->changing == NULL || range->table != state->changing ||
	    column->not_null)
		return column->sql;
	return arena_printf(state->arena, "iif(true, %s, NULL)", column->sql);
}

struct expr *column_expr(struct compile_state *state, struct scope *scope,
			 struct range *range, struct range_column *column,
			 int location)
{
	struct expr *expr;

	if (column->field_count > 0)
		return row_of_fields(state, scope, range, column, location);
	expr = expr_new(state, column->type,
			print_returned(state, range, column));
	expr->typmod = column->typmod;
	expr->table = column->table;
	expr->number = column->number;
	expr->location = location;
	expr->foreign = column->foreign;
	expr->stored = column->stored;
	expr->column_sql = expr->sql;
	expr->is_computed = range->table == NULL || range->table->kind == 'v';
	expr->varies = !expr->is_computed;
	expr->not_null = column->not_null && !range->nullable;
	for (struct scope *owner = scope; owner != NULL;
	     owner = owner->parent) {
		for (int i = 0; i < owner->range_count; i++) {
			if (owner->ranges[i] != range)
				continue;
			note_reach(state, owner);
			if (!owner->in_aggregate)
				note_loose(state, owner, owner != scope, range,
					   column, location, expr);
			return expr;
		}
	}
	return expr;
}

/* A whole row: its columns, with their names. */
struct expr *whole_row(struct compile_state *state, struct scope *scope,
		       struct range *range, int location)
{
	struct expr *row = expr_new(state, OID_RECORD, "");
	struct loose_column **end = &row->loose;

	row->kind = EXPR_ROW;
	row->location = location;
	row->present = print_present(state, range);
	row->items = arena_alloc(state->arena, sizeof(struct expr *) *
				 (size_t)(range->column_count + 1));
	row->names = arena_alloc(state->arena, sizeof(char *) *
				 (size_t)(range->column_count + 1));
	for (int i = 0; i < range->column_count; i++) {
		struct expr *item;

		if (range->columns[i].hidden)
			continue;
		item = column_expr(state, scope, range, &range->columns[i],
				   location);
		row->names[row->item_count] = range->columns[i].name;
		row->items[row->item_count++] = item;
		*end = item->loose;
		while (*end != NULL)
			end = &(*end)->next;
	}
	return row;
}

/* What a row of Postgres knows of transactions, a row of SQLite does not. */
static bool refuse_system_column(struct compile_state *state,
				 const struct range *range, const char *name,
				 int location)
{
	static const char *const names[] = { "xmin", "xmax", "cmin", "cmax" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (range->table == NULL || range->table->kind == 'v' ||
		    strcmp(name, names[i]) != 0)
			continue;
		compile_fail(state, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "the system column \"%s\" is not supported on SQLite",
			     name);
		return true;
	}
	return false;
}

static struct expr *plain_name(struct compile_state *state,
			       struct scope *scope, const char *name,
			       int location)
{
	struct range *range;

	for (struct scope *at = scope; at != NULL; at = at->parent) {
		struct range_column *column = NULL;
		int count;
		struct range *owner = owner_of_name(at, name, &column, &count);

		if (count > 1)
			return ambiguous(state, name, location);
		if (owner != NULL) {
			settle_column(state, scope, at, owner, column,
				      location);
			return column_expr(state, scope, owner, column,
					   location);
		}
	}
	range = scope_find_range(scope, NULL, name);
	if (range != NULL && range->is_value)
		return column_expr(state, scope, range, &range->columns[0],
				   location);
	if (range != NULL)
		return whole_row(state, scope, range, location);
	for (struct scope *at = scope; at != NULL; at = at->parent) {
		for (int i = 0; i < at->range_count; i++) {
			if (refuse_system_column(state, at->ranges[i], name,
						 location))
				return NULL;
		}
	}
	compile_fail(state, location, SQLSTATE_UNDEFINED_COLUMN,
		     "column \"%s\" does not exist", name);
	if (spelling_of_column(state->text, location) != NULL)
		error_hint(state->error, "%s",
			   spelling_of_column(state->text, location));
	return NULL;
}

static struct expr *no_range(struct compile_state *state, struct scope *scope,
			     const char *name, int location)
{
	for (; scope != NULL; scope = scope->parent) {
		for (int i = 0; i < scope->range_count; i++) {
			struct range *range = scope->ranges[i];

			if (range->table == NULL || range->name == NULL ||
			    strcmp(range->table->name, name) != 0)
				continue;
			compile_fail(state, location, SQLSTATE_UNDEFINED_TABLE,
				     "invalid reference to FROM-clause entry for table \"%s\"",
				     name);
			error_hint(state->error,
				   "Perhaps you meant to reference the table alias \"%s\".",
				   range->name);
			return NULL;
		}
	}
	compile_fail(state, location, SQLSTATE_UNDEFINED_TABLE,
		     "missing FROM-clause entry for table \"%s\"", name);
	return NULL;
}

static struct expr *qualified_name(struct compile_state *state,
				   struct scope *scope, const char *schema,
				   const char *table, const char *name,
				   int location)
{
	struct range *range = scope_find_range(scope, schema, table);
	struct range_column *column;
	int count = 0;

	if (range == NULL)
		return no_range(state, scope, table, location);
	column = find_column(range, name, &count);
	if (count > 1)
		return ambiguous(state, name, location);
	if (column == NULL) {
		if (!refuse_system_column(state, range, name, location))
			compile_fail(state, location,
				     SQLSTATE_UNDEFINED_COLUMN,
				     "column %s.%s does not exist", table,
				     name);
		return NULL;
	}
	return column_expr(state, scope, range, column, location);
}

struct expr *scope_column(struct compile_state *state, struct scope *scope,
			  ColumnRef *reference)
{
	int count = list_length(reference->fields);
	Node *last = llast(reference->fields);
	const char *names[4];
	int at = 0;
	ListCell *cell;

	if (count > 4) {
		compile_fail(state, reference->location, SQLSTATE_SYNTAX,
			     "improper qualified name (too many dotted names)");
		return NULL;
	}
	foreach(cell, reference->fields) {
		if (IsA(lfirst(cell), String))
			names[at++] = strVal(lfirst(cell));
	}
	if (IsA(last, A_Star)) {
		struct range *range;

		if (at == 0) {
			compile_fail(state, reference->location,
				     SQLSTATE_SYNTAX,
				     "row expansion via \"*\" is not supported here");
			return NULL;
		}
		range = scope_find_range(scope, at > 1 ? names[at - 2] : NULL,
					 names[at - 1]);
		if (range == NULL)
			return no_range(state, scope, names[at - 1],
					reference->location);
		return whole_row(state, scope, range, reference->location);
	}
	if (at == 1)
		return plain_name(state, scope, names[0], reference->location);
	return qualified_name(state, scope, at > 2 ? names[at - 3] : NULL,
			      names[at - 2], names[at - 1],
			      reference->location);
}

/* Select lists and RETURNING: stars expanded, names given. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/settle.h"

#define TARGETS_MAX 1664	/* as in Postgres */

void expr_list_add(struct compile_state *state, struct expr_list *list,
		   struct expr *expr, const char *name)
{
	if (list->count == list->capacity) {
		int capacity = list->capacity * 2 + 16;
		struct expr **items = arena_alloc(state->arena, sizeof(*items) *
						  (size_t)capacity);
		const char **names = arena_alloc(state->arena, sizeof(*names) *
						 (size_t)capacity);

		if (list->count > 0) {
			memcpy(items, list->items, sizeof(*items) *
			       (size_t)list->count);
			memcpy(names, list->names, sizeof(*names) *
			       (size_t)list->count);
		}
		list->items = items;
		list->names = names;
		list->capacity = capacity;
	}
	list->items[list->count] = expr;
	list->names[list->count++] = name;
}

/* A row is its fields, until the query around it puts them together again. */
static bool add_row(struct compile_state *state, struct scope *scope,
		    struct expr *row, const char *name, struct expr_list *list)
{
	if (!scope->rows_allowed)
		return compile_fail(state, row->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "row values as results are not supported on SQLite");
	if (row->present != NULL)
		return compile_fail(state, row->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "a row that an outer join may make NULL, as a column of a subquery, is not supported on SQLite");
	for (int i = 0; i < row->item_count; i++) {
		struct expr *item = settle(state, row->items[i]);

		if (item == NULL)
			return false;
		item->row = name;
		item->field = row->names != NULL ? row->names[i] :
			      arena_printf(state->arena, "f%d", i + 1);
		expr_list_add(state, list, item, "");
	}
	return true;
}

static bool expand_range(struct compile_state *state, struct scope *scope,
			 struct range *range, int location,
			 struct expr_list *list)
{
	for (int i = 0; i < range->column_count; i++) {
		struct range_column *column = &range->columns[i];
		struct expr *expr;

		if (column->hidden)
			continue;
		expr = column_expr(state, scope, range, column, location);
		if (expr->kind != EXPR_ROW)
			expr_list_add(state, list, expr, column->name);
		else if (!add_row(state, scope, expr, arena_text(
					state->arena, column->name), list))
			return false;
	}
	return true;
}

static bool expand_star(struct compile_state *state, struct scope *scope,
			ColumnRef *star, struct expr_list *list)
{
	int count = list_length(star->fields);
	struct range *range;
	const char *table;

	if (count == 1) {
		if (scope->range_count == 0)
			return compile_fail(state, star->location,
					    SQLSTATE_SYNTAX,
					    "SELECT * with no tables specified is not valid");
		for (int i = 0; i < scope->range_count; i++) {
			if (!scope->ranges[i]->names_hidden &&
			    !expand_range(state, scope, scope->ranges[i],
					  star->location, list))
				return false;
		}
		settle_star(state, scope, star, NULL);
		return true;
	}
	table = strVal(list_nth(star->fields, count - 2));
	range = scope_find_range(scope, count > 2 ?
				 strVal(list_nth(star->fields, count - 3)) :
				 NULL, table);
	if (range == NULL)
		return compile_fail(state, star->location,
				    SQLSTATE_UNDEFINED_TABLE,
				    "missing FROM-clause entry for table \"%s\"",
				    table);
	if (!expand_range(state, scope, range, star->location, list))
		return false;
	settle_star(state, scope, star, range);
	return true;
}

/* (t).* */
static bool expand_row(struct compile_state *state, struct scope *scope,
		       A_Indirection *node, struct expr_list *list)
{
	struct expr *row = expr_read(state, scope, node->arg);

	if (row == NULL)
		return false;
	if (row->kind != EXPR_ROW || row->names == NULL)
		return compile_fail(state, row->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "row expansion of this expression is not supported on SQLite");
	for (int i = 0; i < row->item_count; i++)
		expr_list_add(state, list, row->items[i], row->names[i]);
	return true;
}

static bool read_target(struct compile_state *state, struct scope *scope,
			ResTarget *target, struct expr_list *list)
{
	Node *node = target->val;
	struct expr *expr;
	const char *name;

	if (IsA(node, ColumnRef) &&
	    IsA(llast(((ColumnRef *)node)->fields), A_Star))
		return expand_star(state, scope, (ColumnRef *)node, list);
	if (IsA(node, A_Indirection) &&
	    IsA(llast(((A_Indirection *)node)->indirection), A_Star))
		return expand_row(state, scope, (A_Indirection *)node, list);
	expr = expr_read(state, scope, node);
	if (expr == NULL)
		return false;
	name = target->name != NULL ? arena_text(state->arena, target->name) :
				      column_name(state, node);
	if (expr->kind == EXPR_ROW)	/* a name of its own tells it apart */
		return add_row(state, scope, expr,
			       arena_text(state->arena, name), list);
	expr_list_add(state, list, expr, name);
	return true;
}

bool read_targets(struct compile_state *state, struct scope *scope,
		  List *targets, struct expr_list *ret_list)
{
	ListCell *cell;

	foreach(cell, targets) {
		if (!read_target(state, scope, lfirst(cell), ret_list))
			return false;
		if (ret_list->count > TARGETS_MAX)
			return compile_fail(state, -1, "54011",
					    "target lists can have at most %d entries",
					    TARGETS_MAX);
	}
	return true;
}

/*
 * ORDER BY inside aggregates, and DISTINCT of those that take two arguments:
 * SQLite 3.40 has neither. The query's rows are sorted first, in a subquery
 * of all columns; SQLite feeds aggregates in that order (its group sorter
 * keeps the order of equal keys, and it does not drop the ORDER BY of a
 * subquery under an aggregate function of ours). DISTINCT becomes a column
 * that is 1 for the first row of its kind, and a FILTER.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"

bool has_own_order(FuncCall *call)
{
	const char *name = strVal(llast(call->funcname));

	if (call->over != NULL || call->agg_within_group)
		return false;
	if (call->agg_order != NIL)
		return true;
	return call->agg_distinct &&
	       (strcmp(name, "array_agg") == 0 ||
		strcmp(name, "string_agg") == 0 ||
		strcmp(name, "json_agg") == 0 ||
		strcmp(name, "jsonb_agg") == 0);
}

struct found_calls {
	FuncCall *calls[64];
	int count;
};

/* Subqueries are not entered: their aggregates are their own. */
static void find_calls(Node *node, struct found_calls *found, int depth)
{
	ListCell *cell;

	if (node == NULL || depth > COMPILE_DEPTH_MAX)
		return;
	depth++;
	switch (nodeTag(node)) {
	case T_List:
		foreach(cell, (List *)node)
			find_calls(lfirst(cell), found, depth);
		break;
	case T_ResTarget:
		find_calls(((ResTarget *)node)->val, found, depth);
		break;
	case T_SortBy:
		find_calls(((SortBy *)node)->node, found, depth);
		break;
	case T_FuncCall:
		if (has_own_order((FuncCall *)node) && found->count < 64)
			found->calls[found->count++] = (FuncCall *)node;
		find_calls((Node *)((FuncCall *)node)->args, found, depth);
		break;
	case T_A_Expr:
		find_calls(((A_Expr *)node)->lexpr, found, depth);
		find_calls(((A_Expr *)node)->rexpr, found, depth);
		break;
	case T_BoolExpr:
		find_calls((Node *)((BoolExpr *)node)->args, found, depth);
		break;
	case T_TypeCast:
		find_calls(((TypeCast *)node)->arg, found, depth);
		break;
	case T_CoalesceExpr:
		find_calls((Node *)((CoalesceExpr *)node)->args, found, depth);
		break;
	case T_MinMaxExpr:
		find_calls((Node *)((MinMaxExpr *)node)->args, found, depth);
		break;
	case T_NullTest:
		find_calls((Node *)((NullTest *)node)->arg, found, depth);
		break;
	case T_A_ArrayExpr:
		find_calls((Node *)((A_ArrayExpr *)node)->elements, found,
			   depth);
		break;
	case T_A_Indirection:
		find_calls(((A_Indirection *)node)->arg, found, depth);
		break;
	case T_RowExpr:
		find_calls((Node *)((RowExpr *)node)->args, found, depth);
		break;
	case T_NamedArgExpr:
		find_calls((Node *)((NamedArgExpr *)node)->arg, found, depth);
		break;
	case T_CaseExpr:
		find_calls((Node *)((CaseExpr *)node)->arg, found, depth);
		find_calls((Node *)((CaseExpr *)node)->args, found, depth);
		find_calls((Node *)((CaseExpr *)node)->defresult, found, depth);
		break;
	case T_CaseWhen:
		find_calls((Node *)((CaseWhen *)node)->expr, found, depth);
		find_calls((Node *)((CaseWhen *)node)->result, found, depth);
		break;
	default:
		break;
	}
}

static void find_all(SelectStmt *select, struct found_calls *found)
{
	find_calls((Node *)select->targetList, found, 0);
	find_calls(select->havingClause, found, 0);
	find_calls((Node *)select->sortClause, found, 0);
}

bool aggregates_need_sorting(struct compile_state *state, SelectStmt *select)
{
	struct found_calls found = { .count = 0 };

	(void)state;
	find_all(select, &found);
	return found.count > 0;
}

static const char *order_of(struct compile_state *state, struct scope *scope,
			    FuncCall *call)
{
	const char *sql = "";
	struct expr *key;
	ListCell *cell;

	foreach(cell, call->agg_order) {
		SortBy *sort = lfirst(cell);

		key = expr_read(state, scope, sort->node);
		if (key == NULL || (key = settle(state, key)) == NULL)
			return NULL;
		sql = arena_printf(state->arena, "%s%s%s%s", sql,
				   sql[0] == '\0' ? "" : ", ",
				   sort_key(state, key->sql, key->type),
				   sort_words(sort, key->not_null));
	}
	if (call->agg_order != NIL || call->args == NIL)
		return sql;
	key = expr_read(state, scope, linitial(call->args));
	if (key == NULL || (key = settle(state, key)) == NULL)
		return NULL;
	return arena_printf(state->arena, "%s NULLS LAST",
			    sort_key(state, key->sql, key->type));
}

/* row_number() over the group and the argument: 1 for the first of a kind. */
static const char *first_of_kind(struct compile_state *state,
				 struct scope *scope, FuncCall *call,
				 struct expr **groups, int group_count)
{
	struct expr *argument = expr_read(state, scope, linitial(call->args));
	const char *keys;

	if (argument == NULL ||
	    (argument = settle(state, argument)) == NULL)
		return NULL;
	keys = collated(state, argument->sql, argument->type);
	for (int i = 0; i < group_count; i++)
		keys = arena_printf(state->arena, "%s, %s", keys,
				    collated(state, groups[i]->sql,
					     groups[i]->type));
	if (call->agg_filter != NULL) {
		struct expr *filter = expr_read(state, scope,
						call->agg_filter);

		if (filter == NULL)
			return NULL;
		keys = arena_printf(state->arena, "%s, %s", keys, filter->sql);
	}
	return arena_printf(state->arena,
			    "row_number() OVER (PARTITION BY %s)", keys);
}

/* All columns in sight go through the subquery under new names. */
static const char *carry_columns(struct compile_state *state,
				 struct scope *scope, const char *alias)
{
	struct buffer list = { 0 };
	const char *sql;
	int number = 0;

	for (int i = 0; i < scope->range_count; i++) {
		struct range *range = scope->ranges[i];

		for (int k = 0; k < range->column_count; k++) {
			struct range_column *column = &range->columns[k];

			if (column->hidden)
				continue;
			buffer_put_text(&list, number > 0 ? ", " : "");
			buffer_put_text(&list, column->sql);
			buffer_printf(&list, " AS column%d", ++number);
			column->sql = arena_printf(state->arena,
						   "%s.column%d", alias,
						   number);
		}
	}
	if (number == 0)
		buffer_put_text(&list, "1 AS column1");
	sql = arena_text(state->arena, buffer_cstring(&list));
	buffer_fini(&list);
	return sql;
}

static bool one_order(struct compile_state *state, struct scope *scope,
		      struct found_calls *found, const char **ret_order)
{
	const char *order = NULL;

	for (int i = 0; i < found->count; i++) {
		const char *next = order_of(state, scope, found->calls[i]);

		if (next == NULL)
			return false;
		if (order != NULL && strcmp(order, next) != 0)
			return compile_fail(state, found->calls[i]->location,
					    SQLSTATE_FEATURE_NOT_SUPPORTED,
					    "aggregates with different ORDER BY in one query are not supported on SQLite");
		order = next;
	}
	*ret_order = order;
	return true;
}

bool sort_for_aggregates(struct compile_state *state, struct scope *scope,
			 SelectStmt *select, struct expr **groups,
			 int group_count, const char **from)
{
	struct found_calls found = { .count = 0 };
	struct sorted_aggregates *sorted = arena_alloc(state->arena,
						       sizeof(*sorted));
	const char *alias = new_alias(state);
	const char *order, *extra = "";
	const char *columns;

	find_all(select, &found);
	sorted->calls = arena_alloc(state->arena, sizeof(FuncCall *) * 64);
	sorted->firsts = arena_alloc(state->arena, sizeof(char *) * 64);
	scope->in_aggregate = true;
	if (!one_order(state, scope, &found, &order))
		return false;
	for (int i = 0; i < found.count; i++) {
		const char *first;

		if (!found.calls[i]->agg_distinct ||
		    found.calls[i]->args == NIL)
			continue;
		first = first_of_kind(state, scope, found.calls[i], groups,
				      group_count);
		if (first == NULL)
			return false;
		sorted->calls[sorted->count] = found.calls[i];
		sorted->firsts[sorted->count] = arena_printf(state->arena,
			"%s.first%d", alias, sorted->count + 1);
		sorted->count++;
		extra = arena_printf(state->arena, "%s, %s AS first%d", extra,
				     first, sorted->count);
	}
	scope->in_aggregate = false;
	scope->sorted = sorted;
	columns = carry_columns(state, scope, alias);
	*from = arena_printf(state->arena,
			     " FROM (SELECT %s%s%s ORDER BY %s) AS %s",
			     columns, extra, *from, order, alias);
	return true;
}

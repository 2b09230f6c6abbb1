/*
 * SELECT: FROM and WHERE first, then GROUP BY, the select list, HAVING and
 * ORDER BY, in the order in which names become visible; and the check that
 * a grouped query uses no column outside of its groups.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/select_work.h"
#include "protocol/dialect/settle.h"

struct draft *draft_new(struct compile_state *state)
{
	struct draft *draft = arena_alloc(state->arena, sizeof(*draft));

	draft->with = "";
	draft->after = "";
	draft->order = "";
	return draft;
}

static const char *where_clause(struct compile_state *state,
				struct scope *scope, Node *node)
{
	struct expr *condition;
	int absent = scope->absent_count;

	if (node == NULL)
		return "";
	scope->no_aggregates = scope->no_windows = scope->no_sets = "WHERE";
	scope->absent_count = 0;	/* rows are not grouped yet */
	condition = expr_condition(state, scope, node, "WHERE");
	scope->absent_count = absent;
	scope->no_aggregates = scope->no_windows = scope->no_sets = NULL;
	if (condition == NULL)
		return NULL;
	note_tested(scope, condition);
	return arena_printf(state->arena, " WHERE %s", condition->sql);
}

/* Set-returning calls of the select list, joined side by side. */
const char *select_join_sets(struct compile_state *state, struct scope *scope,
			     const char *from)
{
	const char *start = from[0] == '\0' ? " FROM " : ", ";
	const char *driver, *counts = "", *joins = "";

	if (scope->set_calls == NULL)
		return from;
	if (scope->set_calls->next == NULL)
		return arena_printf(state->arena, "%s%s%s AS %s", from, start,
				    scope->set_calls->sql,
				    scope->set_calls->alias);
	driver = new_alias(state);
	for (struct set_call *set = scope->set_calls; set != NULL;
	     set = set->next) {
		counts = arena_printf(state->arena,
				      "%s%s(SELECT count(*) FROM %s)", counts,
				      counts[0] == '\0' ? "" : ", ", set->sql);
		joins = arena_printf(state->arena,
			"%s LEFT JOIN %s AS %s ON %s.ordinality = %s.value",
			joins, set->sql, set->alias, set->alias, driver);
	}
	return arena_printf(state->arena,
			    "%s%spg_generate_series(1, max(%s), 1) AS %s%s",
			    from, start, counts, driver, joins);
}

/* Columns of a table whose primary key is grouped by are free. */
static bool key_is_grouped(struct scope *scope, const struct range *range)
{
	const struct schema_table *table = range->table;

	for (int i = 0; table != NULL && i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];
		int found = 0;

		if (key->kind != CONSTRAINT_PRIMARY || key->deferrable)
			continue;
		for (int k = 0; k < key->column_count; k++) {
			const char *sql = NULL;

			for (int c = 0; c < range->column_count; c++) {
				if (range->columns[c].number ==
				    table->columns[key->columns[k] - 1]
					    .attribute)
					sql = range->columns[c].sql;
			}
			for (int g = 0; sql != NULL && g < scope->group_count;
			     g++) {
				if (strcmp(scope->groups[g]->sql, sql) == 0) {
					found++;
					break;
				}
			}
		}
		return found == key->column_count;
	}
	return false;
}

static bool check_grouping(struct compile_state *state, struct scope *scope,
			   const struct expr *expr)
{
	for (const struct loose_column *loose = expr->loose; loose != NULL;
	     loose = loose->next) {
		const char *table = loose->range->name;
		bool grouped = false;

		if (loose->scope != scope ||
		    key_is_grouped(scope, loose->range))
			continue;
		for (int i = 0; i < scope->group_count; i++)
			grouped |= strcmp(scope->groups[i]->sql,
					  loose->column->sql) == 0;
		if (grouped)
			continue;
		return compile_fail(state, loose->location, SQLSTATE_GROUPING,
				    "column \"%s%s%s\" must appear in the GROUP BY clause or be used in an aggregate function",
				    table != NULL ? table : "",
				    table != NULL ? "." : "",
				    loose->column->name);
	}
	return true;
}

/* A name or number in GROUP BY or ORDER BY may mean an output column. The
 * index of its target, -1: none, -2: failed. */
static int target_index(struct compile_state *state, List *targets, Node *node,
			const char *clause)
{
	A_Const *number = (A_Const *)node;
	ColumnRef *name = (ColumnRef *)node;
	int found = -1;
	int at = 0;
	ListCell *cell;

	if (IsA(node, A_Const)) {
		if (number->isnull || !IsA(&number->val, Integer)) {
			compile_fail(state, number->location, SQLSTATE_SYNTAX,
				     "non-integer constant in %s", clause);
			return -2;
		}
		if (intVal(&number->val) < 1) {
			compile_fail(state, number->location, "42P10",
				     "%s position %d is not in select list",
				     clause, intVal(&number->val));
			return -2;
		}
		return intVal(&number->val) - 1;
	}
	if (!IsA(node, ColumnRef) || list_length(name->fields) != 1 ||
	    !IsA(linitial(name->fields), String))
		return -1;
	foreach(cell, targets) {
		ResTarget *target = lfirst(cell);

		if (target->name != NULL &&
		    strcmp(target->name, strVal(linitial(name->fields))) == 0) {
			if (found >= 0)
				return -3;	/* several: look closer */
			found = at;
		}
		at++;
	}
	return found;
}

static bool has_star(List *targets)
{
	ListCell *cell;

	foreach(cell, targets) {
		Node *value = ((ResTarget *)lfirst(cell))->val;

		if (IsA(value, ColumnRef) &&
		    IsA(llast(((ColumnRef *)value)->fields), A_Star))
			return true;
	}
	return false;
}

static bool is_input_name(struct scope *scope, Node *node)
{
	ColumnRef *name = (ColumnRef *)node;

	if (!IsA(node, ColumnRef) || list_length(name->fields) != 1 ||
	    !IsA(linitial(name->fields), String))
		return false;
	for (int i = 0; i < scope->range_count; i++) {
		struct range *range = scope->ranges[i];

		for (int k = 0; !range->names_hidden &&
		     k < range->column_count; k++) {
			if (strcmp(range->columns[k].name,
				   strVal(linitial(name->fields))) == 0)
				return true;
		}
	}
	return false;
}

/* One GROUP BY item: an input column before an output name. */
static struct expr *read_group(struct compile_state *state,
			       struct select_work *work, Node *node)
{
	List *targets = work->select->targetList;
	int index;
	struct expr *expr;

	index = is_input_name(&work->scope, node) ? -1 :
		target_index(state, targets, node, "GROUP BY");
	if (index == -2)
		return NULL;
	if (IsA(node, A_Const) && has_star(targets)) {
		struct expr_list list = { .count = 0 };

		if (!read_targets(state, &work->scope, targets, &list))
			return NULL;
		if (index >= 0 && index < list.count)
			return settle(state, list.items[index]);
	} else if (index >= 0 && index < list_length(targets)) {
		if (IsA(node, ColumnRef) && !has_star(targets))
			settle_output(state, (ColumnRef *)node, index + 1);
		node = ((ResTarget *)list_nth(targets, index))->val;
		index = -1;
	}
	if (index != -1 && index != -3) {
		compile_fail(state, expr_location(node), "42P10",
			     "GROUP BY position %d is not in select list",
			     index + 1);
		return NULL;
	}
	expr = expr_read(state, &work->scope, node);
	if (expr == NULL || (expr->kind != EXPR_ROW &&
			     (expr = settle(state, expr)) == NULL))
		return NULL;
	return expr;
}

static bool add_group(struct compile_state *state, struct select_work *work,
		      Node *node, struct expr_list *list)
{
	struct expr *group = read_group(state, work, node);

	if (group == NULL || !check_equals(state, group, group->location))
		return false;
	if (group->kind != EXPR_ROW)
		expr_list_add(state, list, group, "");
	for (int i = 0; group->kind == EXPR_ROW && i < group->item_count; i++)
		expr_list_add(state, list, group->items[i], "");
	return true;
}

/* Of all that is grouped by in other sets, what is not grouped by here. */
static bool read_absent(struct compile_state *state, struct select_work *work)
{
	struct scope *scope = &work->scope;
	struct expr_list all = { .count = 0 }, absent = { .count = 0 };

	for (int i = 0; i < work->all->count; i++) {
		if (!add_group(state, work, work->all->nodes[i], &all))
			return false;
	}
	for (int i = 0; i < all.count; i++) {
		bool grouped = false;

		for (int k = 0; k < scope->group_count; k++)
			grouped |= print_same(scope->groups[k]->sql,
					      all.items[i]->sql);
		if (!grouped)
			expr_list_add(state, &absent, all.items[i], "");
	}
	scope->absent = absent.items;
	scope->absent_count = absent.count;
	return true;
}

static bool read_groups(struct compile_state *state, struct select_work *work)
{
	struct scope *scope = &work->scope;
	struct expr_list list = { .count = 0 };
	bool done = true;
	ListCell *cell;

	scope->no_aggregates = scope->no_windows = "GROUP BY";
	scope->sets_allowed = true;
	if (work->set == NULL) {
		foreach(cell, work->select->groupClause)
			done = done && add_group(state, work, lfirst(cell),
						 &list);
	} else {
		for (int i = 0; done && i < work->set->count; i++)
			done = add_group(state, work, work->set->nodes[i],
					 &list);
	}
	scope->groups = list.items;
	scope->group_count = list.count;
	if (done && work->set != NULL)
		done = read_absent(state, work);
	scope->no_aggregates = scope->no_windows = NULL;
	return done;
}

/* A number would be a position, and "(x AND 0)" is one to SQLite. */
static const char *no_position(struct compile_state *state, const char *sql)
{
	if (sql[0] == '_' || sql[0] == '"' || (sql[0] >= 'a' && sql[0] <= 'z'))
		return sql;
	return arena_printf(state->arena, "iif(true, %s, NULL)", sql);
}

static const char *print_groups(struct compile_state *state,
				const struct scope *scope)
{
	const char *sql = "";

	for (int i = 0; i < scope->group_count; i++) {
		const struct expr *group = scope->groups[i];
		const char *key = no_position(state, group->sql);

		sql = arena_printf(state->arena, "%s%s%s", sql,
				   i == 0 ? " GROUP BY " : ", ",
				   collated(state, key, group->type));
	}
	return sql;
}

/* One ORDER BY item: an output name before an input column. */
static bool read_sort(struct compile_state *state, struct select_work *work,
		      SortBy *sort, int *ret_position)
{
	struct expr_list *targets = &work->targets;
	Node *node = sort->node;
	int index = -1;
	struct expr *key;

	*ret_position = -1;
	if (sort->sortby_dir == SORTBY_USING &&
	    strcmp(operator_name(sort->useOp), "<") != 0 &&
	    strcmp(operator_name(sort->useOp), ">") != 0)
		return compile_fail(state, sort->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "ORDER BY USING this operator is not supported on SQLite");
	if (IsA(node, A_Const)) {
		index = target_index(state, NIL, node, "ORDER BY");
		if (index == -2)
			return false;
		if (index < 0 || index >= targets->count)
			return compile_fail(state, expr_location(node),
					    "42P10",
					    "ORDER BY position %d is not in select list",
					    index + 1);
	} else if (IsA(node, ColumnRef) &&
		   list_length(((ColumnRef *)node)->fields) == 1 &&
		   IsA(linitial(((ColumnRef *)node)->fields), String)) {
		const char *name = strVal(linitial(((ColumnRef *)node)->
						   fields));

		for (int i = 0; i < targets->count; i++) {
			if (strcmp(targets->names[i], name) != 0)
				continue;
			if (index >= 0 && strcmp(targets->items[index]->sql,
						 targets->items[i]->sql) != 0)
				return compile_fail(state, expr_location(node),
						    SQLSTATE_AMBIGUOUS_COLUMN,
						    "ORDER BY \"%s\" is ambiguous",
						    name);
			if (index < 0)
				index = i;
		}
	}
	if (index >= 0) {
		*ret_position = index;
		targets->items[index] = settle(state, targets->items[index]);
		if (targets->items[index] == NULL)
			return false;
		expr_list_add(state, &work->order, targets->items[index], "");
		return check_sorts(state, targets->items[index],
				   expr_location(node));
	}
	key = expr_read(state, &work->scope, node);
	if (key == NULL || (key = settle(state, key)) == NULL)
		return false;
	for (int i = 0; i < targets->count; i++) {
		if (strcmp(targets->items[i]->sql, key->sql) == 0 &&
		    targets->items[i]->type == key->type) {
			*ret_position = i;
			break;
		}
	}
	expr_list_add(state, &work->order, key, "");
	return check_sorts(state, key, key->location);
}

static bool read_order(struct compile_state *state, struct select_work *work)
{
	int at = 0;
	ListCell *cell;

	work->positions = arena_alloc(state->arena, sizeof(int) *
		(size_t)(list_length(work->select->sortClause) + 1));
	foreach(cell, work->select->sortClause) {
		SortBy *sort = lfirst(cell);

		if (!read_sort(state, work, sort, &work->positions[at]))
			return false;
		if (work->select->distinctClause != NIL &&
		    linitial(work->select->distinctClause) == NULL &&
		    work->positions[at] < 0)
			return compile_fail(state, expr_location(sort->node),
					    "42P10",
					    "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
		at++;
	}
	return true;
}

const char *sort_words(SortBy *sort, bool not_null)
{
	bool down = sort->sortby_dir == SORTBY_DESC ||
		    (sort->sortby_dir == SORTBY_USING &&
		     strcmp(operator_name(sort->useOp), ">") == 0);

	/* Postgres sorts NULL above all; SQLite below. What cannot be NULL
	 * is left alone: an index may serve it. */
	if (not_null)
		return down ? " DESC" : "";
	if (sort->sortby_nulls == SORTBY_NULLS_FIRST)
		return down ? " DESC NULLS FIRST" : " NULLS FIRST";
	if (sort->sortby_nulls == SORTBY_NULLS_LAST)
		return down ? " DESC NULLS LAST" : " NULLS LAST";
	return down ? " DESC NULLS FIRST" : " NULLS LAST";
}

static const char *print_order(struct compile_state *state,
			       struct select_work *work)
{
	const char *sql = "";

	for (int i = 0; i < work->order.count; i++) {
		const struct expr *key = work->order.items[i];
		SortBy *sort = list_nth(work->select->sortClause, i);
		const char *place = key->sql;

		if (key->type == OID_UNKNOWN || (work->positions[i] >= 0 &&
		    type_category(state->schema, key->type) != 'E'))
			place = arena_printf(state->arena, "%d",
					     work->positions[i] + 1);
		else
			place = no_position(state, place);
		sql = arena_printf(state->arena, "%s%s%s%s", sql,
				   i == 0 ? " ORDER BY " : ", ",
				   sort_key(state, place, key->type),
				   sort_words(sort, key->not_null));
	}
	return sql;
}

static bool check_groups(struct compile_state *state, struct select_work *work)
{
	struct scope *scope = &work->scope;
	bool grouped = scope->aggregates_seen || scope->group_count > 0 ||
		       work->having_expr != NULL || work->set != NULL;

	if (scope->not_grouped != NULL)
		return compile_fail(state, scope->not_grouped->location,
				    SQLSTATE_GROUPING,
				    "arguments to GROUPING must be grouping expressions of the associated query level");
	if (!grouped)
		return true;
	for (int i = 0; i < work->targets.count; i++) {
		if (!check_grouping(state, scope, work->targets.items[i]))
			return false;
	}
	if (work->having_expr != NULL &&
	    !check_grouping(state, scope, work->having_expr))
		return false;
	for (int i = 0; i < work->order.count; i++) {
		if (!check_grouping(state, scope, work->order.items[i]))
			return false;
	}
	if (scope->set_calls != NULL) {
		int count = 0;

		for (struct set_call *set = scope->set_calls; set != NULL;
		     set = set->next)
			count++;
		if (count > work->sets_in_groups)
			return compile_fail(state, -1,
					    SQLSTATE_FEATURE_NOT_SUPPORTED,
					    "set-returning functions over groups are not supported on SQLite");
	}
	return true;
}

static int count_sets(const struct scope *scope)
{
	int count = 0;

	for (struct set_call *set = scope->set_calls; set != NULL;
	     set = set->next)
		count++;
	return count;
}

bool select_read_from(struct compile_state *state, struct select_work *work)
{
	struct scope *scope = &work->scope;
	const char *items;

	scope->no_aggregates = "FROM clause of their own query level";
	if (state->query_depth == 1 && work->select->whereClause == NULL)
		scope->full_joins = work->select->fromClause;
	items = from_clause(state, scope, work->select->fromClause);
	scope->no_aggregates = NULL;
	if (items == NULL)
		return false;
	work->from = items[0] == '\0' ? "" :
		     arena_printf(state->arena, " FROM %s", items);
	return true;
}

/* HAVING without GROUP BY: all rows are one group, and so are none. SQLite
 * wants to see an aggregate in the select list. */
static bool make_one_group(struct compile_state *state,
			   struct expr_list *targets)
{
	struct expr *first;

	if (targets->count == 0)
		return true;
	first = settle(state, targets->items[0]);
	if (first == NULL)
		return false;
	targets->items[0] = expr_new(state, first->type,
		arena_printf(state->arena, "iif(count(*) >= 0, %s, NULL)",
			     first->sql));
	targets->items[0]->typmod = first->typmod;
	targets->items[0]->table = first->table;
	targets->items[0]->number = first->number;
	targets->items[0]->aggregates = true;
	return true;
}

static bool read_lists(struct compile_state *state, struct select_work *work)
{
	struct scope *scope = &work->scope;

	scope->sets_allowed = true;
	if (!read_targets(state, scope, work->select->targetList,
			  &work->targets))
		return false;
	scope->sets_allowed = false;
	/* Behind the targets: of two errors Postgres tells theirs. */
	work->where = where_clause(state, scope, work->select->whereClause);
	if (work->where == NULL)
		return false;
	work->having = "";
	if (work->select->havingClause != NULL) {
		scope->no_windows = "HAVING";
		work->having_expr = expr_condition(state, scope,
						   work->select->havingClause,
						   "HAVING");
		scope->no_windows = NULL;
		if (work->having_expr == NULL)
			return false;
		work->having = arena_printf(state->arena, " HAVING %s",
					    work->having_expr->sql);
	}
	scope->sets_allowed = true;
	return read_order(state, work);
}

/* GROUP BY is read first, for the lists to know the groups; but Postgres reads
 * it last: where something is wrong with it, what is wrong with them counts. */
static void prefer_error_of_lists(struct compile_state *state,
				  struct select_work *work)
{
	struct error error = *state->error;

	if (read_lists(state, work))
		*state->error = error;
}

bool select_read_grouping(struct compile_state *state,
			  struct select_work *work)
{
	struct scope *scope = &work->scope;

	scope->windows = work->select->windowClause;
	if (!read_groups(state, work) || !check_windows(state, scope)) {
		prefer_error_of_lists(state, work);
		return false;
	}
	work->sets_in_groups = count_sets(scope);
	work->group = print_groups(state, scope);
	return true;
}

bool select_read_lists(struct compile_state *state, struct select_work *work)
{
	if (!read_lists(state, work) || !check_groups(state, work))
		return false;
	return (work->having_expr == NULL && work->set == NULL) ||
	       work->scope.group_count > 0 ||
	       make_one_group(state, &work->targets);
}

static bool is_one(const Node *limit)
{
	const A_Const *number = (const A_Const *)limit;

	return limit != NULL && IsA(limit, A_Const) && !number->isnull &&
	       IsA(&number->val, Integer) && number->val.ival.ival <= 1;
}

/* Whether there is one row at most, as far as one can see. */
static bool is_single(const struct select_work *work)
{
	if (is_one(work->select->limitCount) && !is_with_ties(work->select))
		return true;
	if (work->scope.set_calls != NULL)
		return false;
	return work->select->fromClause == NIL ||
	       (work->scope.aggregates_seen &&
		work->select->groupClause == NIL);
}

static bool finish_draft(struct compile_state *state, struct select_work *work,
			 struct draft *draft)
{
	SelectStmt *select = work->select;
	const char *limit = is_with_ties(select) ? "" :
			    limit_clause(state, &work->scope, select);

	if (limit == NULL)
		return false;
	/* As an arm of UNION ALL inside another query, SQLite 3.40 would drop
	 * the WHERE of the arms before it; a LIMIT keeps it from trying. */
	if (limit[0] == '\0' && work->scope.keeps_unmatched)
		limit = " LIMIT -1";
	draft->outputs = work->targets.items;
	draft->names = work->targets.names;
	draft->column_count = work->targets.count;
	if (draft->outputs == NULL)
		draft->outputs = arena_alloc(state->arena, sizeof(void *));
	work->from = select_join_sets(state, &work->scope, work->from);
	draft->after = arena_printf(state->arena, "%s%s%s%s", work->from,
				    work->where, work->group, work->having);
	if (select->distinctClause != NIL &&
	    linitial(select->distinctClause) != NULL &&
	    !is_with_ties(select))
		return select_check_locks(state, work) &&
		       distinct_on(state, &work->scope, select, &work->order,
				   limit, draft);
	draft->is_distinct = select->distinctClause != NIL;
	for (int i = 0; draft->is_distinct && i < draft->column_count; i++) {
		draft->outputs[i] = settle(state, draft->outputs[i]);
		if (draft->outputs[i] == NULL || !check_equals(state, draft->outputs[i],
				  draft->outputs[i]->location))
			return false;
	}
	if (is_with_ties(select))
		return with_ties(state, &work->scope, select, &work->order,
				 work->positions, draft);
	draft->order = arena_printf(state->arena, "%s%s",
				    print_order(state, work), limit);
	draft->is_single = is_single(work);
	draft->is_one_group = work->having_expr != NULL &&
			      work->scope.group_count == 0;
	note_locks(state, select);
	return select_check_locks(state, work);
}

static bool plain_draft(struct compile_state *state, struct scope *parent,
			SelectStmt *select, struct draft **ret_draft)
{
	struct select_work *work = arena_alloc(state->arena, sizeof(*work));
	struct draft *draft = draft_new(state);

	work->select = select;
	work->scope.parent = parent;
	/* a row takes several places, which numbers would not count so */
	work->scope.rows_allowed = state->rows_allowed &&
				   select->sortClause == NIL &&
				   select->groupClause == NIL &&
				   select->distinctClause == NIL;
	state->rows_allowed = false;
	if (parent != NULL)
		work->scope.ctes = parent->ctes;
	draft->with = with_clause(state, &work->scope, select->withClause);
	if (draft->with == NULL || !select_read_from(state, work) ||
	    !select_read_grouping(state, work) || !select_read_lists(state, work) ||
	    !finish_draft(state, work, draft))
		return false;
	*ret_draft = draft;
	return true;
}

bool select_draft(struct compile_state *state, struct scope *parent,
		  SelectStmt *select, struct draft **ret_draft)
{
	bool done;

	if (!compile_enter(state))
		return false;
	state->rows_allowed &= select->op == SETOP_NONE;
	if (select->op != SETOP_NONE || select->valuesLists != NIL) {
		struct scope *scope = arena_alloc(state->arena, sizeof(*scope));

		scope->parent = parent;
		if (parent != NULL)
			scope->ctes = parent->ctes;
		done = set_draft(state, scope, select, ret_draft);
	} else if (has_grouping_sets(select->groupClause)) {
		done = grouping_draft(state, parent, select, ret_draft);
	} else {
		done = plain_draft(state, parent, select, ret_draft);
	}
	compile_leave(state);
	return done;
}

/* What a subquery says by itself is kept where SQLite 3.40, when an outer join
 * with the draft makes the row NULL, puts that NULL: for all rows to come. */
static const char *print_output(struct compile_state *state,
				const struct draft *draft,
				const struct expr *output)
{
	const char *sql = output->sql;

	if (!draft->is_operand && (strncmp(sql, "(SELECT ", 8) == 0 ||
				   strncmp(sql, "EXISTS (", 8) == 0))
		sql = arena_printf(state->arena, "iif(true, %s, NULL)", sql);
	return draft->is_distinct ? collated(state, sql, output->type) :
				    shielded(state, sql, output->type);
}

static bool print_outputs(struct compile_state *state, struct draft *draft,
			  const uint32_t *types, struct query *query,
			  const char **ret_sql)
{
	struct buffer sql = { 0 };

	for (int i = 0; i < draft->column_count; i++) {
		struct expr *output = draft->outputs[i];

		if (types != NULL && types[i] != 0 && types[i] != OID_UNKNOWN)
			output = coerce(state, output, types[i], -1, 'i',
					output->location);
		else
			output = settle(state, output);
		if (output == NULL) {
			buffer_fini(&sql);
			return false;
		}
		buffer_put_text(&sql, i > 0 ? ", " : "");
		buffer_put_text(&sql, print_output(state, draft, output));
		buffer_printf(&sql, " AS column%d", i + 1);
		query->columns[i] = (struct compiled_column){
			.name = arena_text(state->arena, draft->names[i]),
			.type = output->type,
			.typmod = output->typmod,
			.table = output->table,
			.number = output->number,
			.row = output->row,
			.field = output->field,
		};
	}
	if (draft->column_count == 0)
		buffer_printf(&sql, "%s AS column1",
			      draft->is_one_group ? "count(*)" : "1");
	*ret_sql = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return true;
}

bool draft_print(struct compile_state *state, struct draft *draft,
		 const uint32_t *types, struct query *ret_query)
{
	const char *outputs;

	if (draft->outputs == NULL)
		return set_print(state, draft, types, ret_query);
	*ret_query = (struct query){
		.with = draft->with,
		.is_sorted = draft->order[0] != '\0',
		.is_single = draft->is_single,
		.column_count = draft->column_count,
		.columns = arena_alloc(state->arena,
				       sizeof(struct compiled_column) *
				       (size_t)(draft->column_count + 1)),
	};
	if (!print_outputs(state, draft, types, ret_query, &outputs))
		return false;
	if (draft->ties != NULL) {
		ret_query->sql = print_with_ties(state, draft, outputs);
		return true;
	}
	if (draft->distinct_on != NULL) {
		ret_query->sql = print_distinct_on(state, draft, outputs);
		ret_query->is_sorted = true;
		return true;
	}
	ret_query->sql = arena_printf(state->arena, "%sSELECT %s%s%s%s",
				      draft->with,
				      draft->is_distinct ? "DISTINCT " : "",
				      outputs, draft->after, draft->order);
	return true;
}

static bool read_query(struct compile_state *state, struct scope *parent,
		       SelectStmt *select, bool is_operand,
		       struct query *ret_query)
{
	struct draft *draft;

	if (select->intoClause != NULL)
		return compile_fail(state, -1, SQLSTATE_SYNTAX,
				    "SELECT ... INTO is not allowed here");
	state->query_depth++;
	if (!select_draft(state, parent, select, &draft))
		return false;
	draft->is_operand = is_operand;
	if (!draft_print(state, draft, NULL, ret_query))
		return false;
	state->query_depth--;
	return true;
}

bool select_query(struct compile_state *state, struct scope *parent,
		  SelectStmt *select, struct query *ret_query)
{
	return read_query(state, parent, select, false, ret_query);
}

bool select_operand(struct compile_state *state, struct scope *parent,
		    SelectStmt *select, struct query *ret_query)
{
	return read_query(state, parent, select, true, ret_query);
}

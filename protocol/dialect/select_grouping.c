/*
 * A query with GROUPING SETS: compiled once for each grouping, and the answers
 * put one behind the other.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/select_work.h"

/* One grouping: its outputs, and behind them the keys of ORDER BY. */
static const char *grouping_arm(struct compile_state *state,
				struct select_work *work)
{
	struct expr_list *lists[] = { &work->targets, &work->order };
	const char *sql = "";
	int number = 0;

	if (!select_read_from(state, work) || !select_read_grouping(state, work) ||
	    !select_read_lists(state, work))
		return NULL;
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < lists[i]->count; k++) {
			struct expr *one = settle(state, lists[i]->items[k]);

			if (one == NULL)
				return NULL;
			if (one->windows) {
				compile_fail(state, one->location,
					     SQLSTATE_FEATURE_NOT_SUPPORTED,
					     "window functions over GROUPING SETS are not supported on SQLite");
				return NULL;
			}
			lists[i]->items[k] = one;
			sql = arena_printf(state->arena, "%s%s%s AS column%d",
					   sql, number > 0 ? ", " : "",
					   one->sql, number + 1);
			number++;
		}
	}
	return arena_printf(state->arena, "SELECT %s%s%s%s%s",
			    number > 0 ? sql : "1",
			    select_join_sets(state, &work->scope, work->from),
			    work->where, work->group, work->having);
}

/* The columns of all groupings together, and their order. */
static void finish_grouping(struct compile_state *state,
			    struct select_work *work, const char *alias,
			    struct draft *draft)
{
	int count = work->targets.count;

	draft->names = work->targets.names;
	draft->column_count = count;
	draft->outputs = arena_alloc(state->arena, sizeof(struct expr *) *
				     ((size_t)count + 1));
	for (int i = 0; i < count; i++) {
		struct expr *output = arena_alloc(state->arena,
						  sizeof(*output));

		*output = (struct expr){
			.kind = EXPR_VALUE,
			.type = work->targets.items[i]->type,
			.typmod = work->targets.items[i]->typmod,
			.table = work->targets.items[i]->table,
			.number = work->targets.items[i]->number,
			.location = work->targets.items[i]->location,
			.sql = arena_printf(state->arena, "%s.column%d", alias,
					    i + 1),
		};
		draft->outputs[i] = output;
	}
	for (int i = 0; i < work->order.count; i++) {
		const char *key = arena_printf(state->arena, "%s.column%d",
			alias, draft->is_distinct ? work->positions[i] + 1 :
			count + i + 1);

		draft->order = arena_printf(state->arena, "%s%s%s%s",
			draft->order, i == 0 ? " ORDER BY " : ", ",
			sort_key(state, key, work->order.items[i]->type),
			sort_words(list_nth(work->select->sortClause, i),
				   false));
	}
}

static bool check_grouping_query(struct compile_state *state,
				 const SelectStmt *select)
{
	if ((select->distinctClause != NIL &&
	     linitial(select->distinctClause) != NULL) || is_with_ties(select))
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "DISTINCT ON and WITH TIES over GROUPING SETS are not supported on SQLite");
	return true;
}

bool grouping_draft(struct compile_state *state, struct scope *parent,
			   SelectStmt *select, struct draft **ret_draft)
{
	struct scope *scope = arena_alloc(state->arena, sizeof(*scope));
	struct draft *draft = draft_new(state);
	struct select_work *work = NULL;
	struct group_set *sets, all;
	const char *alias = new_alias(state), *arms = "", *limit;
	int count;

	scope->parent = parent;
	if (parent != NULL)
		scope->ctes = parent->ctes;
	draft->with = with_clause(state, scope, select->withClause);
	if (draft->with == NULL || !check_grouping_query(state, select) ||
	    !expand_grouping_sets(state, select->groupClause, &sets, &count,
				  &all))
		return false;
	for (int i = 0; i < count; i++) {
		const char *arm;

		work = arena_alloc(state->arena, sizeof(*work));
		work->select = select;
		work->set = &sets[i];
		work->all = &all;
		work->scope.parent = scope;
		work->scope.ctes = scope->ctes;
		arm = grouping_arm(state, work);
		if (arm == NULL)
			return false;
		arms = arena_printf(state->arena, "%s%s%s", arms,
				    i > 0 ? " UNION ALL " : "", arm);
	}
	if (!select_check_locks(state, work))
		return false;
	draft->is_distinct = select->distinctClause != NIL;
	finish_grouping(state, work, alias, draft);
	limit = limit_clause(state, scope, select);
	if (limit == NULL)
		return false;
	draft->order = arena_printf(state->arena, "%s%s", draft->order, limit);
	draft->after = arena_printf(state->arena, " FROM (%s) AS %s", arms,
				    alias);
	*ret_draft = draft;
	return true;
}

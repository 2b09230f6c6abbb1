/*
 * DISTINCT ON (keys): the first row of each key in the query's order. SQLite
 * numbers the rows of each key and keeps number one; the outer query sorts
 * by the same keys again.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/select.h"

/* A key may be the position of an output, like in ORDER BY. */
static struct expr *read_key(struct compile_state *state, struct scope *scope,
			     struct draft *draft, Node *node)
{
	A_Const *number = (A_Const *)node;
	ColumnRef *name = (ColumnRef *)node;

	if (IsA(node, A_Const) && !number->isnull &&
	    IsA(&number->val, Integer)) {
		int index = intVal(&number->val) - 1;

		if (index >= 0 && index < draft->column_count)
			return draft->outputs[index];
		compile_fail(state, number->location, "42P10",
			     "SELECT DISTINCT ON position %d is not in select list",
			     index + 1);
		return NULL;
	}
	if (IsA(node, ColumnRef) && list_length(name->fields) == 1 &&
	    IsA(linitial(name->fields), String)) {
		for (int i = 0; i < draft->column_count; i++) {
			if (strcmp(draft->names[i],
				   strVal(linitial(name->fields))) == 0)
				return draft->outputs[i];
		}
	}
	return expr_read(state, scope, node);
}

static bool is_among(const struct expr *key, struct expr **keys, int count)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(keys[i]->sql, key->sql) == 0)
			return true;
	}
	return false;
}

static bool read_keys(struct compile_state *state, struct scope *scope,
		      SelectStmt *select, struct draft *draft,
		      struct expr **keys)
{
	for (int i = 0; i < list_length(select->distinctClause); i++) {
		keys[i] = read_key(state, scope, draft,
				   list_nth(select->distinctClause, i));
		if (keys[i] == NULL ||
		    (keys[i] = settle(state, keys[i])) == NULL)
			return false;
	}
	return true;
}

static const char *print_partition(struct compile_state *state,
				   struct expr **keys, int count)
{
	const char *partition = "";

	for (int i = 0; i < count; i++)
		partition = arena_printf(state->arena, "%s%s%s", partition,
					 i > 0 ? ", " : "",
					 collated(state, keys[i]->sql,
						  keys[i]->type));
	return partition;
}

/* One more key to number by, and to sort by again in the outer query. */
static void add_sort(struct compile_state *state, struct draft *draft,
		     const struct expr *key, const char *words,
		     const char **inner)
{
	const char *before = draft->sort_count == 0 ? " ORDER BY " : ", ";
	int index = draft->sort_count++;
	const char *name = arena_printf(state->arena, "_key%d", index + 1);

	draft->sort_keys[index] = sort_key(state, key->sql, key->type);
	*inner = arena_printf(state->arena, "%s%s%s%s", *inner, before,
			      draft->sort_keys[index], words);
	draft->order = arena_printf(state->arena, "%s%s%s%s", draft->order,
				    before, collated(state, name, key->type),
				    words);
}

/* Postgres finds the first rows by sorting: where ORDER BY does not name a
 * key, the rows still come out by it, and a LIMIT takes them by it. */
static bool add_sorts(struct compile_state *state, SelectStmt *select,
		      const struct expr_list *order, struct expr **keys,
		      struct draft *draft, const char **inner)
{
	int key_count = list_length(select->distinctClause);

	draft->sort_keys = arena_alloc(state->arena, sizeof(char *) *
				       (size_t)(order->count + key_count));
	draft->order = "";
	for (int i = 0; i < order->count; i++) {
		struct expr *key = settle(state, order->items[i]);

		if (key == NULL)
			return false;
		add_sort(state, draft, key,
			 sort_words(list_nth(select->sortClause, i),
				    key->not_null), inner);
	}
	for (int i = 0; i < key_count; i++) {
		if (!is_among(keys[i], order->items, order->count))
			add_sort(state, draft, keys[i],
				 keys[i]->not_null ? "" : " NULLS LAST",
				 inner);
	}
	return true;
}

bool distinct_on(struct compile_state *state, struct scope *scope,
		 SelectStmt *select, const struct expr_list *order,
		 const char *limit, struct draft *draft)
{
	int key_count = list_length(select->distinctClause);
	struct expr **keys = arena_alloc(state->arena, sizeof(*keys) *
					 (size_t)key_count);
	const char *inner = "";

	if (!read_keys(state, scope, select, draft, keys))
		return false;
	for (int i = 0; i < key_count && i < order->count; i++) {
		if (!is_among(order->items[i], keys, key_count))
			return compile_fail(state, keys[0]->location, "42P10",
					    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions");
	}
	if (!add_sorts(state, select, order, keys, draft, &inner))
		return false;
	draft->distinct_on = arena_printf(state->arena,
		"row_number() OVER (PARTITION BY %s%s)",
		print_partition(state, keys, key_count), inner);
	draft->order = arena_printf(state->arena, "%s%s", draft->order, limit);
	return true;
}

const char *print_distinct_on(struct compile_state *state,
			      const struct draft *draft, const char *outputs)
{
	const char *keys = "", *columns = "";

	for (int i = 0; i < draft->sort_count; i++)
		keys = arena_printf(state->arena, "%s, %s AS _key%d", keys,
				    draft->sort_keys[i], i + 1);
	for (int i = 0; i < draft->column_count; i++)
		columns = arena_printf(state->arena, "%s%scolumn%d", columns,
				       i > 0 ? ", " : "", i + 1);
	return arena_printf(state->arena,
			    "%sSELECT %s FROM (SELECT %s%s, %s AS _row%s) WHERE _row = 1%s",
			    draft->with, columns, outputs, keys,
			    draft->distinct_on, draft->after, draft->order);
}

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

bool distinct_on(struct compile_state *state, struct scope *scope,
		 SelectStmt *select, const struct expr_list *order,
		 const int *positions, const char *limit, struct draft *draft)
{
	int key_count = list_length(select->distinctClause);
	struct expr **keys = arena_alloc(state->arena, sizeof(*keys) *
					 (size_t)key_count);
	const char *partition = "", *inner = "", *sorts = "";

	(void)positions;
	for (int i = 0; i < key_count; i++) {
		keys[i] = read_key(state, scope, draft,
				   list_nth(select->distinctClause, i));
		if (keys[i] == NULL ||
		    (keys[i] = settle(state, keys[i])) == NULL)
			return false;
		partition = arena_printf(state->arena, "%s%s%s", partition,
					 i > 0 ? ", " : "",
					 collated(state, keys[i]->sql,
						  keys[i]->type));
	}
	for (int i = 0; i < key_count && i < order->count; i++) {
		if (!is_among(order->items[i], keys, key_count))
			return compile_fail(state, keys[0]->location, "42P10",
					    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions");
	}
	draft->sort_count = order->count;
	draft->sort_keys = arena_alloc(state->arena, sizeof(char *) *
				       (size_t)(order->count + 1));
	draft->sort_words = arena_alloc(state->arena, sizeof(char *) *
					(size_t)(order->count + 1));
	for (int i = 0; i < order->count; i++) {
		struct expr *key = settle(state, order->items[i]);

		if (key == NULL)
			return false;
		draft->sort_keys[i] = sort_key(state, key->sql, key->type);
		draft->sort_words[i] = sort_words(list_nth(select->sortClause,
						  i), key->not_null);
		inner = arena_printf(state->arena, "%s%s%s%s", inner,
				     i == 0 ? " ORDER BY " : ", ",
				     draft->sort_keys[i],
				     draft->sort_words[i]);
		sorts = arena_printf(state->arena, "%s%s%s%s", sorts,
				     i == 0 ? " ORDER BY " : ", ",
				     collated(state,
					      arena_printf(state->arena,
							   "_key%d", i + 1),
					      key->type),
				     draft->sort_words[i]);
	}
	draft->distinct_on = arena_printf(state->arena,
		"row_number() OVER (PARTITION BY %s%s)", partition, inner);
	draft->order = arena_printf(state->arena, "%s%s", sorts, limit);
	note_locks(state, select);
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

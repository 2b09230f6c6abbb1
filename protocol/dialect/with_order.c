/*
 * In which order the parts of a WITH that changes data run. In Postgres the
 * statement behind it pulls the rows of those it reads; what it does not read
 * runs when it is done, the last one first:
 *
 *   WITH a AS (DELETE ...), b AS (INSERT ... RETURNING id) SELECT id FROM b
 *
 *   b, then a
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/with_order.h"

#include "protocol/sql_tree.h"

#define CTES_MAX 100

struct reading {
	List *ctes;
	bool *reads;		/* by place */
};

static bool note_name(struct Node *node, int depth, void *context)
{
	struct reading *reading = context;
	const RangeVar *name = (const RangeVar *)node;

	if (!IsA(node, RangeVar) || name->schemaname != NULL)
		return true;
	for (int i = 0; i < list_length(reading->ctes); i++) {
		const CommonTableExpr *cte = list_nth(reading->ctes, i);

		reading->reads[i] |= strcmp(cte->ctename, name->relname) == 0;
	}
	return true;
}

static bool find_names(struct compile_state *state, Node *node, List *ctes,
		       bool *reads)
{
	struct reading reading = { ctes, reads };

	return sql_walk(node, note_name, &reading, state->error);
}

struct own_name {
	const char *name;
	bool found;
};

static bool note_own_name(struct Node *node, int depth, void *context)
{
	struct own_name *own = context;
	const RangeVar *name = (const RangeVar *)node;

	own->found |= IsA(node, RangeVar) && name->schemaname == NULL &&
		      strcmp(name->relname, own->name) == 0;
	return true;
}

bool cte_reads_itself(struct compile_state *state, CommonTableExpr *node,
		      bool *ret_reads)
{
	struct own_name own = { .name = node->ctename };

	if (!sql_walk(node->ctequery, note_own_name, &own, state->error))
		return false;
	*ret_reads = own.found;
	return true;
}

static WithClause **with_of(Node *node)
{
	switch (nodeTag(node)) {
	case T_InsertStmt:
		return &((InsertStmt *)node)->withClause;
	case T_UpdateStmt:
		return &((UpdateStmt *)node)->withClause;
	case T_DeleteStmt:
		return &((DeleteStmt *)node)->withClause;
	default:
		return &((SelectStmt *)node)->withClause;
	}
}

static bool find_read(struct compile_state *state, WithClause *with,
		      bool *reads)
{
	WithClause **place = with_of(state->statement);
	bool done;

	*place = NULL;		/* what the statement itself reads */
	done = find_names(state, state->statement, with->ctes, reads);
	*place = with;
	return done;
}

/* What one reads goes before it. A plain query that nobody reads is not run. */
static bool take(struct compile_state *state, WithClause *with, int at,
		 struct with_order *order, bool *taken)
{
	CommonTableExpr *node = list_nth(with->ctes, at);
	bool reads[CTES_MAX] = { false };

	if (taken[at])
		return true;
	taken[at] = true;
	if (!find_names(state, node->ctequery, with->ctes, reads))
		return false;
	for (int i = 0; i < list_length(with->ctes); i++) {
		if (reads[i] && (i < at || with->recursive) &&
		    !take(state, with, i, order, taken))
			return false;
	}
	order->places[order->count++] = at;
	return true;
}

bool with_order(struct compile_state *state, WithClause *with,
		struct with_order *ret_order)
{
	int count = list_length(with->ctes);
	bool reads[CTES_MAX] = { false }, taken[CTES_MAX] = { false };

	if (count > CTES_MAX)
		return compile_fail(state, -1, SQLSTATE_LIMIT_EXCEEDED,
				    "a statement of more than %d parts",
				    CTES_MAX);
	ret_order->count = 0;
	ret_order->places = arena_alloc(state->arena, sizeof(int) *
					(size_t)(count + 1));
	if (!find_read(state, with, reads))
		return false;
	for (int i = 0; i < count; i++) {
		if (reads[i] && !take(state, with, i, ret_order, taken))
			return false;
	}
	ret_order->read_count = ret_order->count;
	for (int i = count - 1; i >= 0; i--) {
		const CommonTableExpr *node = list_nth(with->ctes, i);

		if (!IsA(node->ctequery, SelectStmt) &&
		    !take(state, with, i, ret_order, taken))
			return false;
	}
	return true;
}

/*
 * GROUPING SETS, ROLLUP and CUBE: which groupings they stand for. The query is
 * compiled once for each, with NULL for what that one does not group by
 * (select.c), and the answers are put one behind the other.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/grouping_sets.h"

/* Several groupings; some may still grow. */
struct sets {
	struct group_set *items;
	int count;
};

static struct sets one_empty(struct compile_state *state)
{
	struct sets sets = { arena_alloc(state->arena, sizeof(*sets.items)),
			     1 };

	return sets;
}

static bool too_many(struct compile_state *state, int count, int location)
{
	if (count <= GROUPING_SETS_MAX)
		return false;
	compile_fail(state, location, SQLSTATE_TOO_COMPLEX,
		     "too many grouping sets present (maximum %d)",
		     GROUPING_SETS_MAX);
	return true;
}

static struct group_set join(struct compile_state *state,
			     const struct group_set *a,
			     const struct group_set *b)
{
	struct group_set set = { .count = a->count + b->count };

	set.nodes = arena_alloc(state->arena, sizeof(Node *) *
				((size_t)set.count + 1));
	if (a->count > 0)
		memcpy(set.nodes, a->nodes, sizeof(Node *) * (size_t)a->count);
	if (b->count > 0)
		memcpy(set.nodes + a->count, b->nodes,
		       sizeof(Node *) * (size_t)b->count);
	return set;
}

/* Every one of a with every one of b. */
static bool cross(struct compile_state *state, struct sets *a,
		  const struct sets *b, int location)
{
	struct sets product = { .count = a->count * b->count };

	if (too_many(state, product.count, location))
		return false;
	product.items = arena_alloc(state->arena, sizeof(*product.items) *
				    ((size_t)product.count + 1));
	for (int i = 0; i < product.count; i++)
		product.items[i] = join(state, &a->items[i / b->count],
					&b->items[i % b->count]);
	*a = product;
	return true;
}

/* (a, b) is two columns that come and go together. */
static struct group_set columns_of_item(struct compile_state *state,
					Node *node)
{
	struct group_set set = { .count = 1 };
	int at = 0;
	ListCell *cell;

	if (!IsA(node, RowExpr)) {
		set.nodes = arena_alloc(state->arena, sizeof(Node *));
		set.nodes[0] = node;
		return set;
	}
	set.count = list_length(((RowExpr *)node)->args);
	set.nodes = arena_alloc(state->arena, sizeof(Node *) *
				((size_t)set.count + 1));
	foreach(cell, ((RowExpr *)node)->args)
		set.nodes[at++] = lfirst(cell);
	return set;
}

/* Of the items those whose bit is set. */
static struct group_set chosen(struct compile_state *state, List *items,
			       unsigned bits)
{
	struct group_set set = { .count = 0 };
	int at = 0;
	ListCell *cell;

	foreach(cell, items) {
		struct group_set item = columns_of_item(state, lfirst(cell));

		if (bits & 1u << at++)
			set = join(state, &set, &item);
	}
	return set;
}

static bool expand_power(struct compile_state *state, GroupingSet *node,
			 struct sets *ret)
{
	bool is_cube = node->kind == GROUPING_SET_CUBE;
	int items = list_length(node->content);

	if (items > (is_cube ? 6 : 31))
		return !too_many(state, GROUPING_SETS_MAX + 1, node->location);
	ret->count = is_cube ? 1 << items : items + 1;
	ret->items = arena_alloc(state->arena, sizeof(*ret->items) *
				 (size_t)ret->count);
	for (int i = 0; i < ret->count; i++) {
		unsigned bits = is_cube ? (unsigned)i : (1u << i) - 1;

		ret->items[ret->count - 1 - i] = chosen(state, node->content,
							bits);
	}
	return true;
}

static bool expand(struct compile_state *state, Node *node, struct sets *ret,
		   int depth);

static bool expand_all(struct compile_state *state, GroupingSet *node,
		       struct sets *ret, int depth)
{
	ListCell *cell;

	ret->items = arena_alloc(state->arena, sizeof(*ret->items) *
				 (GROUPING_SETS_MAX + 1));
	ret->count = 0;
	foreach(cell, node->content) {
		struct sets more;

		if (!expand(state, lfirst(cell), &more, depth + 1) ||
		    too_many(state, ret->count + more.count, node->location))
			return false;
		memcpy(ret->items + ret->count, more.items,
		       sizeof(*more.items) * (size_t)more.count);
		ret->count += more.count;
	}
	return true;
}

static bool expand(struct compile_state *state, Node *node, struct sets *ret,
		   int depth)
{
	GroupingSet *set = (GroupingSet *)node;

	if (depth > COMPILE_DEPTH_MAX)
		return compile_fail(state, -1, SQLSTATE_TOO_COMPLEX,
				    "stack depth limit exceeded");
	*ret = one_empty(state);
	if (!IsA(node, GroupingSet)) {
		ret->items[0] = columns_of_item(state, node);
		return true;
	}
	switch (set->kind) {
	case GROUPING_SET_EMPTY:
		return true;
	case GROUPING_SET_ROLLUP:
	case GROUPING_SET_CUBE:
		return expand_power(state, set, ret);
	default:
		return expand_all(state, set, ret, depth);
	}
}

bool has_grouping_sets(List *group_clause)
{
	ListCell *cell;

	foreach(cell, group_clause) {
		if (IsA(lfirst(cell), GroupingSet))
			return true;
	}
	return false;
}

bool expand_grouping_sets(struct compile_state *state, List *group_clause,
			  struct group_set **ret_sets, int *ret_count,
			  struct group_set *ret_all)
{
	struct sets sets = one_empty(state);
	ListCell *cell;

	foreach(cell, group_clause) {
		struct sets more;

		if (!expand(state, lfirst(cell), &more, 0) ||
		    !cross(state, &sets, &more, -1))
			return false;
	}
	*ret_all = (struct group_set){ .count = 0 };
	for (int i = 0; i < sets.count; i++)
		*ret_all = join(state, ret_all, &sets.items[i]);
	*ret_sets = sets.items;
	*ret_count = sets.count;
	return true;
}

/* --- GROUPING() ----------------------------------------------------------------- */

static bool is_among(struct expr **items, int count, const struct expr *expr)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(items[i]->sql, expr->sql) == 0)
			return true;
	}
	return false;
}

struct expr *read_grouping_call(struct compile_state *state,
				struct scope *scope, GroupingFunc *node)
{
	int absent = scope->absent_count;
	int64_t bits = 0;
	ListCell *cell;

	foreach(cell, node->args) {
		struct expr *argument;

		scope->absent_count = 0;
		argument = expr_read(state, scope, lfirst(cell));
		scope->absent_count = absent;
		if (argument == NULL)
			return NULL;
		bits = bits * 2 + is_among(scope->absent, absent, argument);
		if (is_among(scope->absent, absent, argument) ||
		    is_among(scope->groups, scope->group_count, argument))
			continue;
		if (scope->not_grouped == NULL)
			scope->not_grouped = argument;
	}
	return expr_new(state, OID_INT4,
			arena_printf(state->arena, "(%lld)", (long long)bits));
}

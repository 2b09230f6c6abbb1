/* JOIN: conditions, USING and NATURAL with their merged columns. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/from.h"

/* The ranges one side of a join added to the scope. */
struct side {
	int first;
	int end;
};

static struct range_column *side_column(struct compile_state *state,
					struct scope *scope,
					const struct side *side,
					const char *name, struct range **owner,
					int *count)
{
	struct range_column *found = NULL;

	*count = 0;
	for (int i = side->first; i < side->end; i++) {
		struct range *range = scope->ranges[i];

		if (range->names_hidden)
			continue;
		for (int k = 0; k < range->column_count; k++) {
			if (range->columns[k].hidden ||
			    strcmp(range->columns[k].name, name) != 0)
				continue;
			found = &range->columns[k];
			*owner = range;
			++*count;
		}
	}
	return found;
}

static List *common_names(struct compile_state *state, struct scope *scope,
			  const struct side *left, const struct side *right,
			  const char ***ret_names, int *ret_count)
{
	const char **names;
	int count = 0, total = 0;

	for (int i = left->first; i < left->end; i++)
		total += scope->ranges[i]->column_count;
	names = arena_alloc(state->arena, sizeof(*names) * (size_t)(total + 1));
	for (int i = left->first; i < left->end; i++) {
		struct range *range = scope->ranges[i], *owner;

		for (int k = 0; !range->names_hidden &&
		     k < range->column_count; k++) {
			int hits;

			if (!range->columns[k].hidden &&
			    side_column(state, scope, right,
					range->columns[k].name, &owner, &hits))
				names[count++] = range->columns[k].name;
		}
	}
	*ret_names = names;
	*ret_count = count;
	return NIL;
}

/* One column of USING: its condition, and what the merged column is. */
static const char *merge_column(struct compile_state *state,
				struct scope *scope, const struct side *left,
				const struct side *right, JoinType type,
				const char *name, struct range_column *merged)
{
	struct range *owners[2];
	int hits[2];
	struct range_column *a = side_column(state, scope, left, name,
					     &owners[0], &hits[0]);
	struct range_column *b = side_column(state, scope, right, name,
					     &owners[1], &hits[1]);
	struct expr *x, *y, *equal;
	uint32_t common;

	if (a == NULL || b == NULL) {
		compile_fail(state, -1, SQLSTATE_UNDEFINED_COLUMN,
			     "column \"%s\" specified in USING clause does not exist in %s table",
			     name, a == NULL ? "left" : "right");
		return NULL;
	}
	if (hits[0] > 1 || hits[1] > 1) {
		compile_fail(state, -1, SQLSTATE_AMBIGUOUS_COLUMN,
			     "common column name \"%s\" appears more than once in %s table",
			     name, hits[0] > 1 ? "left" : "right");
		return NULL;
	}
	x = column_expr(state, scope, owners[0], a, -1);
	y = column_expr(state, scope, owners[1], b, -1);
	common = common_type(state, (struct expr *[]){ x, y }, 2, "JOIN/USING");
	equal = common == 0 ? NULL : operator_make(state, "=", x, y, -1);
	if (equal == NULL)
		return NULL;
	*merged = type == JOIN_RIGHT ? *b : *a;
	if (x->type != common && type != JOIN_RIGHT)
		merged->sql = coerce(state, x, common, -1, 'i', -1)->sql;
	if (type == JOIN_FULL) {
		merged->sql = arena_printf(state->arena, "coalesce(%s, %s)",
			coerce(state, x, common, -1, 'i', -1)->sql,
			coerce(state, y, common, -1, 'i', -1)->sql);
		merged->table = 0;
		merged->number = 0;
		merged->not_null = false;
	}
	if (a->type != b->type || a->typmod != b->typmod)
		merged->typmod = -1;
	merged->type = common;
	merged->name = name;
	return equal->sql;
}

static bool is_merged(const char *name, const char **names, int count)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static void add_rest(struct scope *scope, const struct side *side,
		     const char **names, int name_count, struct range *range)
{
	for (int i = side->first; i < side->end; i++) {
		struct range *from = scope->ranges[i];

		for (int k = 0; !from->names_hidden && k < from->column_count;
		     k++) {
			struct range_column *column = &from->columns[k];

			if (column->hidden ||
			    is_merged(column->name, names, name_count))
				continue;
			range->columns[range->column_count] = *column;
			range->columns[range->column_count++].not_null =
				column->not_null && !from->nullable;
		}
	}
}

/* JOIN ... USING (...) AS k: the merged columns by another name. */
static bool name_merged(struct compile_state *state, struct scope *scope,
			const JoinExpr *join, const struct range *merged,
			int count)
{
	struct range *range;

	if (join->join_using_alias == NULL)
		return true;
	range = range_new(state, join->join_using_alias->aliasname, count);
	memcpy(range->columns, merged->columns,
	       sizeof(*range->columns) * (size_t)count);
	range->names_hidden = true;
	range->is_join = true;
	return scope_add(state, scope, range, -1) != NULL;
}

/* The join as a range of its own: merged columns first, each side's rest. */
static const char *merge_names(struct compile_state *state,
			       struct scope *scope, JoinExpr *join,
			       const struct side *left,
			       const struct side *right, const char **names,
			       int name_count)
{
	struct range *range;
	const char *condition = "";
	int total = name_count;

	for (int i = left->first; i < right->end; i++)
		total += scope->ranges[i]->column_count;
	range = range_new(state, NULL, total);
	range->column_count = 0;
	for (int i = 0; i < name_count; i++) {
		const char *equal = merge_column(state, scope, left, right,
			join->jointype, names[i],
			&range->columns[range->column_count]);

		if (equal == NULL)
			return NULL;
		range->column_count++;
		condition = arena_printf(state->arena, "%s%s%s", condition,
					 i > 0 ? " AND " : "", equal);
	}
	add_rest(scope, left, names, name_count, range);
	add_rest(scope, right, names, name_count, range);
	for (int i = left->first; i < right->end; i++)
		scope->ranges[i]->names_hidden = true;
	if (scope_add(state, scope, range, -1) == NULL ||
	    !name_merged(state, scope, join, range, name_count))
		return NULL;
	return condition;
}

static bool is_column(Node *node)
{
	return node != NULL && IsA(node, ColumnRef);
}

/* Whether each condition between ANDs compares two columns, one of this
 * FROM at least. */
static bool uses_columns(struct compile_state *state, struct scope *on,
			 Node *node)
{
	struct expr *term;
	ListCell *cell;

	if (IsA(node, BoolExpr) && ((BoolExpr *)node)->boolop == AND_EXPR) {
		foreach(cell, ((BoolExpr *)node)->args) {
			if (!uses_columns(state, on, lfirst(cell)))
				return false;
		}
		return true;
	}
	/* A comparison of rows is several to SQLite. */
	if (!IsA(node, A_Expr) || !is_column(((A_Expr *)node)->lexpr) ||
	    !is_column(((A_Expr *)node)->rexpr))
		return false;
	term = expr_read(state, on, node);
	return term != NULL && term->loose != NULL;
}

/* Which of the two sides an expression has columns of: 1, 2 or both. */
static int sides_of(const struct expr *expr, const struct scope *on, int split)
{
	int sides = 0;

	for (const struct loose_column *column = expr->loose; column != NULL;
	     column = column->next) {
		for (int i = 0; i < on->range_count; i++) {
			if (on->ranges[i] == column->range)
				sides |= i < split ? 1 : 2;
		}
	}
	return sides;
}

static int sides_of_node(struct compile_state *state, struct scope *on,
			 int split, Node *node)
{
	struct expr *expr = node == NULL ? NULL : expr_read(state, on, node);

	return expr == NULL ? 0 : sides_of(expr, on, split);
}

static bool is_row(const Node *node)
{
	return node != NULL && IsA(node, RowExpr);
}

static bool stands_in(const List *items, const JoinExpr *join)
{
	for (int i = 0; i < list_length(items); i++) {
		if (list_nth(items, i) == join)
			return true;
	}
	return false;
}

/* Certainly nothing by which Postgres could put rows side by side: it is no
 * equality of the two, and no constant. */
static bool cannot_merge(struct compile_state *state, struct scope *on,
			 int split, Node *node)
{
	const A_Expr *compared = (const A_Expr *)node;
	int left, right;
	ListCell *cell;

	if (IsA(node, NullTest))
		return true;
	if (IsA(node, BoolExpr) && ((BoolExpr *)node)->boolop == AND_EXPR) {
		foreach(cell, ((BoolExpr *)node)->args) {
			if (!cannot_merge(state, on, split, lfirst(cell)))
				return false;
		}
		return true;
	}
	if (!IsA(node, A_Expr) || is_row(compared->lexpr) ||
	    (compared->kind != AEXPR_OP && compared->kind != AEXPR_DISTINCT &&
	     compared->kind != AEXPR_NOT_DISTINCT &&
	     compared->kind != AEXPR_LIKE))
		return false;
	left = sides_of_node(state, on, split, compared->lexpr);
	right = sides_of_node(state, on, split, compared->rexpr);
	if (compared->kind == AEXPR_OP &&
	    strcmp(strVal(llast(compared->name)), "=") == 0)
		return (left | right) != 0 &&
		       (left == 0 || right == 0 || (left ^ right) != 3);
	return (left | right) != 0;
}

static const char *print_condition(struct compile_state *state,
				   const struct scope *scope, JoinExpr *join,
				   struct scope *on, int split)
{
	struct expr *condition =
		expr_condition(state, on, join->quals, "JOIN/ON");

	if (condition == NULL)
		return NULL;
	if (join->jointype == JOIN_FULL &&
	    stands_in(scope->full_joins, join) &&
	    cannot_merge(state, on, split, join->quals)) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions");
		return NULL;
	}
	note_tested(on, condition);
	/* SQLite 3.40 tests what uses no column once, before it looks at any
	 * table, and if that is false forgets the rows that RIGHT and FULL
	 * JOIN keep. What may change from row to row it tests in its place. */
	if (scope->keeps_unmatched && !uses_columns(state, on, join->quals))
		return arena_printf(state->arena,
				    "(%s) = (random() IS NOT NULL)",
				    condition->sql);
	return condition->sql;
}

static const char *join_condition(struct compile_state *state,
				  struct scope *scope, JoinExpr *join,
				  const struct side *left,
				  const struct side *right)
{
	const char **names = NULL;
	int count = 0;
	struct scope on;
	ListCell *cell;

	if (join->isNatural)
		common_names(state, scope, left, right, &names, &count);
	if (join->usingClause != NIL) {
		names = arena_alloc(state->arena, sizeof(*names) *
				    (size_t)list_length(join->usingClause));
		foreach(cell, join->usingClause)
			names[count++] = strVal(lfirst(cell));
	}
	if (join->isNatural || join->usingClause != NIL)
		return merge_names(state, scope, join, left, right, names,
				   count);
	if (join->quals == NULL)
		return "";
	/* ON sees the two sides only. */
	on = (struct scope){
		.parent = scope->parent,
		.ranges = scope->ranges + left->first,
		.range_count = right->end - left->first,
		.range_capacity = right->end - left->first,
		.ctes = scope->ctes,
		.no_aggregates = "JOIN conditions",
		.no_windows = "JOIN conditions",
		.no_sets = "JOIN conditions",
	};
	return print_condition(state, scope, join, &on,
			       left->end - left->first);
}

static void make_nullable(struct scope *scope, const struct side *side)
{
	for (int i = side->first; i < side->end; i++)
		scope->ranges[i]->nullable = true;
}

/* (a JOIN b) AS j hides a and b behind one name. */
static bool alias_join(struct compile_state *state, struct scope *scope,
		       JoinExpr *join, const struct side *both)
{
	struct range *range;
	int total = 0;

	if (join->alias == NULL)
		return true;
	for (int i = both->first; i < scope->range_count; i++)
		total += scope->ranges[i]->column_count;
	range = range_new(state, join->alias->aliasname, total);
	range->is_join = true;
	range->column_count = 0;
	add_rest(scope, &(struct side){ both->first, scope->range_count },
		 NULL, 0, range);
	scope->range_count = both->first;
	if (join->alias->colnames != NIL &&
	    !rename_columns(state, range, join->alias->colnames))
		return false;
	return scope_add(state, scope, range, -1) != NULL;
}

const char *from_join(struct compile_state *state, struct scope *scope,
		      JoinExpr *join)
{
	static const char *const words[] = {
		[JOIN_INNER] = "JOIN", [JOIN_LEFT] = "LEFT JOIN",
		[JOIN_FULL] = "FULL JOIN", [JOIN_RIGHT] = "RIGHT JOIN",
	};
	struct side left = { scope->range_count, 0 }, right;
	const char *a, *b, *condition;

	a = from_item(state, scope, join->larg);
	if (a == NULL)
		return NULL;
	left.end = scope->range_count;
	right.first = left.end;
	b = from_item(state, scope, join->rarg);
	if (b == NULL)
		return NULL;
	right.end = scope->range_count;
	if (IsA(join->rarg, JoinExpr))
		b = arena_printf(state->arena, "(%s)", b);
	/* SQLite looks for the unmatched rows of a RIGHT JOIN without the
	 * arguments of a table-valued function. */
	if (join->jointype == JOIN_RIGHT && IsA(join->rarg, RangeFunction) &&
	    scope->ranges[right.first]->alias != NULL)
		b = arena_printf(state->arena, "(SELECT * FROM %s) AS %s", b,
				 scope->ranges[right.first]->alias);
	condition = join_condition(state, scope, join, &left, &right);
	if (condition == NULL)
		return NULL;
	if (join->jointype == JOIN_LEFT || join->jointype == JOIN_FULL)
		make_nullable(scope, &right);
	if (join->jointype == JOIN_RIGHT || join->jointype == JOIN_FULL)
		make_nullable(scope, &left);
	if (!alias_join(state, scope, join,
			&(struct side){ left.first, right.end }))
		return NULL;
	return arena_printf(state->arena, "%s %s %s%s%s", a,
			    words[join->jointype], b,
			    condition[0] == '\0' ?
			    join->jointype == JOIN_INNER ? "" : " ON 1" :
			    " ON ", condition);
}

/* Subqueries inside expressions: EXISTS, IN, ANY, ARRAY() and plain ones. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"

/* The outer columns a subquery used that are this query's own. */
static void take_outer(struct compile_state *state, struct scope *scope,
		       struct loose_column *before, struct expr *expr)
{
	struct loose_column *at = state->outer;

	state->outer = before;
	while (at != NULL && at != before) {
		struct loose_column *next = at->next;

		if (at->scope == scope) {
			at->next = expr->loose;
			expr->loose = at;
		} else {
			at->next = state->outer;
			state->outer = at;
		}
		at = next;
	}
}

static bool one_column(struct compile_state *state, const struct query *query,
		       int location)
{
	if (query->column_count == 1)
		return true;
	return compile_fail(state, location, SQLSTATE_SYNTAX,
			    "subquery must return only one column");
}

static struct expr *read_exists(struct compile_state *state,
				const struct query *query)
{
	struct expr *expr = expr_new(state, OID_BOOL,
		arena_printf(state->arena, "EXISTS (%s)", query->sql));

	expr->not_null = true;
	return expr;
}

static struct expr *read_scalar(struct compile_state *state,
				const struct query *query, int location)
{
	struct expr *expr;

	if (!one_column(state, query, location))
		return NULL;
	expr = expr_new(state, query->columns[0].type,
			arena_printf(state->arena, query->is_single ? "(%s)" :
				     "(SELECT pg_only(column1) FROM (%s))",
				     query->sql));
	expr->typmod = query->columns[0].typmod;
	return expr;
}

static struct expr *read_array_query(struct compile_state *state,
				     const struct query *query, int location)
{
	uint32_t element, array;
	struct expr *expr;

	if (!one_column(state, query, location))
		return NULL;
	element = query->columns[0].type;
	array = type_element(state->schema, element) != 0 ? element :
		type_array(state->schema, element);
	if (array == 0) {
		compile_fail(state, location, SQLSTATE_UNDEFINED_OBJECT,
			     "could not find array type for data type %s",
			     type_text(state, element, -1));
		return NULL;
	}
	expr = expr_new(state, array, arena_printf(state->arena,
		"(SELECT coalesce(pg_array_agg(column1, %u), '{}') FROM (%s))",
		element, query->sql));
	expr->typmod = query->columns[0].typmod;
	expr->not_null = true;
	return expr;
}

static struct expr *column_of(struct compile_state *state,
			      const struct query *query, int index,
			      const char *alias)
{
	struct expr *expr = expr_new(state, query->columns[index].type,
		arena_printf(state->arena, "%s.column%d", alias, index + 1));

	expr->typmod = query->columns[index].typmod;
	return expr;
}

static struct expr *row_of(struct compile_state *state,
			   const struct query *query, const char *alias)
{
	struct expr *row = expr_new(state, OID_RECORD, "");

	row->kind = EXPR_ROW;
	row->item_count = query->column_count;
	row->items = arena_alloc(state->arena, sizeof(struct expr *) *
				 (size_t)(query->column_count + 1));
	for (int i = 0; i < query->column_count; i++)
		row->items[i] = column_of(state, query, i, alias);
	return row;
}

/* x = ANY (SELECT ...) with one type for both: SQLite's own IN. */
static struct expr *in_query(struct compile_state *state, struct expr *left,
			     const struct query *query, const char *alias,
			     bool is_not)
{
	struct expr *right = column_of(state, query, 0, alias);
	uint32_t type = compared_type(state, (struct expr *[]){ left, right });

	if (type == 0)
		return NULL;
	left = coerce(state, left, type, -1, 'i', left->location);
	if (left == NULL)
		return NULL;
	right = coerce(state, right, type, -1, 'i', left->location);
	if (right == NULL)
		return NULL;
	return expr_new(state, OID_BOOL,
		type == query->columns[0].type ?
		arena_printf(state->arena, "(%s %sIN (%s))",
			     collated(state, left->sql, type),
			     is_not ? "NOT " : "", query->sql) :
		arena_printf(state->arena,
			     "(%s %sIN (SELECT %s FROM (%s) AS %s))",
			     collated(state, left->sql, type),
			     is_not ? "NOT " : "", right->sql, query->sql,
			     alias));
}

static struct expr *read_any_query(struct compile_state *state,
				   struct scope *scope, SubLink *link,
				   const struct query *query, bool is_any)
{
	const char *name = link->operName == NIL ? "=" :
			   operator_name(link->operName);
	const char *alias = new_alias(state);
	struct expr *left = expr_read(state, scope, link->testexpr);
	struct expr *right, *test, *expr;
	bool equal = is_any && strcmp(name, "=") == 0;
	bool unequal = !is_any && (strcmp(name, "<>") == 0 ||
				   strcmp(name, "!=") == 0);

	if (left == NULL)
		return NULL;
	if ((left->kind == EXPR_ROW ? left->item_count : 1) !=
	    query->column_count) {
		compile_fail(state, link->location, SQLSTATE_SYNTAX,
			     left->kind != EXPR_ROW || query->column_count >
			     left->item_count ?
			     "subquery has too many columns" :
			     "subquery has too few columns");
		return NULL;
	}
	right = left->kind == EXPR_ROW ? row_of(state, query, alias) :
		column_of(state, query, 0, alias);
	test = operator_make(state, name, left, right, link->location);
	if (test == NULL)
		return NULL;
	if (left->kind != EXPR_ROW && (equal || unequal)) {
		expr = in_query(state, left, query, alias, unequal);
		if (expr != NULL) {
			expr_inherit(expr, left);
			return expr;
		}
	}
	expr = expr_new(state, OID_BOOL, arena_printf(state->arena,
		"(SELECT CASE WHEN %s(_test) = %d THEN %d WHEN count(*) > count(_test) THEN NULL ELSE %d END FROM (SELECT %s AS _test FROM (%s) AS %s))",
		is_any ? "max" : "min", is_any, is_any, !is_any, test->sql,
		query->sql, alias));
	expr_inherit(expr, left);
	return expr;
}

/* (a, b) = (SELECT ...): a row that is not there makes it NULL. */
static struct expr *read_row_query(struct compile_state *state,
				   struct scope *scope, SubLink *link,
				   const struct query *query)
{
	const char *alias = new_alias(state);
	struct expr *left = expr_read(state, scope, link->testexpr);
	struct expr *test, *expr;

	if (left == NULL)
		return NULL;
	if (left->kind != EXPR_ROW || left->item_count != query->column_count) {
		compile_fail(state, link->location, SQLSTATE_SYNTAX,
			     "subquery has wrong number of columns");
		return NULL;
	}
	test = operator_make(state, operator_name(link->operName), left,
			     row_of(state, query, alias), link->location);
	if (test == NULL)
		return NULL;
	expr = expr_new(state, OID_BOOL, arena_printf(state->arena,
			query->is_single ? "(SELECT %s FROM (%s) AS %s)" :
			"(SELECT pg_only(%s) FROM (%s) AS %s)", test->sql,
			query->sql, alias));
	expr_inherit(expr, left);
	return expr;
}

static struct expr *read_link(struct compile_state *state, struct scope *scope,
			      SubLink *link, const struct query *query)
{
	switch (link->subLinkType) {
	case EXISTS_SUBLINK:
		return read_exists(state, query);
	case EXPR_SUBLINK:
		return read_scalar(state, query, link->location);
	case ARRAY_SUBLINK:
		return read_array_query(state, query, link->location);
	case ANY_SUBLINK:
		return read_any_query(state, scope, link, query, true);
	case ALL_SUBLINK:
		return read_any_query(state, scope, link, query, false);
	case ROWCOMPARE_SUBLINK:
		return read_row_query(state, scope, link, query);
	default:
		compile_fail(state, link->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "this kind of subquery is not supported on SQLite");
		return NULL;
	}
}

struct expr *read_sublink(struct compile_state *state, struct scope *scope,
			  SubLink *link)
{
	struct loose_column *before = state->outer;
	struct query query;
	struct expr *expr;

	if (!IsA(link->subselect, SelectStmt)) {
		compile_fail(state, link->location, SQLSTATE_SYNTAX,
			     "only SELECT is allowed in a subquery");
		return NULL;
	}
	if (!select_operand(state, scope, (SelectStmt *)link->subselect,
			    &query))
		return NULL;
	expr = read_link(state, scope, link, &query);
	if (expr != NULL)
		take_outer(state, scope, before, expr);
	return expr;
}

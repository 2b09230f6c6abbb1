/*
 * LIMIT and OFFSET, and FETCH FIRST ... WITH TIES: SQLite has no ties, so the
 * rows are numbered and ranked by their sort keys, and the rank decides.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/select.h"

enum limit_kind { LIMIT_ROWS, OFFSET_ROWS, TIED_ROWS };	/* for pg_limit() */

static bool check_type(struct compile_state *state, const struct expr *value,
		       const char *what)
{
	if (value->type != OID_UNKNOWN &&
	    !can_coerce(state, value->type, OID_INT8, 'a'))
		return compile_fail(state, value->location,
				    SQLSTATE_DATATYPE_MISMATCH,
				    "argument of %s must be type bigint, not type %s",
				    what, type_text(state, value->type, -1));
	return true;
}

static const char *limit_value(struct compile_state *state,
			       const struct scope *scope, Node *node,
			       enum limit_kind kind)
{
	const char *what = kind == OFFSET_ROWS ? "OFFSET" : "LIMIT";
	struct scope seen = *scope;
	struct expr *value;
	bool plain;

	seen.no_aggregates = seen.no_windows = seen.no_sets = what;
	value = expr_read(state, &seen, node);
	if (value == NULL || !check_type(state, value, what))
		return NULL;
	plain = value->literal != NULL && value->literal[0] != '-';
	value = coerce(state, value, OID_INT8, -1, 'a', value->location);
	if (value == NULL)
		return NULL;
	if (value->loose != NULL) {
		compile_fail(state, value->loose->location, "42P10",
			     "argument of %s must not contain variables", what);
		return NULL;
	}
	if (plain && value->not_null)
		return value->sql;
	/* NULL means none; negative is an error. */
	return arena_printf(state->arena, "pg_limit(%s, %d)", value->sql,
			    kind);
}

/* The library's enum is in another order than the headers of later minor
 * releases: none 0, plain 1, WITH TIES 2. */
bool is_with_ties(const SelectStmt *select)
{
	return (int)select->limitOption == 2 && select->limitCount != NULL;
}

const char *limit_clause(struct compile_state *state, struct scope *scope,
			 SelectStmt *select)
{
	const char *limit = "-1", *offset = "";

	if (is_with_ties(select)) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "FETCH FIRST ... WITH TIES of a set operation is not supported on SQLite");
		return NULL;
	}
	if (select->limitCount == NULL && select->limitOffset == NULL)
		return "";
	if (select->limitCount != NULL) {
		limit = limit_value(state, scope, select->limitCount,
				    LIMIT_ROWS);
		if (limit == NULL)
			return NULL;
	}
	if (select->limitOffset != NULL) {
		offset = limit_value(state, scope, select->limitOffset,
				     OFFSET_ROWS);
		if (offset == NULL)
			return NULL;
		offset = arena_printf(state->arena, " OFFSET %s", offset);
	}
	return arena_printf(state->arena, " LIMIT %s%s", limit, offset);
}

/* --- WITH TIES ---------------------------------------------------------- */

/* What the ranking needs and the query does not give is carried along. */
static void add_key(struct compile_state *state, struct draft *draft,
		    const struct expr *key, int position, SortBy *sort,
		    const char **order)
{
	const char *name = arena_printf(state->arena, "column%d",
					position + 1);

	if (position < 0) {
		name = arena_printf(state->arena, "_key%d",
				    ++draft->sort_count);
		draft->carried = arena_printf(state->arena, "%s, %s AS %s",
					      draft->carried, key->sql, name);
	}
	*order = arena_printf(state->arena, "%s%s%s%s", *order,
			      **order == '\0' ? "" : ", ",
			      sort_key(state, name, key->type),
			      sort_words(sort, key->not_null));
}

bool with_ties(struct compile_state *state, struct scope *scope,
	       SelectStmt *select, const struct expr_list *order,
	       const int *positions, struct draft *draft)
{
	const char *limit = limit_value(state, scope, select->limitCount,
					TIED_ROWS);
	const char *offset = "0", *keys = "";

	if (limit != NULL && select->limitOffset != NULL)
		offset = limit_value(state, scope, select->limitOffset,
				     OFFSET_ROWS);
	if (limit == NULL || offset == NULL)
		return false;
	if (select->distinctClause != NIL &&
	    linitial(select->distinctClause) != NULL)
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "FETCH FIRST ... WITH TIES after DISTINCT ON is not supported on SQLite");
	draft->carried = "";
	for (int i = 0; i < order->count; i++)
		add_key(state, draft, order->items[i], positions[i],
			list_nth(select->sortClause, i), &keys);
	draft->ties = arena_printf(state->arena,
		"_row > %s AND _rank <= %s + %s AND %s > 0", offset, offset,
		limit, limit);
	draft->order = keys;
	return true;
}

const char *print_with_ties(struct compile_state *state,
			    const struct draft *draft, const char *outputs)
{
	const char *columns = "";

	for (int i = 0; i < draft->column_count; i++)
		columns = arena_printf(state->arena, "%s%scolumn%d", columns,
				       i > 0 ? ", " : "", i + 1);
	return arena_printf(state->arena,
			    "%sSELECT %s FROM (SELECT *, row_number() OVER _w AS _row, rank() OVER _w AS _rank FROM (SELECT %s%s%s%s) WINDOW _w AS (ORDER BY %s)) WHERE %s ORDER BY _row",
			    draft->with, draft->column_count ? columns : "1",
			    draft->is_distinct ? "DISTINCT " : "", outputs,
			    draft->carried, draft->after, draft->order,
			    draft->ties);
}

/*
 * UNION, INTERSECT, EXCEPT and VALUES: arms whose columns must come to a
 * common type before either can be printed.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"

static const char *word_of(int operation)
{
	return operation == SETOP_UNION ? "UNION" :
	       operation == SETOP_INTERSECT ? "INTERSECT" : "EXCEPT";
}

static struct expr *stand_in(struct compile_state *state, struct draft *draft,
			     int column, uint32_t type)
{
	struct expr *expr;

	if (draft->outputs != NULL)
		return draft->outputs[column];
	expr = expr_new(state, type, "NULL");
	if (type == OID_UNKNOWN)
		expr->kind = EXPR_UNKNOWN;
	return expr;
}

static bool values_types(struct compile_state *state, struct draft *draft,
			 uint32_t *ret_types, int32_t *ret_typmods)
{
	struct expr **column = arena_alloc(state->arena, sizeof(*column) *
					   (size_t)draft->row_count);

	for (int i = 0; i < draft->column_count; i++) {
		bool known = false;

		ret_typmods[i] = draft->rows[0][i]->typmod;
		for (int row = 0; row < draft->row_count; row++) {
			column[row] = draft->rows[row][i];
			known |= column[row]->type != OID_UNKNOWN;
			if (column[row]->typmod != ret_typmods[i])
				ret_typmods[i] = -1;
		}
		ret_types[i] = !known ? OID_UNKNOWN :
			       common_type(state, column, draft->row_count,
					   "VALUES");
		if (ret_types[i] == 0)
			return false;
	}
	return true;
}

bool draft_types(struct compile_state *state, struct draft *draft,
		 uint32_t *ret_types, int32_t *ret_typmods)
{
	uint32_t *types;
	int32_t *typmods;

	if (draft->rows != NULL)
		return values_types(state, draft, ret_types, ret_typmods);
	if (draft->outputs != NULL) {
		for (int i = 0; i < draft->column_count; i++) {
			ret_types[i] = draft->outputs[i]->type;
			ret_typmods[i] = draft->outputs[i]->typmod;
		}
		return true;
	}
	types = arena_alloc(state->arena, sizeof(*types) *
			    (size_t)(draft->column_count + 1));
	typmods = arena_alloc(state->arena, sizeof(*typmods) *
			      (size_t)(draft->column_count + 1));
	if (!draft_types(state, draft->left, ret_types, ret_typmods) ||
	    !draft_types(state, draft->right, types, typmods))
		return false;
	for (int i = 0; i < draft->column_count; i++) {
		struct expr *pair[2];

		if (draft->left->rows != NULL && ret_types[i] == OID_UNKNOWN)
			ret_types[i] = OID_TEXT;
		if (draft->right->rows != NULL && types[i] == OID_UNKNOWN)
			types[i] = OID_TEXT;
		pair[0] = stand_in(state, draft->left, i, ret_types[i]);
		pair[1] = stand_in(state, draft->right, i, types[i]);

		if (ret_types[i] != types[i] || ret_typmods[i] != typmods[i])
			ret_typmods[i] = -1;
		/* Also where both are unknown: then it is text, whatever an
		 * operation around this one has to say. */
		ret_types[i] = common_type(state, pair, 2,
					   word_of(draft->operation));
		if (ret_types[i] == 0)
			return false;
	}
	return true;
}

static bool read_values_row(struct compile_state *state, struct scope *scope,
			    List *nodes, struct expr **row)
{
	int at = 0;
	ListCell *cell;

	foreach(cell, nodes) {
		row[at] = expr_read(state, scope, lfirst(cell));
		if (row[at] == NULL)
			return false;
		if (row[at]->kind == EXPR_ROW)
			return compile_fail(state, row[at]->location,
					    SQLSTATE_FEATURE_NOT_SUPPORTED,
					    "row values in VALUES are not supported on SQLite");
		at++;
	}
	return true;
}

static bool values_draft(struct compile_state *state, struct scope *scope,
			 SelectStmt *select, struct draft *draft)
{
	int count = list_length(select->valuesLists);
	ListCell *cell;

	draft->rows = arena_alloc(state->arena, sizeof(*draft->rows) *
				  (size_t)count);
	draft->column_count = list_length(linitial(select->valuesLists));
	draft->names = arena_alloc(state->arena, sizeof(char *) *
				   (size_t)(draft->column_count + 1));
	for (int i = 0; i < draft->column_count; i++)
		draft->names[i] = arena_printf(state->arena, "column%d", i + 1);
	scope->no_aggregates = "VALUES";
	scope->no_windows = "VALUES";
	scope->no_sets = "VALUES";
	foreach(cell, select->valuesLists) {
		List *nodes = lfirst(cell);
		struct expr **row;

		if (list_length(nodes) != draft->column_count)
			return compile_fail(state,
				expr_location(linitial(nodes)), SQLSTATE_SYNTAX,
				"VALUES lists must all be the same length");
		row = arena_alloc(state->arena, sizeof(*row) *
				  (size_t)(draft->column_count + 1));
		if (!read_values_row(state, scope, nodes, row))
			return false;
		draft->rows[draft->row_count++] = row;
	}
	return true;
}

/* What arms left open takes the common type, before ORDER BY is looked at. */
static bool fit_arms(struct compile_state *state, const struct draft *draft,
		     const uint32_t *types)
{
	struct draft *arms[] = { draft->left, draft->right };

	for (int k = 0; k < 2 && draft->rows == NULL; k++) {
		for (int i = 0; arms[k]->outputs != NULL &&
		     i < draft->column_count; i++) {
			struct expr **output = &arms[k]->outputs[i];

			if ((*output)->type != OID_UNKNOWN)
				continue;
			*output = coerce(state, *output, types[i], -1, 'i',
					 (*output)->location);
			if (*output == NULL)
				return false;
		}
	}
	return true;
}

/* ORDER BY of a set operation: names and positions of its columns only. */
static bool set_order(struct compile_state *state, SelectStmt *select,
		      struct draft *draft, const uint32_t *types,
		      const char **ret_order)
{
	const char *sql = "";
	ListCell *cell;

	foreach(cell, select->sortClause) {
		SortBy *sort = lfirst(cell);
		ColumnRef *name = (ColumnRef *)sort->node;
		A_Const *number = (A_Const *)sort->node;
		int found = -1;

		if (IsA(sort->node, A_Const) && !number->isnull &&
		    IsA(&number->val, Integer))
			found = intVal(&number->val) - 1;
		if (IsA(sort->node, ColumnRef) &&
		    list_length(name->fields) == 1 &&
		    IsA(linitial(name->fields), String)) {
			for (int i = 0; i < draft->column_count && found < 0;
			     i++) {
				if (strcmp(draft->names[i], strVal(
					   linitial(name->fields))) == 0)
					found = i;
			}
			if (found < 0)
				return compile_fail(state, name->location,
						    SQLSTATE_UNDEFINED_COLUMN,
						    "column \"%s\" does not exist",
						    strVal(linitial(
							   name->fields)));
		}
		if (found < 0 || found >= draft->column_count) {
			if (IsA(sort->node, A_Const))
				return compile_fail(state, number->location,
						    "42P10",
						    "ORDER BY position %d is not in select list",
						    found + 1);
			compile_fail(state, expr_location(sort->node),
				     SQLSTATE_FEATURE_NOT_SUPPORTED,
				     "invalid UNION/INTERSECT/EXCEPT ORDER BY clause");
			error_detail(state->error,
				     "Only result column names can be used, not expressions or functions.");
			return false;
		}
		if (!check_sorts(state, expr_new(state, types[found], ""), -1))
			return false;
		sql = arena_printf(state->arena, "%s%s%s%s", sql,
				   sql[0] == '\0' ? " ORDER BY " : ", ",
				   sort_key(state, arena_printf(state->arena,
					    "column%d", found + 1),
					    types[found]),
				   sort_words(sort, false));
	}
	*ret_order = sql;
	return true;
}

/* Whatever looks for copies must be able to compare. */
static bool check_arms(struct compile_state *state, const struct draft *draft,
		       const uint32_t *types)
{
	bool compares = draft->operation != SETOP_NONE &&
			(draft->operation != SETOP_UNION || !draft->all);

	for (int i = 0; compares && i < draft->column_count; i++) {
		if (!check_equals(state, expr_new(state, types[i], ""), -1))
			return false;
	}
	return true;
}

bool set_draft(struct compile_state *state, struct scope *scope,
	       SelectStmt *select, struct draft **ret_draft)
{
	struct draft *draft = arena_alloc(state->arena, sizeof(*draft));
	uint32_t *types;
	int32_t *typmods;
	const char *order, *limit;

	draft->with = "";
	draft->operation = select->op;
	draft->all = select->all;
	draft->with = with_clause(state, scope, select->withClause);
	if (draft->with == NULL)
		return false;
	if (select->op == SETOP_NONE) {
		if (!values_draft(state, scope, select, draft))
			return false;
	} else {
		if (!select_draft(state, scope, select->larg, &draft->left) ||
		    !select_draft(state, scope, select->rarg, &draft->right))
			return false;
		if (draft->left->column_count != draft->right->column_count)
			return compile_fail(state, draft->right->outputs !=
					    NULL && draft->right->column_count >
					    0 ? draft->right->outputs[0]->
					    location : -1, SQLSTATE_SYNTAX,
					    "each %s query must have the same number of columns",
					    word_of(select->op));
		draft->column_count = draft->left->column_count;
		draft->names = draft->left->names;
	}
	types = arena_alloc(state->arena, sizeof(*types) *
			    (size_t)(draft->column_count + 1));
	typmods = arena_alloc(state->arena, sizeof(*typmods) *
			      (size_t)(draft->column_count + 1));
	if (!draft_types(state, draft, types, typmods) ||
	    !fit_arms(state, draft, types) ||
	    !check_arms(state, draft, types) ||
	    !set_order(state, select, draft, types, &order))
		return false;
	limit = limit_clause(state, scope, select);
	if (limit == NULL)
		return false;
	if (select->lockingClause != NIL)
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT");
	draft->order = arena_printf(state->arena, "%s%s", order, limit);
	*ret_draft = draft;
	return true;
}

static bool print_values(struct compile_state *state, struct draft *draft,
			 const uint32_t *types, const char **ret_sql)
{
	struct buffer sql = { 0 };

	buffer_put_text(&sql, "VALUES ");
	for (int row = 0; row < draft->row_count; row++) {
		buffer_put_text(&sql, row > 0 ? ", (" : "(");
		for (int i = 0; i < draft->column_count; i++) {
			struct expr *item = coerce(state, draft->rows[row][i],
						   types[i], -1, 'i',
						   draft->rows[row][i]->
						   location);

			if (item == NULL) {
				buffer_fini(&sql);
				return false;
			}
			buffer_put_text(&sql, i > 0 ? ", " : "");
			/* SQLite names the result by a bare column. */
			buffer_put_text(&sql, item->column_sql == item->sql ?
					"+" : "");
			buffer_put_text(&sql, item->sql);
		}
		buffer_put_text(&sql, ")");
	}
	*ret_sql = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return true;
}

/* Of rows that are equal but look different, Postgres's INTERSECT ALL and
 * EXCEPT ALL give the first one several times. */
static const char *print_copies(struct compile_state *state,
				const struct query *query,
				const uint32_t *types)
{
	const char *columns = "", *keys = "";

	for (int i = 0; i < query->column_count; i++)
		keys = arena_printf(state->arena, "%s%s%s", keys,
				    i > 0 ? ", " : "PARTITION BY ",
				    collated(state, arena_printf(state->arena,
						"column%d", i + 1), types[i]));
	for (int i = 0; i < query->column_count; i++) {
		const char *name = arena_printf(state->arena, "column%d",
						i + 1);

		columns = arena_printf(state->arena, "%s%s AS %s, ", columns,
			collated(state, arena_printf(state->arena,
				 "first_value(%s) OVER (%s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
				 name, keys), types[i]), name);
	}
	return arena_printf(state->arena,
			    "SELECT %srow_number() OVER (%s) AS _copy FROM (%s)",
			    columns, keys, query->sql);
}

/* SQLite takes 500 SELECTs in a row; whoever is beyond is nested. */
#define TERMS_MAX 400

/* One side of a set operation, or the whole, as it is printed. */
struct arm {
	const char *sql;
	const char *bag;	/* as in struct query */
	int terms;		/* of the bag, or else of the text */
};

/* Set operations have no precedence in SQLite: the first arm may be one as it
 * is, since (a UNION b) EXCEPT c is a UNION b EXCEPT c there. Nested, a dozen
 * of them would be too deep for its parser. */
static bool must_wrap(const struct query *query, bool is_first)
{
	return query->is_sorted || query->with[0] != '\0' ||
	       (query->is_set && !(is_first && query->is_chain &&
				   query->terms < TERMS_MAX));
}

/* An arm as SQLite takes it: a bare SELECT or VALUES, a chain of them if it is
 * the first. */
static bool print_arm(struct compile_state *state, struct draft *arm,
		      const uint32_t *types, bool numbered, bool is_first,
		      bool deduplicates, struct arm *ret_arm)
{
	struct query query;
	const char *columns = "";
	bool wrap;

	if (!draft_print(state, arm, types, &query))
		return false;
	*ret_arm = (struct arm){ .sql = query.sql, .terms = 1 };
	if (numbered) {
		ret_arm->sql = print_copies(state, &query, types);
		return true;
	}
	wrap = must_wrap(&query, is_first);
	for (int i = 0; i < query.column_count; i++) {
		const char *name = arena_printf(state->arena, "column%d",
						i + 1);
		const char *key = collated(state, name, types[i]);

		wrap |= deduplicates && key != name;
		columns = arena_printf(state->arena, "%s%s%s AS %s", columns,
				       i > 0 ? ", " : "", key, name);
	}
	if (wrap)
		ret_arm->sql = arena_printf(state->arena, "SELECT %s FROM (%s)",
					    columns, query.sql);
	if (is_first && query.bag != NULL && query.terms < TERMS_MAX)
		ret_arm->bag = query.bag;
	if (ret_arm->bag != NULL || (query.is_chain && !wrap))
		ret_arm->terms = query.terms;
	return true;
}

/* Whether rows that are equal may look different. */
static bool looks_different(struct compile_state *state,
			    const struct draft *draft, const uint32_t *types)
{
	for (int i = 0; i < draft->column_count; i++) {
		if (strcmp(collated(state, "x", types[i]), "x") != 0)
			return true;
	}
	return false;
}

/* Of equal rows Postgres gives the first one, as SQLite's DISTINCT does; its
 * set operations would give the last. */
static struct arm print_first(struct compile_state *state,
			      const struct draft *draft, const uint32_t *types,
			      const struct arm *left, const struct arm *right)
{
	struct arm whole = { .terms = 1 };
	const char *columns = "";

	for (int i = 0; i < draft->column_count; i++) {
		const char *name = arena_printf(state->arena, "column%d",
						i + 1);

		columns = arena_printf(state->arena, "%s%s%s AS %s", columns,
				       i > 0 ? ", " : "",
				       collated(state, name, types[i]), name);
	}
	if (draft->operation == SETOP_UNION) {
		/* the first rows of first rows are the first of all */
		whole.bag = arena_printf(state->arena, "%s UNION ALL %s",
					 left->bag != NULL ? left->bag :
					 left->sql, right->sql);
		whole.terms = left->terms + 1;
		whole.sql = arena_printf(state->arena,
					 "SELECT DISTINCT %s FROM (%s)",
					 columns, whole.bag);
		return whole;
	}
	/* deeper inside: next to INTERSECT it forgets DISTINCT */
	whole.sql = arena_printf(state->arena,
		"SELECT %s FROM (SELECT DISTINCT %s FROM (%s)) %s %s",
		columns, columns, left->sql, word_of(draft->operation),
		right->sql);
	return whole;
}

/* INTERSECT ALL and EXCEPT ALL: of the columns and the number of each copy. */
static struct arm print_numbered(struct compile_state *state,
				 const struct draft *draft,
				 const struct arm *left,
				 const struct arm *right)
{
	const char *columns = "";

	for (int i = 0; i < draft->column_count; i++)
		columns = arena_printf(state->arena, "%s%scolumn%d", columns,
				       i > 0 ? ", " : "", i + 1);
	return (struct arm){
		.sql = arena_printf(state->arena, "SELECT %s FROM (%s %s %s)",
				    columns, left->sql,
				    word_of(draft->operation), right->sql),
		.terms = 1,
	};
}

/* A chain has more than one term and no bag. */
static bool print_operation(struct compile_state *state, struct draft *draft,
			    const uint32_t *types, struct arm *ret_whole)
{
	bool numbered = draft->all && draft->operation != SETOP_UNION;
	bool deduplicates = !draft->all || numbered;
	struct arm left, right;

	if (!print_arm(state, draft->left, types, numbered, true, deduplicates,
		       &left) ||
	    !print_arm(state, draft->right, types, numbered, false, false,
		       &right))
		return false;
	if (!draft->all && looks_different(state, draft, types))
		*ret_whole = print_first(state, draft, types, &left, &right);
	else if (numbered)
		*ret_whole = print_numbered(state, draft, &left, &right);
	else
		*ret_whole = (struct arm){
			.sql = arena_printf(state->arena, "%s %s%s %s",
					    left.sql, word_of(draft->operation),
					    draft->all ? " ALL" : "",
					    right.sql),
			.terms = (left.bag != NULL ? 1 : left.terms) + 1,
		};
	return true;
}

bool set_print(struct compile_state *state, struct draft *draft,
	       const uint32_t *types, struct query *ret_query)
{
	uint32_t *own = arena_alloc(state->arena, sizeof(*own) *
				    (size_t)(draft->column_count + 1));
	int32_t *typmods = arena_alloc(state->arena, sizeof(*typmods) *
				       (size_t)(draft->column_count + 1));
	struct arm whole = { .terms = 1 };
	const char *sql, *columns = "";
	bool converts = false;

	if (!draft_types(state, draft, own, typmods))
		return false;
	for (int i = 0; i < draft->column_count; i++) {
		uint32_t wanted = types != NULL && types[i] != 0 ? types[i] :
				  own[i];

		if (own[i] == OID_UNKNOWN)
			own[i] = wanted == OID_UNKNOWN ? OID_TEXT : wanted;
		if (draft->rows != NULL && wanted != OID_UNKNOWN)
			own[i] = wanted;
		if (wanted == OID_UNKNOWN)
			wanted = own[i];
		converts |= wanted != own[i];
	}
	if (draft->rows != NULL) {
		if (!print_values(state, draft, own, &whole.sql))
			return false;
	} else if (!print_operation(state, draft, own, &whole)) {
		return false;
	}
	sql = whole.sql;
	if (draft->order[0] != '\0') {
		/* SQLite takes no ORDER BY after VALUES, and no expressions
		 * after UNION. */
		sql = arena_printf(state->arena, "SELECT * FROM (%s)", sql);
	}
	sql = arena_printf(state->arena, "%s%s%s", draft->with, sql,
			   draft->order);
	*ret_query = (struct query){
		.with = draft->with,
		.is_set = draft->rows == NULL,
		.is_chain = whole.terms > 1 && whole.bag == NULL,
		.bag = whole.bag,
		.terms = whole.terms,
		.is_sorted = draft->order[0] != '\0',
		.column_count = draft->column_count,
		.columns = arena_alloc(state->arena,
				       sizeof(struct compiled_column) *
				       (size_t)(draft->column_count + 1)),
	};
	for (int i = 0; i < draft->column_count; i++) {
		struct expr *column = expr_new(state, own[i],
			arena_printf(state->arena, "column%d", i + 1));

		if (converts && types[i] != 0 && types[i] != OID_UNKNOWN) {
			column = coerce(state, column, types[i], -1, 'i', -1);
			if (column == NULL)
				return false;
		}
		columns = arena_printf(state->arena, "%s%s%s AS column%d",
				       columns, i > 0 ? ", " : "", column->sql,
				       i + 1);
		ret_query->columns[i] = (struct compiled_column){
			.name = arena_text(state->arena, draft->names[i]),
			.type = column->type,
			.typmod = column->type == own[i] ? typmods[i] : -1,
		};
	}
	ret_query->sql = !converts ? sql :
		arena_printf(state->arena, "SELECT %s FROM (%s)", columns,
			     sql);
	if (converts) {
		ret_query->with = "";
		ret_query->is_set = ret_query->is_chain = false;
		ret_query->bag = NULL;
		ret_query->is_sorted = false;
	}
	return true;
}

/*
 * FROM: tables, views, subqueries, functions and joins, as SQLite text, and
 * the names they make visible.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/from.h"

#include <strings.h>

#include "protocol/dialect/schema_name.h"
#include "protocol/dialect/settle.h"

#define VIEW_DEPTH_MAX 32

/* SQLite does not mind the case of names, and its programs may not either. */
static void hint_quotes(struct compile_state *state, const char *name)
{
	for (int i = 0; i < state->schema->table_count; i++) {
		const struct schema_table *table = &state->schema->tables[i];

		if (table->adopted && strcasecmp(table->name, name) == 0) {
			error_hint(state->error,
				   "Perhaps you meant the table \"%s\", with its quotes.",
				   table->name);
			return;
		}
	}
}

static const struct schema_sequence *sequence_named(struct compile_state *state,
						    const RangeVar *name)
{
	return schema_sequence_by_oid(state->schema, relation_oid(
			state->schema, state->session->search_path,
			name->schemaname, name->relname));
}

const struct schema_table *compile_find_table(struct compile_state *state,
					      const RangeVar *name)
{
	const struct schema_table *table;

	if (name->catalogname != NULL &&
	    strcmp(name->catalogname, state->session->database) != 0) {
		compile_fail(state, name->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "cross-database references are not implemented: \"%s.%s.%s\"",
			     name->catalogname, name->schemaname,
			     name->relname);
		return NULL;
	}
	table = schema_find_table(state->schema, state->session->search_path,
				  name->schemaname, name->relname);
	if (table == NULL && sequence_named(state, name) != NULL)
		compile_fail(state, -1, "42809",
			     "cannot change sequence \"%s\"", name->relname);
	else if (table == NULL)
		compile_fail(state, name->location, SQLSTATE_UNDEFINED_TABLE,
			     name->schemaname != NULL ?
			     "relation \"%s.%s\" does not exist" :
			     "relation \"%s%s\" does not exist",
			     name->schemaname != NULL ? name->schemaname : "",
			     name->relname);
	if (table == NULL)
		hint_quotes(state, name->relname);
	return table;
}

/* A row that is a column stands before the fields it is made of. */
static void add_row(struct range *range, const struct compiled_column *columns,
		    int count)
{
	int at = range->column_count++, fields = 0;

	while (fields < count && columns[fields].row == columns->row)
		fields++;
	range->columns[at] = (struct range_column){
		.name = columns->row, .type = OID_RECORD, .typmod = -1,
		.sql = "NULL", .first_field = at + 1, .field_count = fields,
	};
}

/* A range over a query's columns, called column1 ... in SQLite. */
struct range *range_of_query(struct compile_state *state, const char *name,
			     const char *alias,
			     const struct compiled_column *columns, int count)
{
	struct range *range = range_new(state, name, count * 2);

	range->alias = alias;
	range->column_count = 0;
	for (int i = 0; i < count; i++) {
		const char *row = columns[i].row;

		if (row != NULL && (i == 0 || columns[i - 1].row != row))
			add_row(range, columns + i, count - i);
		range->columns[range->column_count++] = (struct range_column){
			.name = columns[i].name,
			.sql = arena_printf(state->arena, "%s.column%d", alias,
					    i + 1),
			.type = columns[i].type,
			.typmod = columns[i].typmod,
			.table = columns[i].table,
			.number = columns[i].number,
			.hidden = row != NULL,
			.field = columns[i].field,
		};
	}
	return range;
}

static bool add_aliased(struct compile_state *state, struct scope *scope,
			struct range *range, Alias *alias, int location)
{
	if (alias != NULL && alias->colnames != NIL &&
	    !rename_columns(state, range, alias->colnames))
		return false;
	return scope_add(state, scope, range, location) != NULL;
}

static const char *from_cte(struct compile_state *state, struct scope *scope,
			    RangeVar *name, const struct cte *cte)
{
	const char *alias = new_alias(state);
	struct range *range = range_of_query(state, name->alias != NULL ?
					     name->alias->aliasname :
					     name->relname, alias,
					     cte->columns, cte->column_count);

	if (cte->returns_nothing) {
		compile_fail(state, name->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "WITH query \"%s\" does not have a RETURNING clause",
			     cte->name);
		return NULL;
	}
	if (!add_aliased(state, scope, range, name->alias, name->location))
		return NULL;
	return arena_printf(state->arena, "%s AS %s", cte->alias, alias);
}

/* A view is its query, read where the view was defined: without our names,
 * parameters or positions. */
static bool view_query(struct compile_state *state,
		       const struct schema_table *view, int location,
		       struct query *query)
{
	struct slice text = state->text;
	struct text_edits *edits = state->edits;
	bool refused = state->parameters_refused;
	struct sql_tree *tree;
	Node *node;
	bool done = false;

	if (state->view_depth == VIEW_DEPTH_MAX)
		return compile_fail(state, location, SQLSTATE_TOO_COMPLEX,
				    "views are nested too deeply");
	tree = sql_tree_new(slice_text(view->view_text), state->error);
	if (tree == NULL)
		return false;
	state->text = slice_make(NULL, 0);
	state->edits = NULL;
	state->parameters_refused = true;
	state->view_depth++;
	node = sql_tree_count(tree) == 1 ?
	       sql_tree_statement(tree, 0).node : NULL;
	if (node != NULL && IsA(node, SelectStmt))
		done = select_query(state, NULL, (SelectStmt *)node, query);
	else
		compile_fail(state, -1, SQLSTATE_INTERNAL,
			     "cannot read the definition of view \"%s\"",
			     view->name);
	for (int i = 0; done && i < query->column_count; i++)
		query->columns[i].name = arena_text(state->arena,
						    query->columns[i].name);
	state->view_depth--;
	state->parameters_refused = refused;
	state->text = text;
	state->edits = edits;
	sql_tree_free(&tree);
	return done;
}

static const char *from_view(struct compile_state *state, struct scope *scope,
			     RangeVar *name, const struct schema_table *view)
{
	const char *alias = new_alias(state);
	struct query query;
	struct range *range;

	if (!view_query(state, view, name->location, &query))
		return NULL;
	range = range_of_query(state, name->alias != NULL ?
			       name->alias->aliasname : view->name, alias,
			       query.columns, query.column_count);
	if (name->alias == NULL)
		range->schema = view->schema;
	for (int i = 0; i < query.column_count; i++) {
		range->columns[i].table = view->oid;
		range->columns[i].number = (int16_t)(i + 1);
		if (i < view->column_count)
			range->columns[i].name = view->columns[i].name;
	}
	if (!add_aliased(state, scope, range, name->alias, name->location))
		return NULL;
	return arena_printf(state->arena, "(%s) AS %s", query.sql, alias);
}

/* A sequence is a relation of one row. */
static const char *from_sequence(struct compile_state *state,
				 struct scope *scope, RangeVar *name,
				 const struct schema_sequence *sequence)
{
	const struct compiled_column columns[] = {
		{ .name = "last_value", .type = OID_INT8, .typmod = -1,
		  .table = sequence->oid, .number = 1 },
		{ .name = "log_cnt", .type = OID_INT8, .typmod = -1,
		  .table = sequence->oid, .number = 2 },
		{ .name = "is_called", .type = OID_BOOL, .typmod = -1,
		  .table = sequence->oid, .number = 3 },
	};
	const char *alias = new_alias(state);
	struct range *range = range_of_query(
		state, name->alias != NULL ? name->alias->aliasname :
		sequence->name, alias, columns, 3);

	if (name->alias == NULL)
		range->schema = sequence->schema;
	if (!add_aliased(state, scope, range, name->alias, name->location))
		return NULL;
	return arena_printf(state->arena, "(SELECT pg_sequence_value(%u) AS"
			    " column1, pg_sequence_logged(%u) AS column2,"
			    " pg_sequence_called(%u) AS column3) AS %s",
			    sequence->oid, sequence->oid, sequence->oid,
			    alias);
}

static const char *from_table(struct compile_state *state, struct scope *scope,
			      RangeVar *name)
{
	const struct schema_sequence *sequence;
	const struct schema_table *table;
	struct cte *cte = name->schemaname == NULL ?
			  scope_find_cte(scope, name->relname) : NULL;
	const char *alias, *source;
	struct range *range;

	if (cte != NULL)
		return from_cte(state, scope, name, cte);
	sequence = sequence_named(state, name);
	if (sequence != NULL)
		return from_sequence(state, scope, name, sequence);
	table = compile_find_table(state, name);
	if (table == NULL)
		return NULL;
	settle_table(state, name, table);
	if (table->kind == 'v' && table->view_text != NULL &&
	    !table->catalog)
		return from_view(state, scope, name, table);
	if (table->unpopulated) {
		compile_fail(state, -1, SQLSTATE_NOT_IN_PREREQUISITE_STATE,
			     "materialized view \"%s\" has not been populated",
			     table->name);
		error_hint(state->error,
			   "Use the REFRESH MATERIALIZED VIEW command.");
		return NULL;
	}
	if (table == state->changing) {
		compile_fail(state, name->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "a subquery in RETURNING over the table that is changed is not supported on SQLite");
		return NULL;
	}
	alias = new_alias(state);
	range = range_of_table(state, table, name->alias != NULL ?
			       name->alias->aliasname : table->name, alias);
	if (name->alias == NULL)
		range->schema = table->schema;
	if (!add_aliased(state, scope, range, name->alias, name->location))
		return NULL;
	source = table_as_it_was(state, table);
	return source == NULL ? NULL :
	       arena_printf(state->arena, "%s AS %s", source, alias);
}

/* JSON has no bytes, and not all floats: they travel as texts. */
static const char *as_packed(struct compile_state *state, const char *sql,
			     uint32_t from, uint32_t to)
{
	uint32_t type = from == OID_TEXT ? to : from;

	if (type != OID_FLOAT8 && type != OID_FLOAT4 && type != OID_BYTEA)
		return sql;
	return arena_printf(state->arena, "pg_cast(%s, %u, %u, -1, 1)", sql,
			    from, to);
}

/*
 * A subquery that looks at the tables beside it. SQLite has no LATERAL, but
 * the arguments of a table-valued function may look left: the rows travel
 * through json_each() as arrays of storage forms.
 */
static const char *print_lateral(struct compile_state *state,
				 const struct query *query,
				 struct range *range, const char *alias)
{
	const char *packed = "";
	const char *inner = new_alias(state);

	range->present = arena_printf(state->arena, "(%s.key IS NOT NULL)",
				      alias);
	for (int i = 0; i < query->column_count; i++) {
		uint32_t type = query->columns[i].type;
		const char *column = arena_printf(state->arena, "%s.column%d",
						  inner, i + 1);

		packed = arena_printf(state->arena, "%s%s%s", packed,
				      i > 0 ? ", " : "",
				      as_packed(state, column, type, OID_TEXT));
		column = arena_printf(state->arena,
				      "json_extract(%s.value, '$[%d]')", alias,
				      i);
		range->columns[i].sql = as_packed(state, column, OID_TEXT,
						  type);
	}
	return arena_printf(state->arena,
			    "json_each((SELECT json_group_array(json_array(%s)) FROM (%s) AS %s)) AS %s",
			    packed, query->sql, inner, alias);
}

static bool looked_left(struct compile_state *state,
			const struct scope *scope,
			const struct loose_column *before)
{
	for (const struct loose_column *at = state->outer;
	     at != NULL && at != before; at = at->next) {
		if (at->scope == scope)
			return true;
	}
	return false;
}

bool stays_inside(struct compile_state *state, const struct scope *scope,
		  const struct loose_column *at,
		  const struct loose_column *end)
{
	for (; at != NULL && at != end; at = at->next) {
		for (int i = 0; at->scope == scope && i < scope->fenced; i++) {
			if (scope->ranges[i] == at->range)
				return compile_fail(state, at->location,
						    SQLSTATE_FEATURE_NOT_SUPPORTED,
						    "LATERAL inside a RIGHT or FULL JOIN after a comma is not supported on SQLite");
		}
	}
	return true;
}

static const char *from_subselect(struct compile_state *state,
				  struct scope *scope, RangeSubselect *node)
{
	struct loose_column *before = state->outer;
	/* A plain subquery sees the outer query, not the tables beside it. */
	struct scope hidden = { .parent = scope->parent, .ctes = scope->ctes };
	const char *alias;
	struct query query;
	struct range *range;

	if (node->alias == NULL) {
		compile_fail(state, -1, SQLSTATE_SYNTAX,
			     "subquery in FROM must have an alias");
		error_hint(state->error,
			   "For example, FROM (SELECT ...) [AS] foo.");
		return NULL;
	}
	state->rows_allowed = !node->lateral;
	if (!select_query(state, node->lateral ? scope : &hidden,
			  (SelectStmt *)node->subquery, &query))
		return NULL;
	alias = new_alias(state);
	range = range_of_query(state, node->alias->aliasname, alias,
			       query.columns, query.column_count);
	if (node->lateral && looked_left(state, scope, before)) {
		const char *sql = print_lateral(state, &query, range, alias);

		if (!stays_inside(state, scope, state->outer, before))
			return NULL;
		if (!add_aliased(state, scope, range, node->alias, -1))
			return NULL;
		return sql;
	}
	if (!add_aliased(state, scope, range, node->alias, -1))
		return NULL;
	return arena_printf(state->arena, "(%s) AS %s", query.sql, alias);
}

/* A query says by a column of its own whether a row of it is there. */
static const char *mark_rows(struct compile_state *state, struct range *range,
			     const char *sql)
{
	if (!state->marks_rows || range->present != NULL)
		return sql;
	range->present = arena_printf(state->arena, "(%s.present IS NOT NULL)",
				      range->alias);
	return arena_printf(state->arena,
			    "(SELECT 1 AS present, * FROM %s) AS %s", sql,
			    range->alias);
}

const char *from_item(struct compile_state *state, struct scope *scope,
		      Node *node)
{
	const char *sql = NULL;

	if (!compile_enter(state))
		return NULL;
	switch (nodeTag(node)) {
	case T_RangeVar:
		sql = from_table(state, scope, (RangeVar *)node);
		break;
	case T_RangeSubselect:
		sql = from_subselect(state, scope, (RangeSubselect *)node);
		break;
	case T_RangeFunction:
		sql = from_function(state, scope, (RangeFunction *)node);
		break;
	case T_JoinExpr:
		sql = from_join(state, scope, (JoinExpr *)node);
		break;
	default:
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "this item of FROM is not supported on SQLite");
		break;
	}
	if (sql != NULL && !IsA(node, JoinExpr) && !IsA(node, RangeFunction))
		sql = mark_rows(state, scope->ranges[scope->range_count - 1],
				sql);
	compile_leave(state);
	return sql;
}

/* SQLite gives a comma and JOIN the same rank: a RIGHT or FULL JOIN after a
 * comma must not swallow what stands before it. */
static bool needs_parentheses(Node *node)
{
	JoinExpr *join = (JoinExpr *)node;

	if (!IsA(node, JoinExpr))
		return false;
	return join->jointype == JOIN_RIGHT || join->jointype == JOIN_FULL ||
	       needs_parentheses(join->larg) || needs_parentheses(join->rarg);
}

const char *from_clause(struct compile_state *state, struct scope *scope,
			List *items)
{
	const char *sql = "";
	ListCell *cell;

	foreach(cell, items)
		scope->keeps_unmatched |= needs_parentheses(lfirst(cell));
	foreach(cell, items) {
		const char *item;
		bool first = sql[0] == '\0';

		scope->fenced = needs_parentheses(lfirst(cell)) ?
				scope->range_count : 0;
		item = from_item(state, scope, lfirst(cell));
		if (item == NULL)
			return NULL;
		if (!first && needs_parentheses(lfirst(cell)))
			item = arena_printf(state->arena, "(%s)", item);
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   first ? "" : ", ", item);
	}
	return sql;
}

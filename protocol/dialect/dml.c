/* What INSERT, UPDATE and DELETE share: assignment, defaults, RETURNING. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"
#include "protocol/dialect/domain.h"
#include "protocol/dialect/foreign.h"

bool check_writable(struct compile_state *state,
		    const struct schema_table *table, const char *what,
		    int location)
{
	if (table->catalog)
		return compile_fail(state, location,
				    SQLSTATE_INSUFFICIENT_PRIVILEGE,
				    "permission denied for table %s",
				    table->name);
	if (table->kind == 'm')
		return compile_fail(state, -1, "42809",
				    "cannot change materialized view \"%s\"",
				    table->name);
	if (table->kind == 'v')
		return compile_fail(state, location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "cannot %s view \"%s\" on SQLite", what,
				    table->name);
	state->writes = true;
	return true;
}

const struct schema_column *target_column(struct compile_state *state,
					  const struct schema_table *table,
					  const ResTarget *target)
{
	const struct schema_column *column =
		schema_find_column(table, target->name);

	if (column == NULL) {
		compile_fail(state, target->location, SQLSTATE_UNDEFINED_COLUMN,
			     "column \"%s\" of relation \"%s\" does not exist",
			     target->name, table->name);
		return NULL;
	}
	if (target->indirection != NIL) {
		compile_fail(state, target->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "assigning to an element of column \"%s\" is not supported on SQLite",
			     target->name);
		return NULL;
	}
	return column;
}

struct expr *assign(struct compile_state *state, struct expr *value,
		    const struct schema_column *column, int location)
{
	if (value->kind == EXPR_ROW ||
	    !can_coerce(state, value->type, column->type, 'a')) {
		compile_fail(state, location, SQLSTATE_DATATYPE_MISMATCH,
			     "column \"%s\" is of type %s but expression is of type %s",
			     column->name, type_text(state, column->type, -1),
			     type_text(state, value->type, -1));
		error_hint(state->error,
			   "You will need to rewrite or cast the expression.");
		return NULL;
	}
	value = coerce(state, value, column->type, column->typmod, 'a',
		       location);
	if (value != NULL)
		value = domain_coerce(state, value, column->domain);
	if (value == NULL || column->foreign == NULL)
		return value;
	return expr_new(state, column->type,
			foreign_write_sql(state->arena, column, value->sql));
}

static const char *next_value(struct compile_state *state,
			      const struct schema_table *table,
			      const struct schema_column *column)
{
	const struct schema_sequence *sequence =
		schema_find_sequence(state->schema, table->schema,
				     column->sequence);

	if (sequence == NULL) {
		compile_fail(state, -1, SQLSTATE_UNDEFINED_TABLE,
			     "relation \"%s\" does not exist",
			     column->sequence);
		return NULL;
	}
	return arena_printf(state->arena, "pg_nextval(%u)", sequence->oid);
}

static const char *in_domain(struct compile_state *state,
			     const struct schema_column *column,
			     const char *sql)
{
	struct expr *value;

	if (sql == NULL || column->domain == 0)
		return sql;
	value = domain_coerce(state, expr_new(state, column->type, sql),
			      column->domain);
	return value == NULL ? NULL : value->sql;
}

/* A default is read by itself: no names, no parameters, no positions. */
const char *default_value(struct compile_state *state,
			  const struct schema_table *table,
			  const struct schema_column *column)
{
	const char *default_text = column->domain_default;
	struct slice text = state->text;
	struct sql_tree *tree;
	Node *node;
	const char *sql = NULL;

	if (column->lite_default) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "DEFAULT for column \"%s\" is not supported: its default is an expression of SQLite's",
			     column->name);
		error_hint(state->error, "Leave the column out of the INSERT.");
		return NULL;
	}
	if (column->default_text != NULL)
		default_text = column->default_text;
	if (default_text == NULL)
		return in_domain(state, column, column->sequence != NULL ?
				 next_value(state, table, column) : "NULL");
	tree = parse_expression(state, default_text, &node);
	if (tree == NULL)
		return NULL;
	state->text = slice_make(NULL, 0);
	state->kept_depth++;
	if (!compile_value_expr(state, node, NULL, column->type,
				column->typmod, "DEFAULT expressions", &sql))
		sql = NULL;
	state->kept_depth--;
	state->text = text;
	sql_tree_free(&tree);
	sql = in_domain(state, column, sql);
	return sql == NULL ? NULL :
	       foreign_write_sql(state->arena, column, sql);
}

bool has_default(const struct schema_column *column)
{
	/* A domain may have one, or refuse NULL. */
	return column->default_text != NULL || column->sequence != NULL ||
	       column->identity != 0 || column->domain != 0;
}

/* NULL: there is none; false: failed. */
bool returning_clause(struct compile_state *state, struct scope *scope,
		      List *list, struct compiled *out, const char **ret_sql)
{
	struct expr_list targets = { .count = 0 };
	struct buffer sql = { 0 };
	bool read;

	*ret_sql = "";
	if (list == NIL)
		return true;
	scope->no_aggregates = scope->no_windows = "RETURNING";
	scope->no_sets = "RETURNING";
	state->changing = scope->range_count > 0 ? scope->ranges[0]->table :
			  NULL;
	read = read_targets(state, scope, list, &targets);
	state->changing = NULL;
	if (!read)
		return false;
	for (int i = 0; i < targets.count; i++) {
		targets.items[i] = settle(state, targets.items[i]);
		if (targets.items[i] == NULL) {
			buffer_fini(&sql);
			return false;
		}
		buffer_put_text(&sql, i == 0 ? " RETURNING " : ", ");
		buffer_put_text(&sql, targets.items[i]->sql);
	}
	out->columns = columns_of(state, &targets);
	out->column_count = targets.count;
	*ret_sql = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return true;
}

/* One "column" = value of SET. */
static const char *set_one(struct compile_state *state, struct scope *scope,
			   const struct schema_table *table,
			   const struct schema_column *column, Node *node,
			   int location)
{
	struct expr *value;
	const char *sql;

	if (node != NULL && IsA(node, SetToDefault)) {
		sql = default_value(state, table, column);
		return sql == NULL ? NULL :
		       arena_printf(state->arena, "%s = %s",
				    print_name(state->arena, column->name),
				    sql);
	}
	value = expr_read(state, scope, node);
	if (value == NULL ||
	    (value = assign(state, value, column,
			    expr_location(node))) == NULL)
		return NULL;
	if (column->generated != 0 || column->identity == 'a') {
		compile_fail(state, location, "428C9",
			     "column \"%s\" can only be updated to DEFAULT",
			     column->name);
		error_detail(state->error, column->generated != 0 ?
			     "Column \"%s\" is a generated column." :
			     "Column \"%s\" is an identity column defined as GENERATED ALWAYS.",
			     column->name);
		return NULL;
	}
	return arena_printf(state->arena, "%s = %s",
			    print_name(state->arena, column->name),
			    value->sql);
}

/* (a, b) = (SELECT ...): all at once. */
static const char *set_from_query(struct compile_state *state,
				  struct scope *scope,
				  const struct schema_table *table,
				  List *targets, int first, int count,
				  SubLink *link)
{
	const char *names = "", *values = "";
	const char *alias = new_alias(state);
	struct query query;

	if (!select_query(state, scope, (SelectStmt *)link->subselect, &query))
		return NULL;
	if (query.column_count != count) {
		compile_fail(state, link->location, SQLSTATE_SYNTAX,
			     "number of columns does not match number of values");
		return NULL;
	}
	for (int i = 0; i < count; i++) {
		ResTarget *target = list_nth(targets, first + i);
		const struct schema_column *column =
			target_column(state, table, target);
		struct expr *value = expr_new(state, query.columns[i].type,
			arena_printf(state->arena, "%s.column%d", alias,
				     i + 1));

		if (column == NULL)
			return NULL;
		value->typmod = query.columns[i].typmod;
		value = assign(state, value, column, target->location);
		if (value == NULL)
			return NULL;
		names = arena_printf(state->arena, "%s%s%s", names,
				     i > 0 ? ", " : "",
				     print_name(state->arena, column->name));
		values = arena_printf(state->arena, query.is_single ?
				      "%s%s%s" : "%s%spg_only(%s)", values,
				      i > 0 ? ", " : "", value->sql);
	}
	return arena_printf(state->arena,
			    "(%s) = (SELECT %s FROM (%s) AS %s)", names,
			    values, query.sql, alias);
}

static const char *set_multiple(struct compile_state *state,
				struct scope *scope,
				const struct schema_table *table,
				List *targets, int first, int *ret_count)
{
	ResTarget *target = list_nth(targets, first);
	MultiAssignRef *reference = (MultiAssignRef *)target->val;
	const char *sql = "";

	*ret_count = reference->ncolumns;
	if (IsA(reference->source, SubLink))
		return set_from_query(state, scope, table, targets, first,
				      reference->ncolumns,
				      (SubLink *)reference->source);
	if (!IsA(reference->source, RowExpr) ||
	    list_length(((RowExpr *)reference->source)->args) !=
	    reference->ncolumns) {
		compile_fail(state, target->location, SQLSTATE_SYNTAX,
			     IsA(reference->source, RowExpr) ?
			     "number of columns does not match number of values" :
			     "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression");
		return NULL;
	}
	for (int i = 0; i < reference->ncolumns; i++) {
		ResTarget *one = list_nth(targets, first + i);
		const struct schema_column *column =
			target_column(state, table, one);
		const char *part = column == NULL ? NULL :
			set_one(state, scope, table, column,
				list_nth(((RowExpr *)reference->source)->args,
					 i), one->location);

		if (part == NULL)
			return NULL;
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   i > 0 ? ", " : "", part);
	}
	return sql;
}

const char *set_clause(struct compile_state *state, struct scope *scope,
		       const struct schema_table *table, List *targets)
{
	const char *sql = "";
	int count = list_length(targets);

	for (int i = 0; i < count;) {
		ResTarget *target = list_nth(targets, i);
		const struct schema_column *column =
			target_column(state, table, target);
		const char *part;
		int taken = 1;

		if (column == NULL)
			return NULL;
		for (int k = 0; k < i; k++) {
			if (strcmp(((ResTarget *)list_nth(targets, k))->name,
				   target->name) != 0)
				continue;
			compile_fail(state, target->location, SQLSTATE_SYNTAX,
				     "multiple assignments to same column \"%s\"",
				     target->name);
			return NULL;
		}
		part = IsA(target->val, MultiAssignRef) ?
		       set_multiple(state, scope, table, targets, i, &taken) :
		       set_one(state, scope, table, column, target->val,
			       target->location);
		if (part == NULL)
			return NULL;
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   i > 0 ? ", " : "", part);
		i += taken;
	}
	return sql;
}

/* COPY and TRUNCATE. The engine reads COPY's options from the node. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"
#include "protocol/dialect/foreign.h"
#include "protocol/dialect/key_order.h"

static bool copy_columns(struct compile_state *state, CopyStmt *statement,
			 const struct schema_table *table,
			 const struct schema_column **columns, int *ret_count)
{
	int count = 0;
	ListCell *cell;

	foreach(cell, statement->attlist) {
		const char *name = strVal(lfirst(cell));
		const struct schema_column *column =
			schema_find_column(table, name);

		if (column == NULL)
			return compile_fail(state, -1,
					    SQLSTATE_UNDEFINED_COLUMN,
					    "column \"%s\" of relation \"%s\" does not exist",
					    name, table->name);
		for (int i = 0; i < count; i++) {
			if (columns[i] == column)
				return compile_fail(state, -1,
						    SQLSTATE_DUPLICATE_COLUMN,
						    "column \"%s\" specified more than once",
						    name);
		}
		if (column->generated != 0)
			return compile_fail(state, -1, "42P10",
					    "column \"%s\" is a generated column",
					    name);
		columns[count++] = column;
	}
	for (int i = 0; statement->attlist == NIL && i < table->column_count;
	     i++) {
		if (table->columns[i].generated == 0)
			columns[count++] = &table->columns[i];
	}
	*ret_count = count;
	return true;
}

static void describe(struct compile_state *state,
		     const struct schema_table *table,
		     const struct schema_column **columns, int count,
		     struct compiled *out)
{
	out->columns = arena_alloc(state->arena, sizeof(*out->columns) *
				   (size_t)(count + 1));
	out->column_count = count;
	for (int i = 0; i < count; i++)
		out->columns[i] = (struct compiled_column){
			.name = columns[i]->name,
			.type = columns[i]->type,
			.typmod = columns[i]->typmod,
			.table = table->oid,
			.number = columns[i]->attribute,
		};
}

static bool is_copied(const struct schema_column *column,
		      const struct schema_column **columns, int count)
{
	for (int i = 0; i < count; i++) {
		if (columns[i] == column)
			return true;
	}
	return false;
}

/* What a row of COPY FROM is made of. */
struct copied_row {
	const char *names, *values;	/* of the INSERT */
	const char *named_values;	/* value AS name, ... */
	const char *absent;		/* NULL AS name, ... of the rest */
};

static void add_named(struct compile_state *state, const char **list,
		      const char *value, const char *name)
{
	*list = arena_printf(state->arena, "%s%s%s AS %s", *list,
			     (*list)[0] == '\0' ? "" : ", ", value, name);
}

static void add_value(struct compile_state *state, struct copied_row *row,
		      const struct schema_column *column, const char *value)
{
	const char *name = print_name(state->arena, column->name);
	const char *comma = row->names[0] == '\0' ? "" : ", ";

	row->names = arena_printf(state->arena, "%s%s%s", row->names, comma,
				  name);
	row->values = arena_printf(state->arena, "%s%s%s", row->values, comma,
				   value);
	add_named(state, &row->named_values, value, name);
}

static bool add_copied(struct compile_state *state, struct copied_row *row,
		       const struct schema_column **columns, int count)
{
	state->parameters = arena_alloc(state->arena, sizeof(uint32_t) *
					(size_t)(count + 1));
	state->parameter_count = count;
	state->parameters_capacity = count + 1;
	for (int i = 0; i < count; i++) {
		struct expr *value = expr_new(state, columns[i]->type,
			arena_printf(state->arena, "?%d", i + 1));

		state->parameters[i] = columns[i]->type;
		value = assign(state, value, columns[i], -1);
		if (value == NULL)
			return false;
		add_value(state, row, columns[i], value->sql);
	}
	return true;
}

static bool add_defaults(struct compile_state *state, struct copied_row *row,
			 const struct schema_table *table,
			 const struct schema_column **columns, int count)
{
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];
		const char *value;

		if (is_copied(column, columns, count))
			continue;
		if (column->generated != 0 || !has_default(column)) {
			add_named(state, &row->absent, "NULL",
				  print_name(state->arena, column->name));
			continue;
		}
		value = default_value(state, table, column);
		if (value == NULL)
			return false;
		add_value(state, row, column, value);
	}
	return true;
}

/* --- COPY FROM ... WHERE ---------------------------------------------------------- */

#define COPY_CONDITION "COPY FROM WHERE condition"

/* The row as it will be stored, were it not for what may not be NULL. */
static struct range *row_range(struct compile_state *state,
			       const struct schema_table *table,
			       const char *alias)
{
	struct range *range = range_of_table(state, table, table->name, alias);

	range->present = NULL;
	for (int i = 0; i < table->column_count; i++)
		range->columns[i].not_null = false;
	return range;
}

struct condition_walk {
	struct compile_state *state;
	const struct schema_table *table;
};

/* Postgres has not computed them yet. */
static bool refuse_generated(const struct condition_walk *walk,
			     const ColumnRef *reference)
{
	Node *last = llast(reference->fields);
	const struct schema_column *column = IsA(last, String) ?
		schema_find_column(walk->table, strVal(last)) : NULL;

	if (column == NULL || column->generated == 0)
		return true;
	compile_fail(walk->state, -1, "42P10",
		     "generated columns are not supported in " COPY_CONDITION "s");
	error_detail(walk->state->error,
		     "Column \"%s\" is a generated column.", column->name);
	return false;
}

static bool see_node(Node *node, int depth, void *context)
{
	const struct condition_walk *walk = context;

	(void)depth;
	if (IsA(node, ColumnRef))
		return refuse_generated(walk,
				(const ColumnRef *)(const void *)node);
	return !IsA(node, SubLink) ||
	       compile_fail(walk->state,
			    ((const SubLink *)(const void *)node)->location,
			    SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "cannot use subquery in " COPY_CONDITION);
}

static struct expr *read_condition(struct compile_state *state, Node *node,
				   const struct schema_table *table,
				   const char *alias)
{
	struct condition_walk walk = { state, table };
	struct scope scope = {
		.no_aggregates = COPY_CONDITION "s",
		.no_windows = COPY_CONDITION "s",
		.no_sets = COPY_CONDITION "s",
	};
	bool refused = state->parameters_refused;
	struct expr *expr = NULL;

	state->parameters_refused = true;
	if (scope_add(state, &scope, row_range(state, table, alias), -1) &&
	    sql_walk(node, see_node, &walk, state->error))
		expr = expr_condition(state, &scope, node, "WHERE");
	state->parameters_refused = refused;
	return expr;
}

/*
 * The defaults count before the condition is asked, and once: the LIMIT keeps
 * SQLite from computing them in two places.
 */
static const char *insert_where(struct compile_state *state, Node *node,
				const struct schema_table *table,
				const struct copied_row *row)
{
	const char *alias = new_alias(state);
	struct expr *condition = read_condition(state, node, table, alias);

	if (condition == NULL)
		return NULL;
	if (table->foreign) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "COPY ... WHERE into a table of another program is not supported on SQLite");
		return NULL;
	}
	return arena_printf(state->arena,
		"INSERT INTO %s(%s) SELECT %s FROM (SELECT %s%s%s LIMIT 1) AS %s WHERE %s",
		print_table(state->arena, table), row->names, row->names,
		row->named_values, row->absent[0] == '\0' ? "" : ", ",
		row->absent, alias, condition->sql);
}

static const char *insert_row(struct compile_state *state, Node *condition,
			      const struct schema_table *table,
			      const struct copied_row *row)
{
	if (row->names[0] == '\0' && condition != NULL) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "COPY ... WHERE without columns is not supported on SQLite");
		return NULL;
	}
	if (condition != NULL)
		return insert_where(state, condition, table, row);
	if (row->names[0] == '\0')
		return arena_printf(state->arena,
				    "INSERT INTO %s DEFAULT VALUES",
				    print_table(state->arena, table));
	return arena_printf(state->arena, "INSERT INTO %s(%s) VALUES (%s)",
			    print_table(state->arena, table), row->names,
			    row->values);
}

static bool copy_in(struct compile_state *state, CopyStmt *statement,
		    const struct schema_table *table,
		    const struct schema_column **columns, int count,
		    struct compiled *out)
{
	struct copied_row row = { "", "", "", "" };

	if (!check_writable(state, table, "copy to",
			    statement->relation->location) ||
	    !add_copied(state, &row, columns, count) ||
	    !add_defaults(state, &row, table, columns, count))
		return false;
	for (int i = 0; i < table->constraint_count; i++)
		out->waits_for_rows |= key_points_at(&table->constraints[i],
						     table);
	out->kind = COMPILED_COPY_IN;
	out->sql = insert_row(state, statement->whereClause, table, &row);
	return out->sql != NULL;
}

static bool copy_query(struct compile_state *state, CopyStmt *statement,
		       struct compiled *out)
{
	struct query query;

	switch (nodeTag(statement->query)) {
	case T_SelectStmt:
		if (!select_query(state, NULL, (SelectStmt *)statement->query,
				  &query))
			return false;
		out->sql = query.sql;
		out->columns = query.columns;
		out->column_count = query.column_count;
		break;
	case T_InsertStmt:
		if (!compile_insert(state, (InsertStmt *)statement->query, out))
			return false;
		break;
	case T_UpdateStmt:
		if (!compile_update(state, (UpdateStmt *)statement->query, out))
			return false;
		break;
	default:
		if (!compile_delete(state, (DeleteStmt *)statement->query, out))
			return false;
		break;
	}
	out->kind = COMPILED_COPY_OUT;
	if (out->columns == NULL)
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "COPY query must have a RETURNING clause");
	return true;
}

static bool copy_out(struct compile_state *state,
		     const struct schema_table *table,
		     const struct schema_column **columns, int count,
		     struct compiled *out)
{
	const char *names = "";

	if (table->kind != 'r' && !table->catalog) {
		compile_fail(state, -1, "42809", "cannot copy from %s \"%s\"",
			     table->kind == 'v' ? "view" : "materialized view",
			     table->name);
		error_hint(state->error, "Try the COPY (SELECT ...) TO variant.");
		return false;
	}
	if (table->catalog)
		state->uses_catalog = true;
	for (int i = 0; i < count; i++)
		names = arena_printf(state->arena, "%s%s%s", names,
				     i > 0 ? ", " : "",
				     foreign_read_sql(state->arena, columns[i],
						      ""));
	out->kind = COMPILED_COPY_OUT;
	out->sql = arena_printf(state->arena, "SELECT %s FROM %s",
				count == 0 ? "1" : names,
				print_table(state->arena, table));
	return true;
}

bool compile_copy(struct compile_state *state, CopyStmt *statement,
		  struct compiled *out)
{
	const struct schema_table *table;
	const struct schema_column **columns;
	int count;

	out->tag = "COPY";
	out->node = (Node *)statement;
	if (statement->filename != NULL) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "COPY to or from a file on the server is not supported");
		error_hint(state->error,
			   "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.");
		return false;
	}
	if (statement->query != NULL)
		return copy_query(state, statement, out);
	/* Postgres finds it when COPY runs, and points nowhere. */
	statement->relation->location = -1;
	table = compile_find_table(state, statement->relation);
	if (table == NULL)
		return false;
	columns = arena_alloc(state->arena, sizeof(*columns) *
			      (size_t)(table->column_count +
				       list_length(statement->attlist) + 1));
	if (!copy_columns(state, statement, table, columns, &count))
		return false;
	describe(state, table, columns, count, out);
	return statement->is_from ?
	       copy_in(state, statement, table, columns, count, out) :
	       copy_out(state, table, columns, count, out);
}

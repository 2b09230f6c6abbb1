/*
 * INSERT: every column that has a default gets it here, by name, for SQLite
 * is not asked for defaults of its own.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

struct insert_work {
	InsertStmt *statement;
	const struct schema_table *table;
	struct scope scope;
	const struct schema_column **columns;	/* those with values */
	int column_count;
	const char *defaults;	/* ", pg_nextval(5), ..." of the others */
	const char *names;	/* "a", "b" in the same order */
};

static bool add_target(struct compile_state *state, struct insert_work *work,
		       const struct schema_column *column, int location)
{
	for (int i = 0; i < work->column_count; i++) {
		if (work->columns[i] == column)
			return compile_fail(state, location,
					    SQLSTATE_DUPLICATE_COLUMN,
					    "column \"%s\" specified more than once",
					    column->name);
	}
	work->columns[work->column_count++] = column;
	return true;
}

static bool read_columns(struct compile_state *state, struct insert_work *work)
{
	const struct schema_table *table = work->table;
	ListCell *cell;

	work->columns = arena_alloc(state->arena, sizeof(*work->columns) *
		(size_t)(table->column_count +
			 list_length(work->statement->cols) + 1));
	foreach(cell, work->statement->cols) {
		ResTarget *target = lfirst(cell);
		const struct schema_column *column =
			target_column(state, table, target);

		if (column == NULL || !add_target(state, work, column,
						  target->location))
			return false;
	}
	if (work->statement->cols == NIL &&
	    work->statement->selectStmt != NULL) {
		for (int i = 0; i < table->column_count; i++)
			work->columns[work->column_count++] =
				&table->columns[i];
	}
	return true;
}

static bool is_given(const struct insert_work *work,
		     const struct schema_column *column)
{
	for (int i = 0; i < work->column_count; i++) {
		if (work->columns[i] == column)
			return true;
	}
	return false;
}

/* Fewer values than columns: the first columns take them (only without a
 * column list); the rest are defaults. */
static bool fit_columns(struct compile_state *state, struct insert_work *work,
			int values, int location)
{
	if (values > work->column_count)
		return compile_fail(state, location, SQLSTATE_SYNTAX,
				    "INSERT has more expressions than target columns");
	if (values < work->column_count && work->statement->cols != NIL)
		return compile_fail(state, ((ResTarget *)list_nth(
				    work->statement->cols, values))->location,
				    SQLSTATE_SYNTAX,
				    "INSERT has more target columns than expressions");
	work->column_count = values;
	return true;
}

/* A generated column is computed by SQLite and takes no value at all. */
static bool is_computed(const struct schema_column *column)
{
	return column->generated != 0;
}

static bool print_names(struct compile_state *state, struct insert_work *work)
{
	const char *names = "", *defaults = "";

	for (int i = 0; i < work->column_count; i++) {
		if (is_computed(work->columns[i]))
			continue;
		names = arena_printf(state->arena, "%s%s%s", names,
				     names[0] == '\0' ? "" : ", ",
				     print_name(state->arena,
						work->columns[i]->name));
	}
	for (int i = 0; i < work->table->column_count; i++) {
		const struct schema_column *column = &work->table->columns[i];
		const char *value;

		if (is_given(work, column) || is_computed(column) ||
		    !has_default(column))
			continue;
		value = default_value(state, work->table, column);
		if (value == NULL)
			return false;
		names = arena_printf(state->arena, "%s%s%s", names,
				     names[0] == '\0' ? "" : ", ",
				     print_name(state->arena, column->name));
		defaults = arena_printf(state->arena, "%s%s%s", defaults,
					defaults[0] == '\0' ? "" : ", ",
					value);
	}
	work->names = names;
	work->defaults = defaults;
	return true;
}

/* Whether a value given for the column counts at all. */
static bool check_override(struct compile_state *state,
			   const struct insert_work *work,
			   const struct schema_column *column, int location,
			   bool *ret_use_default)
{
	*ret_use_default = column->identity != 0 &&
			   work->statement->override == OVERRIDING_USER_VALUE;
	if (*ret_use_default)
		return true;
	if (column->identity == 'a' &&
	    work->statement->override != OVERRIDING_SYSTEM_VALUE) {
		compile_fail(state, location, "428C9",
			     "cannot insert a non-DEFAULT value into column \"%s\"",
			     column->name);
		error_detail(state->error,
			     "Column \"%s\" is an identity column defined as GENERATED ALWAYS.",
			     column->name);
		error_hint(state->error,
			   "Use OVERRIDING SYSTEM VALUE to override.");
		return false;
	}
	if (is_computed(column)) {
		compile_fail(state, location, "428C9",
			     "cannot insert a non-DEFAULT value into column \"%s\"",
			     column->name);
		error_detail(state->error,
			     "Column \"%s\" is a generated column.",
			     column->name);
		return false;
	}
	return true;
}

static const char *read_value(struct compile_state *state,
			      struct insert_work *work,
			      const struct schema_column *column, Node *node)
{
	struct expr *value;
	bool use_default = false;
	struct scope none = { .parent = &work->scope,
			      .ctes = work->scope.ctes,
			      .no_aggregates = "VALUES",
			      .no_windows = "VALUES", .no_sets = "VALUES" };

	if (IsA(node, SetToDefault))
		return default_value(state, work->table, column);
	value = expr_read(state, &none, node);
	if (value == NULL || (value = assign(state, value, column,
					     expr_location(node))) == NULL ||
	    !check_override(state, work, column, expr_location(node),
			    &use_default))
		return NULL;
	return use_default ? default_value(state, work->table, column) :
	       value->sql;
}

static bool put_row(struct compile_state *state, struct insert_work *work,
		    List *row, struct buffer *sql)
{
	bool first = true;

	buffer_put_text(sql, "(");
	for (int i = 0; i < work->column_count; i++) {
		Node *node = list_nth(row, i);
		const char *value;

		if (is_computed(work->columns[i]) && IsA(node, SetToDefault))
			continue;
		value = read_value(state, work, work->columns[i], node);
		if (value == NULL)
			return false;
		buffer_put_text(sql, first ? "" : ", ");
		buffer_put_text(sql, value);
		first = false;
	}
	if (work->defaults[0] != '\0') {
		buffer_put_text(sql, first ? "" : ", ");
		buffer_put_text(sql, work->defaults);
	}
	buffer_put_text(sql, ")");
	return true;
}

static const char *insert_values(struct compile_state *state,
				 struct insert_work *work, SelectStmt *values)
{
	int width = list_length(linitial(values->valuesLists));
	struct buffer sql = { 0 };
	const char *text;
	bool first = true;
	ListCell *cell;

	if (!fit_columns(state, work, width, width > work->column_count ?
			 expr_location(list_nth(linitial(values->valuesLists),
						work->column_count)) : -1) ||
	    !print_names(state, work))
		return NULL;
	buffer_put_text(&sql, "VALUES ");
	foreach(cell, values->valuesLists) {
		List *row = lfirst(cell);

		if (list_length(row) != width) {
			buffer_fini(&sql);
			compile_fail(state, expr_location(linitial(row)),
				     SQLSTATE_SYNTAX,
				     "VALUES lists must all be the same length");
			return NULL;
		}
		buffer_put_text(&sql, first ? "" : ", ");
		first = false;
		if (!put_row(state, work, row, &sql)) {
			buffer_fini(&sql);
			return NULL;
		}
	}
	text = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return text;
}

/* The query's columns, assigned one by one on top of it: sequences count its
 * rows in its order, which a materialised query keeps. */
static const char *insert_query(struct compile_state *state,
				struct insert_work *work, SelectStmt *select,
				const char **with)
{
	struct draft *draft;
	struct query query;
	uint32_t *types;
	int32_t *typmods;
	const char *alias, *source, *values = "";

	if (!select_draft(state, &work->scope, select, &draft) ||
	    !fit_columns(state, work, draft->column_count, -1))
		return NULL;
	types = arena_alloc(state->arena, sizeof(*types) *
			    (size_t)(draft->column_count + 1));
	typmods = arena_alloc(state->arena, sizeof(*typmods) *
			      (size_t)(draft->column_count + 1));
	if (!draft_types(state, draft, types, typmods))
		return NULL;
	for (int i = 0; i < draft->column_count; i++)
		types[i] = types[i] == OID_UNKNOWN ? work->columns[i]->type : 0;
	if (!draft_print(state, draft, types, &query) ||
	    !print_names(state, work))
		return NULL;
	alias = new_alias(state);
	for (int i = 0; i < query.column_count; i++) {
		struct expr *value = expr_new(state, query.columns[i].type,
			arena_printf(state->arena, "%s.column%d", alias,
				     i + 1));
		bool use_default;

		value->typmod = query.columns[i].typmod;
		if (!check_override(state, work, work->columns[i], -1,
				    &use_default))
			return NULL;
		value = assign(state, value, work->columns[i],
			       draft->outputs != NULL ?
			       draft->outputs[i]->location : -1);
		if (value == NULL)
			return NULL;
		if (use_default) {
			value->sql = default_value(state, work->table,
						   work->columns[i]);
			if (value->sql == NULL)
				return NULL;
		}
		values = arena_printf(state->arena, "%s%s%s", values,
				      i > 0 ? ", " : "", value->sql);
	}
	if (work->defaults[0] != '\0')
		values = arena_printf(state->arena, "%s%s%s", values,
				      values[0] == '\0' ? "" : ", ",
				      work->defaults);
	source = arena_printf(state->arena, "(%s)", query.sql);
	if (query.is_sorted) {
		const char *name = arena_printf(state->arena, "_c%d",
						++state->alias_count);

		*with = arena_printf(state->arena, "%s%s AS MATERIALIZED %s ",
				     (*with)[0] == '\0' ? "WITH " :
				     arena_printf(state->arena, "%s, ", *with),
				     name, source);
		source = name;
	}
	/* SQLite would take the ON of ON CONFLICT for a join's. */
	return arena_printf(state->arena, "SELECT %s FROM %s AS %s%s", values,
			    source, alias,
			    work->statement->onConflictClause != NULL ?
			    " WHERE 1" : "");
}

static const char *insert_source(struct compile_state *state,
				 struct insert_work *work, const char **with)
{
	SelectStmt *select = (SelectStmt *)work->statement->selectStmt;

	if (select == NULL) {
		if (!print_names(state, work))
			return NULL;
		return work->defaults[0] == '\0' ? "DEFAULT VALUES" :
		       arena_printf(state->arena, "VALUES (%s)",
				    work->defaults);
	}
	if (select->valuesLists != NIL && select->sortClause == NIL &&
	    select->limitCount == NULL && select->limitOffset == NULL &&
	    select->withClause == NULL)
		return insert_values(state, work, select);
	return insert_query(state, work, select, with);
}

static bool open_target(struct compile_state *state, struct insert_work *work)
{
	RangeVar *name = work->statement->relation;
	struct range *range;

	work->table = compile_find_table(state, name);
	if (work->table == NULL ||
	    !check_writable(state, work->table, "insert into", name->location))
		return false;
	range = range_of_table(state, work->table, name->alias != NULL ?
			       name->alias->aliasname : name->relname, "");
	if (name->alias == NULL)
		range->schema = work->table->schema;
	work->scope.ranges = arena_alloc(state->arena, sizeof(range) * 2);
	work->scope.ranges[0] = range;
	work->scope.range_capacity = 2;
	return true;
}

/* Whether there may be more rows than one. */
static bool inserts_several(const struct insert_work *work)
{
	SelectStmt *select = (SelectStmt *)work->statement->selectStmt;

	/* Without rowids nobody can tell the rows apart. */
	return select != NULL && list_length(select->valuesLists) != 1 &&
	       !work->table->adopted;
}

bool compile_insert(struct compile_state *state, InsertStmt *statement,
		    struct compiled *out)
{
	struct insert_work work = { .statement = statement };
	const char *with, *source, *conflict, *returning;
	bool several;

	if (!open_target(state, &work) || !read_columns(state, &work))
		return false;
	with = with_clause(state, &work.scope, statement->withClause);
	if (with == NULL)
		return false;
	source = insert_source(state, &work, &with);
	if (source == NULL)
		return false;
	/* The table itself is in sight from here on only. */
	work.scope.range_count = 1;
	several = inserts_several(&work);
	conflict = conflict_clause(state, &work.scope, work.table,
				   statement->onConflictClause, several);
	if (conflict == NULL ||
	    !returning_clause(state, &work.scope, statement->returningList,
			      out, &returning))
		return false;
	if (several && statement->onConflictClause != NULL &&
	    statement->onConflictClause->action == ONCONFLICT_UPDATE)
		out->once = work.table->oid;
	out->kind = COMPILED_INSERT;
	out->many = !inserts_few(statement);
	out->tag = "INSERT 0";
	out->sql = arena_printf(state->arena, "%sINSERT INTO %s%s%s%s %s%s%s",
				with, print_table(state->arena, work.table),
				work.names[0] == '\0' ? "" : "(", work.names,
				work.names[0] == '\0' ? "" : ")", source,
				conflict, returning);
	return true;
}

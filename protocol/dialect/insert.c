/*
 * INSERT: every column that has a default gets it here, by name, for SQLite
 * is not asked for defaults of its own.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

/* What a value is assigned to. */
struct insert_target {
	int column;		/* among those with values */
	const ResTarget *node;	/* NULL where there is no list of columns */
};

struct insert_work {
	InsertStmt *statement;
	const struct schema_table *table;
	struct scope scope;
	struct assignments columns;	/* those with values */
	struct insert_target *targets;
	int target_count;
	const char *defaults;	/* ", pg_nextval(5), ..." of the others */
	const char *names;	/* "a", "b" in the same order */
};

static const struct schema_column *column_of(const struct insert_work *work,
					     int target)
{
	return work->columns.items[work->targets[target].column].column;
}

static bool add_target(struct compile_state *state, struct insert_work *work,
		       const struct schema_column *column,
		       const ResTarget *node)
{
	struct assignment *item = assignment_of(&work->columns, column, node);

	if (item == NULL)
		return compile_fail(state, node->location,
				    SQLSTATE_DUPLICATE_COLUMN,
				    "column \"%s\" specified more than once",
				    column->name);
	work->targets[work->target_count++] = (struct insert_target){
		.column = (int)(item - work->columns.items), .node = node,
	};
	return true;
}

static bool read_columns(struct compile_state *state, struct insert_work *work)
{
	const struct schema_table *table = work->table;
	int capacity = table->column_count +
		       list_length(work->statement->cols) + 1;
	ListCell *cell;

	assignments_init(state, &work->columns, capacity);
	work->targets = arena_alloc(state->arena, sizeof(*work->targets) *
				    (size_t)capacity);
	foreach(cell, work->statement->cols) {
		ResTarget *target = lfirst(cell);
		const struct schema_column *column =
			target_column(state, table, target);

		if (column == NULL || !add_target(state, work, column, target))
			return false;
	}
	if (work->statement->cols == NIL &&
	    work->statement->selectStmt != NULL) {
		for (int i = 0; i < table->column_count; i++)
			add_target(state, work, &table->columns[i], NULL);
	}
	return true;
}

static bool is_given(const struct insert_work *work,
		     const struct schema_column *column)
{
	for (int i = 0; i < work->columns.count; i++) {
		if (work->columns.items[i].column == column)
			return true;
	}
	return false;
}

/* Fewer values than columns: the first columns take them (only without a
 * column list); the rest are defaults. */
static bool fit_columns(struct compile_state *state, struct insert_work *work,
			int values, int location)
{
	if (values > work->target_count)
		return compile_fail(state, location, SQLSTATE_SYNTAX,
				    "INSERT has more expressions than target columns");
	if (values < work->target_count && work->statement->cols != NIL)
		return compile_fail(state, ((ResTarget *)list_nth(
				    work->statement->cols, values))->location,
				    SQLSTATE_SYNTAX,
				    "INSERT has more target columns than expressions");
	if (work->statement->cols == NIL)
		work->target_count = work->columns.count = values;
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

	for (int i = 0; i < work->columns.count; i++) {
		const struct schema_column *column =
			work->columns.items[i].column;

		if (is_computed(column))
			continue;
		names = arena_printf(state->arena, "%s%s%s", names,
				     names[0] == '\0' ? "" : ", ",
				     print_name(state->arena, column->name));
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

static struct scope scope_of_values(struct insert_work *work)
{
	return (struct scope){ .parent = &work->scope,
			       .ctes = work->scope.ctes,
			       .no_aggregates = "VALUES",
			       .no_windows = "VALUES", .no_sets = "VALUES" };
}

static bool assign_value(struct compile_state *state, struct insert_work *work,
			 int target, struct expr *value, int location)
{
	const struct insert_target *to = &work->targets[target];
	struct assignment *item = &work->columns.items[to->column];
	struct scope none = scope_of_values(work);
	bool use_default = false;

	if (!assign_target(state, &none, item, to->node, "NULL", value,
			   location) ||
	    !check_override(state, work, item->column, location,
			    &use_default))
		return false;
	if (use_default)
		item->value = default_value(state, work->table, item->column);
	return item->value != NULL;
}

static bool read_value(struct compile_state *state, struct insert_work *work,
		       int target, Node *node)
{
	const struct insert_target *to = &work->targets[target];
	struct assignment *item = &work->columns.items[to->column];
	struct expr *value;
	struct scope none = scope_of_values(work);

	if (IsA(node, SetToDefault) && item->partial)
		return fail_part_default(state, to->node->location);
	if (IsA(node, SetToDefault)) {
		item->value = is_computed(item->column) ? "" :
			      default_value(state, work->table, item->column);
		return item->value != NULL;
	}
	value = expr_read(state, &none, node);
	return value != NULL && assign_value(state, work, target, value,
					     expr_location(node));
}

/* The values of a row, in the order of the names. */
static void put_values(const struct insert_work *work, struct buffer *sql)
{
	const char *comma = "";

	for (int i = 0; i < work->columns.count; i++) {
		if (is_computed(work->columns.items[i].column))
			continue;
		buffer_put_text(sql, comma);
		buffer_put_text(sql, work->columns.items[i].value);
		comma = ", ";
	}
	if (work->defaults[0] != '\0') {
		buffer_put_text(sql, comma);
		buffer_put_text(sql, work->defaults);
	}
}

static bool put_row(struct compile_state *state, struct insert_work *work,
		    List *row, struct buffer *sql)
{
	for (int i = 0; i < work->columns.count; i++)
		work->columns.items[i].part = NULL;
	for (int i = 0; i < work->target_count; i++) {
		if (!read_value(state, work, i, list_nth(row, i)))
			return false;
	}
	buffer_put_text(sql, "(");
	put_values(work, sql);
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

	if (!fit_columns(state, work, width, width > work->target_count ?
			 expr_location(list_nth(linitial(values->valuesLists),
						work->target_count)) : -1) ||
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

/* What is unknown takes the type of what it is assigned to. */
static bool query_types(struct compile_state *state, struct insert_work *work,
			struct draft *draft, struct query *ret_query)
{
	size_t count = (size_t)draft->column_count + 1;
	uint32_t *types = arena_alloc(state->arena, sizeof(*types) * count);
	int32_t *typmods = arena_alloc(state->arena, sizeof(*typmods) * count);

	if (!draft_types(state, draft, types, typmods))
		return false;
	for (int i = 0; i < draft->column_count; i++) {
		const struct schema_column *column = column_of(work, i);
		const ResTarget *node = work->targets[i].node;

		if (types[i] != OID_UNKNOWN)
			types[i] = 0;
		else if (node == NULL || node->indirection == NIL)
			types[i] = column->type;
		else if (!part_type(state, column, node, &types[i]))
			return false;
	}
	return draft_print(state, draft, types, ret_query);
}

static const char *query_values(struct compile_state *state,
				struct insert_work *work,
				const struct draft *draft,
				const struct query *query, const char *alias)
{
	struct buffer sql = { 0 };
	const char *text;

	for (int i = 0; i < query->column_count; i++) {
		struct expr *value = expr_new(state, query->columns[i].type,
			arena_printf(state->arena, "%s.column%d", alias,
				     i + 1));

		value->typmod = query->columns[i].typmod;
		if (!assign_value(state, work, i, value,
				  draft->outputs != NULL ?
				  draft->outputs[i]->location : -1))
			return NULL;
	}
	put_values(work, &sql);
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
	const char *alias, *source, *values;

	if (!select_draft(state, &work->scope, select, &draft) ||
	    !fit_columns(state, work, draft->column_count, -1) ||
	    !query_types(state, work, draft, &query) ||
	    !print_names(state, work))
		return NULL;
	alias = new_alias(state);
	values = query_values(state, work, draft, &query, alias);
	if (values == NULL)
		return NULL;
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

/* A row must have some column. */
static const char *any_column(struct compile_state *state,
			      const struct schema_table *table)
{
	for (int i = 0; i < table->column_count; i++)
		if (!is_computed(&table->columns[i]))
			return print_name(state->arena, table->columns[i].name);
	compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		     "MERGE into a table without columns is not supported on SQLite");
	return NULL;
}

static int count_values(const struct insert_work *work)
{
	int count = 0;

	for (int i = 0; i < work->table->column_count; i++) {
		const struct schema_column *column = &work->table->columns[i];

		count += !is_computed(column) &&
			 (is_given(work, column) || has_default(column));
	}
	return count;
}

static const char *merged_values(struct compile_state *state,
				 struct insert_work *work, List *values)
{
	struct buffer sql = { 0 };
	const char *text;

	for (int i = 0; i < work->target_count; i++)
		if (!read_value(state, work, i, list_nth(values, i)))
			return NULL;
	put_values(work, &sql);
	text = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return text;
}

const char *insert_merged(struct compile_state *state, struct scope *source,
			  MergeStmt *merge, MergeWhenClause *arm,
			  const char **ret_names, int *ret_count)
{
	SelectStmt values = { .type = T_SelectStmt };
	InsertStmt statement = {
		.type = T_InsertStmt, .relation = merge->relation,
		.cols = arm->targetList, .override = arm->override,
		.selectStmt = arm->values ? (Node *)&values : NULL,
	};
	struct insert_work work = { .statement = &statement, .scope = *source };
	const char *sql;

	work.table = compile_find_table(state, merge->relation);
	if (work.table == NULL || !read_columns(state, &work) ||
	    !fit_columns(state, &work, list_length(arm->values), -1) ||
	    !print_names(state, &work))
		return NULL;
	sql = merged_values(state, &work, arm->values);
	*ret_names = work.names;
	*ret_count = count_values(&work);
	if (sql == NULL || *ret_count > 0)
		return sql;
	*ret_count = 1;
	*ret_names = any_column(state, work.table);
	return *ret_names == NULL ? NULL : "NULL";
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
	bool several, updates;

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
	if (conflict == NULL)
		return false;
	updates = statement->onConflictClause != NULL &&
		  statement->onConflictClause->action == ONCONFLICT_UPDATE;
	range_add_xmax(state, work.scope.ranges[0], updates);
	if (!returning_clause(state, &work.scope, statement->returningList,
			      out, &returning))
		return false;
	if (updates && !upserts_alone(state, work.table))
		return false;
	if (updates && (several || returning[0] != '\0'))
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

/* UPDATE and DELETE. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

static const struct schema_table *open_target(struct compile_state *state,
					      struct scope *scope,
					      RangeVar *name, const char *what,
					      const char *alias)
{
	const struct schema_table *table = compile_find_table(state, name);
	struct range *range;

	if (table == NULL || !check_writable(state, table, what,
					     name->location))
		return NULL;
	range = range_of_table(state, table, name->alias != NULL ?
			       name->alias->aliasname : name->relname, alias);
	if (name->alias == NULL)
		range->schema = table->schema;
	return scope_add(state, scope, range, name->location) != NULL ?
	       table : NULL;
}

static const char *where(struct compile_state *state, struct scope *scope,
			 Node *node)
{
	struct expr *condition;

	if (node == NULL)
		return "";
	scope->no_aggregates = scope->no_windows = scope->no_sets = "WHERE";
	condition = expr_condition(state, scope, node, "WHERE");
	if (condition == NULL)
		return NULL;
	return arena_printf(state->arena, " WHERE %s", condition->sql);
}

static bool same_columns(const struct compiled *a, const struct compiled *b)
{
	if (a->column_count != b->column_count)
		return false;
	for (int i = 0; i < a->column_count; i++) {
		if (a->columns[i].table != b->columns[i].table ||
		    a->columns[i].number != b->columns[i].number)
			return false;
	}
	return true;
}

/*
 * SQLite's RETURNING sees the target alone (`after`), Postgres's the other
 * tables too (`all`): *ret_others says that it means something else then.
 * What Postgres refuses is refused in its words.
 */
static bool returning_alone(struct compile_state *state, struct scope *all,
			    struct scope *after, List *list,
			    struct compiled *out, const char **ret_sql,
			    bool *ret_others)
{
	struct compiled wanted = { .column_count = 0 };

	if (!returning_clause(state, all, list, &wanted, ret_sql))
		return false;
	*ret_others = !returning_clause(state, after, list, out, ret_sql) ||
		      !same_columns(&wanted, out);
	/* that it is not possible alone is no error */
	state->error->sqlstate[0] = '\0';
	return true;
}

/* --- the rows first, then the change --------------------------------------- */

/*
 * What looks at other tables even in RETURNING is done in two parts: the
 * first keeps the rowid of each row to change and all columns of the other
 * tables beside it, the second changes those rows and takes from there what
 * it needs of the others.
 */
struct found {
	const char *with;
	RangeVar *relation;
	List *others;
	Node *condition;
	const char *what;	/* "update" */
	struct scope scope;	/* of the second part */
	const char *where;	/* of the second part */
};

/* Lists the columns of all but the first range, and lets them mean the kept
 * items from then on. */
static const char *keep_columns(struct compile_state *state,
				struct scope *scope, const char *key,
				int *ret_count)
{
	const char *list = "";
	int item = 0;

	for (int i = 1; i < scope->range_count; i++) {
		struct range *range = scope->ranges[i];

		for (int k = 0; k < range->column_count; k++) {
			struct range_column *column = &range->columns[k];

			list = arena_printf(state->arena, "%s, %s", list,
					    column->sql);
			column->sql = arena_printf(state->arena,
				"pg_kept_item(%d, %s, %d)", state->part_count,
				key, ++item);
		}
	}
	*ret_count = item;
	return list;
}

static bool find_rows(struct compile_state *state, struct found *found)
{
	struct scope *scope = &found->scope;
	const char *alias = new_alias(state);
	const struct schema_table *table = open_target(state, scope,
		found->relation, found->what, alias);
	const char *from, *condition, *columns, *key;
	int part, count;

	if (table == NULL)
		return false;
	from = from_clause(state, scope, found->others);
	condition = from == NULL ? NULL :
		    where(state, scope, found->condition);
	if (condition == NULL)
		return false;
	key = arena_printf(state->arena, "%s.rowid",
			   print_name(state->arena, table->lite_name));
	columns = keep_columns(state, scope, key, &count);
	part = keep_part(state, arena_printf(state->arena,
			 "%sSELECT %s.rowid%s FROM %s AS %s, %s%s",
			 found->with, alias, columns,
			 print_table(state->arena, table), alias, from,
			 condition), count + 1);
	scope->ranges[0] = range_of_table(state, table,
					  scope->ranges[0]->name, "");
	found->where = arena_printf(state->arena,
		" WHERE rowid IN (SELECT pg_item(value, 0) FROM pg_kept(%d))",
		part);
	return part >= 0 && rows_as_they_were(state, table, &found->where);
}

static bool sets_rowid(const struct schema_table *table, List *targets)
{
	ListCell *cell;

	foreach(cell, targets) {
		const struct schema_column *column = schema_find_column(
			table, ((ResTarget *)lfirst(cell))->name);

		if (column != NULL && column->rowid)
			return true;
	}
	return false;
}

static bool update_found(struct compile_state *state, UpdateStmt *statement,
			 struct found *found, struct compiled *out)
{
	const struct schema_table *table =
		compile_find_table(state, statement->relation);
	const char *sets, *returning;

	if (sets_rowid(table, statement->targetList))
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "RETURNING columns of other tables is not supported on SQLite when the key changes");
	if (!find_rows(state, found))
		return false;
	found->scope.no_aggregates = found->scope.no_windows = "UPDATE";
	sets = set_clause(state, &found->scope, table, statement->targetList);
	if (sets == NULL ||
	    !returning_clause(state, &found->scope, statement->returningList,
			      out, &returning))
		return false;
	out->sql = arena_printf(state->arena, "%sUPDATE %s SET %s%s%s",
				found->with, print_table(state->arena, table),
				sets, found->where, returning);
	return true;
}

static bool delete_found(struct compile_state *state, DeleteStmt *statement,
			 struct found *found, struct compiled *out)
{
	const struct schema_table *table =
		compile_find_table(state, statement->relation);
	const char *returning;

	if (!find_rows(state, found) ||
	    !returning_clause(state, &found->scope, statement->returningList,
			      out, &returning))
		return false;
	out->sql = arena_printf(state->arena, "%sDELETE FROM %s%s%s",
				found->with, print_table(state->arena, table),
				found->where, returning);
	return true;
}

bool compile_update(struct compile_state *state, UpdateStmt *statement,
		    struct compiled *out)
{
	struct scope scope = { .no_sets = "UPDATE" };
	struct scope after = { .no_sets = "RETURNING" };
	const struct schema_table *table;
	const char *with, *from, *sets, *condition, *returning;
	bool others;

	with = with_clause(state, &scope, statement->withClause);
	if (with == NULL)
		return false;
	table = open_target(state, &scope, statement->relation, "update", "");
	if (table == NULL)
		return false;
	after.ctes = scope.ctes;
	scope_add(state, &after, scope.ranges[0], -1);
	from = from_clause(state, &scope, statement->fromClause);
	if (from == NULL)
		return false;
	condition = where(state, &scope, statement->whereClause);
	if (condition == NULL || !rows_as_they_were(state, table, &condition))
		return false;
	if (!returning_alone(state, &scope, &after, statement->returningList,
			     out, &returning, &others))
		return false;
	/* Last, as in Postgres: of two errors it is told after the others. */
	scope.no_aggregates = scope.no_windows = scope.no_sets = "UPDATE";
	sets = set_clause(state, &scope, table, statement->targetList);
	if (sets == NULL)
		return false;
	note_key_order(state, table, statement->targetList);
	out->kind = COMPILED_UPDATE;
	out->many = statement->withClause || statement->fromClause ||
		    !changes_few(table, statement->whereClause);
	out->tag = "UPDATE";
	if (others) {
		struct found found = {
			.with = with, .relation = statement->relation,
			.others = statement->fromClause,
			.condition = statement->whereClause, .what = "update",
			.scope = { .ctes = scope.ctes, .no_sets = "UPDATE" },
		};

		return update_found(state, statement, &found, out);
	}
	/* With a FROM, SQLite computes all new rows before it changes the
	 * first: a subquery must not see half of the change. */
	if (from[0] == '\0' && strstr(sets, "SELECT") != NULL)
		from = "(SELECT 1)";
	out->sql = arena_printf(state->arena, "%sUPDATE %s SET %s%s%s%s%s",
				with, print_table(state->arena, table), sets,
				from[0] == '\0' ? "" : " FROM ", from,
				condition, returning);
	return true;
}

/* SQLite has no DELETE ... USING: the rows are found by a subquery first. */
static const char *delete_using(struct compile_state *state,
				struct scope *scope, DeleteStmt *statement,
				const struct schema_table *table)
{
	const char *alias = new_alias(state);
	const char *from, *condition;

	if (open_target(state, scope, statement->relation, "delete from",
			alias) == NULL)
		return NULL;
	from = from_clause(state, scope, statement->usingClause);
	if (from == NULL)
		return NULL;
	condition = where(state, scope, statement->whereClause);
	if (condition == NULL)
		return NULL;
	return arena_printf(state->arena,
			    " WHERE rowid IN (SELECT %s.rowid FROM %s AS %s, %s%s)",
			    alias, print_table(state->arena, table), alias,
			    from, condition);
}

bool compile_delete(struct compile_state *state, DeleteStmt *statement,
		    struct compiled *out)
{
	struct scope scope = { .no_sets = "DELETE" };
	struct scope inner = { .no_sets = "DELETE" };
	const struct schema_table *table;
	const char *with, *condition, *returning;
	bool others;

	with = with_clause(state, &scope, statement->withClause);
	if (with == NULL)
		return false;
	table = open_target(state, &scope, statement->relation, "delete from",
			    "");
	if (table == NULL)
		return false;
	inner.ctes = scope.ctes;
	condition = statement->usingClause != NIL ?
		    delete_using(state, &inner, statement, table) :
		    where(state, &scope, statement->whereClause);
	if (condition == NULL || !rows_as_they_were(state, table, &condition) ||
	    !returning_alone(state, statement->usingClause != NIL ?
			     &inner : &scope, &scope,
			     statement->returningList, out, &returning,
			     &others))
		return false;
	note_key_order(state, table, NIL);
	out->kind = COMPILED_DELETE;
	out->many = statement->withClause || statement->usingClause ||
		    !changes_few(table, statement->whereClause);
	out->tag = "DELETE";
	if (others) {
		struct found found = {
			.with = with, .relation = statement->relation,
			.others = statement->usingClause,
			.condition = statement->whereClause,
			.what = "delete from",
			.scope = { .ctes = scope.ctes, .no_sets = "DELETE" },
		};

		return delete_found(state, statement, &found, out);
	}
	out->sql = arena_printf(state->arena, "%sDELETE FROM %s%s%s", with,
				print_table(state->arena, table), condition,
				returning);
	return true;
}

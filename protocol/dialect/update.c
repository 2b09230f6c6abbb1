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
 * tables too (`all`): what means something else then is refused, and what
 * Postgres refuses is refused in its words.
 */
static bool returning_with_others(struct compile_state *state,
				  struct scope *all, struct scope *after,
				  List *list, struct compiled *out,
				  const char **ret_sql)
{
	struct compiled wanted = { .column_count = 0 };

	if (!returning_clause(state, all, list, &wanted, ret_sql))
		return false;
	if (returning_clause(state, after, list, out, ret_sql) &&
	    same_columns(&wanted, out))
		return true;
	return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "RETURNING columns of other tables is not supported on SQLite");
}

bool compile_update(struct compile_state *state, UpdateStmt *statement,
		    struct compiled *out)
{
	struct scope scope = { .no_sets = "UPDATE" };
	struct scope after = { .no_sets = "RETURNING" };
	const struct schema_table *table;
	const char *with, *from, *sets, *condition, *returning;

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
	scope.no_aggregates = scope.no_windows = "UPDATE";
	sets = set_clause(state, &scope, table, statement->targetList);
	if (sets == NULL)
		return false;
	condition = where(state, &scope, statement->whereClause);
	if (condition == NULL)
		return false;
	if (!returning_with_others(state, &scope, &after,
				   statement->returningList, out, &returning))
		return false;
	out->kind = COMPILED_UPDATE;
	out->tag = "UPDATE";
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
	if (condition == NULL ||
	    !returning_with_others(state, statement->usingClause != NIL ?
				   &inner : &scope, &scope,
				   statement->returningList, out, &returning))
		return false;
	out->kind = COMPILED_DELETE;
	out->tag = "DELETE";
	out->sql = arena_printf(state->arena, "%sDELETE FROM %s%s%s", with,
				print_table(state->arena, table), condition,
				returning);
	return true;
}

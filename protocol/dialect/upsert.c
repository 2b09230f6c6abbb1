/* ON CONFLICT: which unique index is meant, and what happens then. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

static bool same_columns(const int16_t *a, int a_count, const int16_t *b,
			 int b_count)
{
	if (a_count != b_count)
		return false;
	for (int i = 0; i < a_count; i++) {
		bool found = false;

		for (int k = 0; k < b_count; k++)
			found |= a[i] == b[k];
		if (!found)
			return false;
	}
	return true;
}

/* A key over these columns that holds for all rows. */
static bool is_unique(const struct schema_table *table, const int16_t *columns,
		      int count)
{
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];

		if ((key->kind == CONSTRAINT_PRIMARY ||
		     key->kind == CONSTRAINT_UNIQUE_KEY) &&
		    same_columns(key->columns, key->column_count, columns,
				 count))
			return true;
	}
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (index->unique && index->predicate == NULL &&
		    same_columns(index->columns, index->key_count, columns,
				 count))
			return true;
	}
	return false;
}

static const char *constraint_columns(struct compile_state *state,
				      const struct schema_table *table,
				      const char *name)
{
	const char *sql = "";

	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];

		if (strcmp(key->name, name) != 0)
			continue;
		for (int k = 0; k < key->column_count; k++)
			sql = arena_printf(state->arena, "%s%s%s", sql,
				k > 0 ? ", " : "", print_name(state->arena,
				table->columns[key->columns[k] - 1].name));
		return sql;
	}
	compile_fail(state, -1, SQLSTATE_UNDEFINED_OBJECT,
		     "constraint \"%s\" for table \"%s\" does not exist", name,
		     table->name);
	return NULL;
}

static const char *index_columns(struct compile_state *state,
				 const struct schema_table *table,
				 InferClause *infer, bool *ret_for_all)
{
	int16_t *columns = arena_alloc(state->arena, sizeof(*columns) *
		(size_t)(list_length(infer->indexElems) + 1));
	int count = 0;
	bool plain = true;
	const char *sql = "";
	ListCell *cell;

	foreach(cell, infer->indexElems) {
		IndexElem *element = lfirst(cell);
		const struct schema_column *column;
		const char *part;

		if (element->name != NULL) {
			column = schema_find_column(table, element->name);
			if (column == NULL) {
				compile_fail(state, infer->location,
					     SQLSTATE_UNDEFINED_COLUMN,
					     "column \"%s\" does not exist",
					     element->name);
				return NULL;
			}
			columns[count++] = column->number;
			part = print_name(state->arena, element->name);
		} else {
			plain = false;
			if (!compile_value_expr(state, element->expr, table, 0,
						-1, "index expressions", &part))
				return NULL;
		}
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   sql[0] == '\0' ? "" : ", ", part);
	}
	*ret_for_all = plain && is_unique(table, columns, count);
	if (plain && !*ret_for_all && infer->whereClause == NULL) {
		compile_fail(state, -1, "42P10",
			     "there is no unique or exclusion constraint matching the ON CONFLICT specification");
		return NULL;
	}
	return sql;
}

/* Whether a partial index serves the condition is decided before the value of
 * a parameter is known. */
static const char *index_predicate(struct compile_state *state,
				   const struct schema_table *table,
				   InferClause *infer)
{
	const char *predicate;

	if (compile_value_expr(state, infer->whereClause, table, OID_BOOL, -1,
			       "index predicates", &predicate))
		return predicate;
	if (error_is(state->error, SQLSTATE_UNDEFINED_PARAMETER))
		compile_fail(state, infer->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "a parameter in the condition of an ON CONFLICT target is not supported on SQLite");
	return NULL;
}

static const char *conflict_target(struct compile_state *state,
				   struct scope *scope,
				   const struct schema_table *table,
				   InferClause *infer)
{
	const char *columns, *predicate;
	bool for_all;

	if (infer == NULL)
		return "";
	if (infer->conname != NULL) {
		columns = constraint_columns(state, table, infer->conname);
		return columns == NULL ? NULL :
		       arena_printf(state->arena, " (%s)", columns);
	}
	columns = index_columns(state, table, infer, &for_all);
	if (columns == NULL)
		return NULL;
	if (for_all && infer->whereClause != NULL &&
	    expr_condition(state, scope, infer->whereClause, "WHERE") == NULL)
		return NULL;
	if (infer->whereClause == NULL || for_all)
		return arena_printf(state->arena, " (%s)", columns);
	predicate = index_predicate(state, table, infer);
	return predicate == NULL ? NULL :
	       arena_printf(state->arena, " (%s) WHERE %s", columns,
			    predicate);
}

static bool add_excluded(struct compile_state *state, struct scope *scope,
			 const struct schema_table *table)
{
	struct range *range = range_of_table(state, table, "excluded",
					     "excluded");

	return scope_add(state, scope, range, -1) != NULL;
}

const char *conflict_clause(struct compile_state *state, struct scope *scope,
			    const struct schema_table *table,
			    OnConflictClause *clause, bool several)
{
	const char *target, *sets, *once;
	struct expr *condition;
	struct scope inner;

	if (clause == NULL)
		return "";
	state->may_conflict = true;
	target = conflict_target(state, scope, table, clause->infer);
	if (target == NULL)
		return NULL;
	if (clause->action == ONCONFLICT_NOTHING)
		return arena_printf(state->arena, " ON CONFLICT%s DO NOTHING",
				    target);
	if (clause->infer == NULL) {
		compile_fail(state, clause->location, SQLSTATE_SYNTAX,
			     "ON CONFLICT DO UPDATE requires inference specification or constraint name");
		error_hint(state->error,
			   "For example, ON CONFLICT (column_name).");
		return NULL;
	}
	inner = *scope;
	inner.ranges = NULL;
	inner.range_count = inner.range_capacity = 0;
	for (int i = 0; i < scope->range_count; i++)
		scope_add(state, &inner, scope->ranges[i], -1);
	if (!add_excluded(state, &inner, table))
		return NULL;
	inner.no_aggregates = inner.no_windows = "UPDATE";
	sets = set_clause(state, &inner, table, clause->targetList);
	if (sets == NULL)
		return NULL;
	note_key_order(state, table, clause->targetList);
	once = several ? " WHERE pg_once(rowid)" : "";
	if (clause->whereClause == NULL)
		return arena_printf(state->arena,
				    " ON CONFLICT%s DO UPDATE SET %s%s", target,
				    sets, once);
	condition = expr_condition(state, &inner, clause->whereClause,
				   "WHERE");
	if (condition == NULL)
		return NULL;
	return arena_printf(state->arena,
			    " ON CONFLICT%s DO UPDATE SET %s%s%s", target,
			    sets, several ? " WHERE pg_once(rowid) AND " :
			    " WHERE ", condition->sql);
}

/* ON CONFLICT: which unique index is meant, and what happens then. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"
#include "protocol/dialect/schema_facts.h"

#define TARGETS_MAX 32

/* What stands behind ON CONFLICT, each time. */
struct conflict_targets {
	const char *sql[TARGETS_MAX];
	int count;
	const struct schema_index *late, *other;	/* the oldest of those
		meant that are deferrable, the youngest that are not */
};

static bool add_target(struct compile_state *state,
		       struct conflict_targets *targets, const char *sql)
{
	if (sql == NULL)
		return false;
	if (targets->count == TARGETS_MAX)
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "ON CONFLICT with more than %d keys over the same columns is not supported on SQLite",
				    TARGETS_MAX);
	targets->sql[targets->count++] = sql;
	return true;
}

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

static void add_meant(struct conflict_targets *targets,
		      const struct schema_index *index)
{
	const struct schema_index **kept = index->late ? &targets->late :
							 &targets->other;

	if (index->unique && (*kept == NULL || (index->oid < (*kept)->oid) ==
					       index->late))
		*kept = index;
}

/* The keys over these columns that hold for all rows. False: none. */
static bool find_meant(const struct schema_table *table,
		       const int16_t *columns, int count,
		       struct conflict_targets *targets)
{
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (index->predicate == NULL &&
		    same_columns(index->columns, index->key_count, columns,
				 count))
			add_meant(targets, index);
	}
	return targets->late != NULL || targets->other != NULL;
}

/*
 * A deferrable key cannot be meant: Postgres says so when it comes to it with
 * the first row, which it does key by key, the oldest first, unless another
 * has been found to be taken before.
 */
static bool note_late(struct compile_state *state,
		      const struct schema_table *table,
		      const struct conflict_targets *targets,
		      OnConflictClause *clause)
{
	if (targets->late == NULL)
		return true;
	if (targets->other != NULL &&
	    (clause->infer != NULL || targets->other->oid > targets->late->oid))
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "ON CONFLICT is not supported on SQLite where it means keys some of which are deferrable");
	state->late_arbiter = targets->late->name;
	state->late_table = table->oid;
	return true;
}

/* --- keys whose NULLs are equal --------------------------------------------- */

static const struct schema_index *index_of(const struct schema_table *table,
					   const char *constraint)
{
	for (int i = 0; i < table->index_count; i++)
		if (table->indexes[i].constraint != NULL &&
		    strcmp(table->indexes[i].constraint, constraint) == 0)
			return &table->indexes[i];
	return NULL;
}

/* As protocol/dialect/ddl_lite_index.c makes the index over their NULLs. */
static const char *null_rows_target(struct compile_state *state,
				    const struct schema_table *table,
				    const struct schema_index *index)
{
	const char *keys = "", *nulls = "";

	for (int i = 0; i < index->key_count; i++) {
		const char *name = print_name(state->arena,
			table->columns[index->columns[i] - 1].name);

		keys = arena_printf(state->arena, "%s%s" FACTS_NULL_KEY, keys,
				    i > 0 ? ", " : "", name, name, "");
		nulls = facts_or_null(state->arena, nulls, name);
	}
	return arena_printf(state->arena, " (%s) WHERE (%s)", keys, nulls);
}

/* The targets that stand for the NULLs of every key over the columns. */
static void add_null_rows(struct compile_state *state,
			  const struct schema_table *table,
			  const int16_t *columns, int count,
			  struct conflict_targets *targets)
{
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (index->unique && index->nulls_equal && !index->predicate &&
		    same_columns(index->columns, index->key_count, columns,
				 count))
			add_target(state, targets,
				   null_rows_target(state, table, index));
	}
}

static bool refuse_null_rows(struct compile_state *state,
			     const struct schema_table *table)
{
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];
		bool plain = index->predicate == NULL;

		for (int k = 0; k < index->key_count; k++)
			plain &= index->columns[k] != 0;
		if (index->unique && index->nulls_equal && !plain)
			return compile_fail(state, -1,
				SQLSTATE_FEATURE_NOT_SUPPORTED,
				"ON CONFLICT with expressions or a condition is not supported on SQLite where an index over such has NULLS NOT DISTINCT");
	}
	return true;
}

/* --- the target --------------------------------------------------------------- */

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

/* The columns that a target names, and whether it names nothing else. */
struct named_columns {
	int16_t *numbers;
	int count;
	bool plain;
};

static const char *index_columns(struct compile_state *state,
				 const struct schema_table *table,
				 InferClause *infer,
				 struct named_columns *named)
{
	const char *sql = "";
	ListCell *cell;

	named->numbers = arena_alloc(state->arena, sizeof(*named->numbers) *
		(size_t)(list_length(infer->indexElems) + 1));
	named->count = 0;
	named->plain = true;
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
			named->numbers[named->count++] = column->number;
			part = print_name(state->arena, element->name);
		} else {
			named->plain = false;
			if (!compile_value_expr(state, element->expr, table, 0,
						-1, "index expressions", &part))
				return NULL;
		}
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   sql[0] == '\0' ? "" : ", ", part);
	}
	return sql;
}

/* --- a condition with parameters ----------------------------------------------- */

/* How long the constant is that a text begins with; 0: none. */
static size_t constant_length(const char *sql)
{
	size_t length = 1;

	if (sql[0] != '\'')
		return strspn(sql, "0123456789");
	while (sql[length] != '\0' &&
	       (sql[length] != '\'' || sql[length + 1] == '\''))
		length += sql[length] == '\'' ? 2 : 1;
	return sql[length] == '\'' ? length + 1 : 0;
}

/*
 * Whether a condition says what an index's predicate says, if its parameters
 * have the values that stand in their place there: as what makes it so, "1
 * AND ?1 IS 'open'"; NULL: it never does.
 */
static const char *fit_parameters(struct arena *arena, const char *condition,
				  const char *predicate)
{
	const char *fits = "1";
	char quote = '\0';

	while (*condition != '\0') {
		size_t digits = strspn(condition + 1, "0123456789"), length;

		if (quote != '\0' || *condition != '?' || digits == 0) {
			if (*condition != *predicate++)
				return NULL;
			if (quote == '\0' &&
			    (*condition == '\'' || *condition == '"'))
				quote = *condition;
			else if (*condition == quote)
				quote = '\0';
			condition++;
			continue;
		}
		length = constant_length(predicate);
		if (length == 0)
			return NULL;
		fits = arena_printf(arena, "%s AND %.*s IS %.*s", fits,
				    (int)digits + 1, condition, (int)length,
				    predicate);
		condition += digits + 1;
		predicate += length;
	}
	return *predicate == '\0' ? fits : NULL;
}

static const char *predicate_of(struct compile_state *state,
				const struct schema_table *table,
				const struct schema_index *index)
{
	struct slice text = state->text;
	const char *sql = NULL;
	struct Node *node;
	struct sql_tree *tree = parse_expression(state, index->predicate,
						 &node);

	if (tree == NULL)
		return NULL;
	state->text = slice_make(NULL, 0);
	state->kept_depth++;
	compile_value_expr(state, node, table, OID_BOOL, -1,
			   "index predicates", &sql);
	state->kept_depth--;
	state->text = text;
	sql_tree_free(&tree);
	return sql;
}

static bool may_serve(const struct schema_index *index,
		      const struct named_columns *named)
{
	return index->unique && index->predicate != NULL &&
	       (!named->plain ||
		same_columns(index->columns, index->key_count, named->numbers,
			     named->count));
}

/* The parameters are looked at before the rows are. Postgres does so as long
 * as it plans the statement for their values. */
static const char *fitting_predicate(struct compile_state *state,
				     const struct schema_table *table,
				     InferClause *infer,
				     const struct named_columns *named)
{
	const char *condition, *predicate, *fits, *found = NULL, *holds = NULL;
	int count = 0;

	if (!compile_bare_expr(state, infer->whereClause, table, OID_BOOL, -1,
			       "index predicates", &condition))
		return NULL;
	for (int i = 0; i < table->index_count; i++) {
		if (!may_serve(&table->indexes[i], named))
			continue;
		predicate = predicate_of(state, table, &table->indexes[i]);
		if (predicate == NULL)
			return NULL;
		fits = fit_parameters(state->arena, condition, predicate);
		if (fits == NULL || (found && strcmp(found, predicate) == 0))
			continue;
		found = predicate;
		holds = fits;
		count++;
	}
	if (count != 1) {
		compile_fail(state, infer->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "a parameter in the condition of an ON CONFLICT target is not supported on SQLite, save where it stands for the constant of one partial index");
		return NULL;
	}
	return keep_part(state, arena_printf(state->arena,
			"SELECT CASE WHEN %s THEN 1 ELSE pg_no_target() END",
			holds), 1) < 0 ? NULL : found;
}

static const char *index_predicate(struct compile_state *state,
				   const struct schema_table *table,
				   InferClause *infer,
				   const struct named_columns *named)
{
	const char *predicate;

	if (compile_value_expr(state, infer->whereClause, table, OID_BOOL, -1,
			       "index predicates", &predicate))
		return predicate;
	if (!error_is(state->error, SQLSTATE_UNDEFINED_PARAMETER) ||
	    state->parameters_refused)
		return NULL;
	memset(state->error, 0, sizeof(*state->error));
	return fitting_predicate(state, table, infer, named);
}

static bool constraint_target(struct compile_state *state,
			      const struct schema_table *table,
			      const char *name,
			      struct conflict_targets *targets)
{
	const char *columns = constraint_columns(state, table, name);
	const struct schema_index *index = index_of(table, name);

	if (columns == NULL)
		return false;
	if (index != NULL)
		add_meant(targets, index);
	if (index != NULL && index->nulls_equal &&
	    !add_target(state, targets, null_rows_target(state, table, index)))
		return false;
	return add_target(state, targets,
			  arena_printf(state->arena, " (%s)", columns));
}

/* A target that a partial index serves, or one over expressions. */
static bool other_target(struct compile_state *state,
			 const struct schema_table *table, InferClause *infer,
			 const struct named_columns *named, const char *columns,
			 struct conflict_targets *targets)
{
	const char *predicate;

	if (!refuse_null_rows(state, table))
		return false;
	if (infer->whereClause == NULL)
		return add_target(state, targets,
				  arena_printf(state->arena, " (%s)", columns));
	predicate = index_predicate(state, table, infer, named);
	return predicate != NULL &&
	       add_target(state, targets,
			  arena_printf(state->arena, " (%s) WHERE %s", columns,
				       predicate));
}

static bool conflict_target(struct compile_state *state, struct scope *scope,
			    const struct schema_table *table,
			    InferClause *infer,
			    struct conflict_targets *targets)
{
	struct named_columns named;
	const char *columns;

	for (int i = 0; infer == NULL && i < table->index_count; i++)
		add_meant(targets, &table->indexes[i]);
	if (infer == NULL)
		return add_target(state, targets, "");
	if (infer->conname != NULL)
		return constraint_target(state, table, infer->conname, targets);
	columns = index_columns(state, table, infer, &named);
	if (columns == NULL)
		return false;
	if (!named.plain ||
	    !find_meant(table, named.numbers, named.count, targets)) {
		if (named.plain && infer->whereClause == NULL)
			return compile_fail(state, -1, "42P10",
				"there is no unique or exclusion constraint matching the ON CONFLICT specification");
		return other_target(state, table, infer, &named,
				    columns, targets);
	}
	if (infer->whereClause != NULL &&
	    expr_condition(state, scope, infer->whereClause, "WHERE") == NULL)
		return false;
	add_null_rows(state, table, named.numbers, named.count, targets);
	return add_target(state, targets,
			  arena_printf(state->arena, " (%s)", columns));
}

static bool add_excluded(struct compile_state *state, struct scope *scope,
			 const struct schema_table *table)
{
	struct range *range = range_of_table(state, table, "excluded",
					     "excluded");

	return scope_add(state, scope, range, -1) != NULL;
}

/* DO UPDATE SET ..., or NULL. */
static const char *conflict_update(struct compile_state *state,
				   struct scope *scope,
				   const struct schema_table *table,
				   OnConflictClause *clause, bool several)
{
	const char *sets, *once = several ? " WHERE pg_once(rowid)" : "";
	struct expr *condition;
	struct scope inner = *scope;

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
	if (clause->whereClause == NULL)
		return arena_printf(state->arena, "DO UPDATE SET %s%s", sets,
				    once);
	condition = expr_condition(state, &inner, clause->whereClause,
				   "WHERE");
	if (condition == NULL)
		return NULL;
	return arena_printf(state->arena, "DO UPDATE SET %s%s%s%s", sets, once,
			    several ? " AND " : " WHERE ", condition->sql);
}

const char *conflict_clause(struct compile_state *state, struct scope *scope,
			    const struct schema_table *table,
			    OnConflictClause *clause, bool several)
{
	struct conflict_targets targets = { .count = 0 };
	const char *action = "DO NOTHING", *sql = "";

	if (clause == NULL)
		return "";
	state->may_conflict = true;
	if (!conflict_target(state, scope, table, clause->infer, &targets) ||
	    !note_late(state, table, &targets, clause))
		return NULL;
	if (targets.late != NULL && targets.other == NULL)
		targets.count = 0;
	if (clause->action != ONCONFLICT_NOTHING && clause->infer == NULL) {
		compile_fail(state, clause->location, SQLSTATE_SYNTAX,
			     "ON CONFLICT DO UPDATE requires inference specification or constraint name");
		error_hint(state->error,
			   "For example, ON CONFLICT (column_name).");
		return NULL;
	}
	if (clause->action != ONCONFLICT_NOTHING)
		action = conflict_update(state, scope, table, clause, several);
	for (int i = 0; action != NULL && i < targets.count; i++)
		sql = arena_printf(state->arena, "%s ON CONFLICT%s %s", sql,
				   targets.sql[i], action);
	return action == NULL ? NULL : sql;
}

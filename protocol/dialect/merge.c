/*
 * MERGE. In Postgres every row of the join does what the first arm says whose
 * condition it meets, and all of them see the tables as they were. SQLite has
 * no such statement; it is done in parts (with_change.c), of which those that
 * read come first:
 *
 *   the join     rowid of the target's row or NULL, the arm, the source's row
 *   a check      no row of the target may be changed twice; counts the rows
 *   of each arm  rowid, what is assigned
 *   of each arm  DELETE, UPDATE, INSERT of those rows
 *
 * What Postgres leaves to its plan, which of the joined rows comes first, is
 * that order of the arms here: what goes makes room for what comes.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

#define JOINED "_k"		/* the first part's rows */

struct merge {
	MergeStmt *statement;
	const struct schema_table *table;
	struct scope source;
	struct scope both;
	const char *with;
	const char *target;	/* alias in the file */
	int joined;		/* the first part */
	const char *last;	/* the change that is to run next */
};

static int number_of(const struct merge *merge, const MergeWhenClause *arm)
{
	int number = 1;

	while (list_nth(merge->statement->mergeWhenClauses, number - 1) != arm)
		number++;
	return number;
}

/* --- the join --------------------------------------------------------------------- */

static bool check_form(struct compile_state *state, const MergeStmt *statement)
{
	bool ended[2] = { false, false };
	ListCell *cell;

	foreach(cell, statement->mergeWhenClauses) {
		const MergeWhenClause *arm = lfirst(cell);

		if (ended[arm->matched])
			return compile_fail(state, -1, SQLSTATE_SYNTAX,
					    "unreachable WHEN clause specified after unconditional WHEN clause");
		ended[arm->matched] = arm->condition == NULL;
	}
	if (with_changes(statement->withClause))
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "MERGE with a WITH that changes data is not supported on SQLite");
	return true;
}

/* Rows are told apart by their rowid. */
static bool check_target(struct compile_state *state,
			 const struct schema_table *table)
{
	for (int i = 0; i < table->column_count; i++)
		if (strcasecmp(table->columns[i].name, "rowid") == 0)
			return compile_fail(state, -1,
				SQLSTATE_FEATURE_NOT_SUPPORTED,
				"MERGE into a table with a column named rowid is not supported on SQLite");
	return true;
}

static bool open_target(struct compile_state *state, struct merge *merge)
{
	RangeVar *name = merge->statement->relation;
	struct range *range;

	merge->table = compile_find_table(state, name);
	/* its keys are followed when all parts have run */
	state->in_part = true;
	if (merge->table == NULL ||
	    !check_writable(state, merge->table, "merge into",
			    name->location) ||
	    !check_target(state, merge->table))
		return false;
	merge->target = new_alias(state);
	range = range_of_table(state, merge->table, name->alias != NULL ?
			       name->alias->aliasname : name->relname,
			       merge->target);
	if (name->alias == NULL)
		range->schema = merge->table->schema;
	return scope_add(state, &merge->both, range, name->location) != NULL;
}

static bool fail_name(struct compile_state *state, const struct range *range)
{
	compile_fail(state, -1, "42712",
		     "name \"%s\" specified more than once", range->name);
	error_detail(state->error, "The name is used both as MERGE target "
		     "table and data source.");
	return false;
}

static bool open_source(struct compile_state *state, struct merge *merge,
			const char **ret_from)
{
	merge->source.ctes = merge->both.ctes;
	*ret_from = from_item(state, &merge->source,
			      merge->statement->sourceRelation);
	if (*ret_from == NULL)
		return false;
	for (int i = 0; i < merge->source.range_count; i++) {
		struct range *range = merge->source.ranges[i];

		if (range->name != NULL &&
		    strcmp(range->name, merge->both.ranges[0]->name) == 0)
			return fail_name(state, range);
		if (scope_add(state, &merge->both, range, -1) == NULL)
			return false;
	}
	return true;
}

/* CASE WHEN ... THEN 2 ... ELSE 0 END: which arm a row takes; 0: none. */
static const char *print_arms(struct compile_state *state, struct merge *merge,
			      bool matched)
{
	struct scope *scope = matched ? &merge->both : &merge->source;
	const char *sql = "CASE";
	ListCell *cell;

	foreach(cell, merge->statement->mergeWhenClauses) {
		const MergeWhenClause *arm = lfirst(cell);
		struct expr *condition = NULL;

		if (arm->matched != matched)
			continue;
		scope->no_aggregates = scope->no_windows = scope->no_sets =
			"MERGE WHEN conditions";
		if (arm->condition != NULL &&
		    !(condition = expr_condition(state, scope, arm->condition,
						 "WHEN")))
			return NULL;
		sql = arena_printf(state->arena, "%s WHEN %s THEN %d", sql,
				   condition != NULL ? condition->sql : "1",
				   arm->commandType == CMD_NOTHING ? 0 :
				   number_of(merge, arm));
	}
	return arena_printf(state->arena, "%s WHEN 1 THEN 0 END", sql);
}

/* Lists the columns of the source, which mean what is kept from then on. */
static const char *keep_source(struct compile_state *state,
			       struct merge *merge, int *ret_count)
{
	const char *list = "";
	int item = 2;

	for (int i = 0; i < merge->source.range_count; i++) {
		struct range *range = merge->source.ranges[i];

		range->present = NULL;
		for (int k = 0; k < range->column_count; k++) {
			struct range_column *column = &range->columns[k];

			list = arena_printf(state->arena, "%s, %s", list,
					    column->sql);
			column->sql = arena_printf(state->arena, "pg_item("
						   JOINED ".value, %d)",
						   item++);
		}
	}
	*ret_count = item;
	return list;
}

static bool join(struct compile_state *state, struct merge *merge)
{
	const char *from, *matched, *others, *columns;
	struct expr *condition;
	int count;

	if (!open_target(state, merge) || !open_source(state, merge, &from))
		return false;
	merge->both.no_aggregates = merge->both.no_windows =
		merge->both.no_sets = "JOIN conditions";
	condition = expr_condition(state, &merge->both,
				   merge->statement->joinCondition, "JOIN/ON");
	matched = condition == NULL ? NULL : print_arms(state, merge, true);
	others = matched == NULL ? NULL : print_arms(state, merge, false);
	if (others == NULL)
		return false;
	columns = keep_source(state, merge, &count);
	merge->joined = keep_part(state, arena_printf(state->arena,
		"%sSELECT %s.rowid, CASE WHEN %s.rowid IS NULL THEN %s ELSE %s END%s FROM %s LEFT JOIN %s AS %s ON %s",
		merge->with, merge->target, merge->target, others, matched,
		columns, from, print_table(state->arena, merge->table),
		merge->target, condition->sql), count);
	return merge->joined >= 0;
}

/* --- the arms ----------------------------------------------------------------------- */

/* The arms that find a row in the target. */
static const char *matched_arms(struct compile_state *state,
				const struct merge *merge)
{
	const char *list = "0";
	ListCell *cell;

	foreach(cell, merge->statement->mergeWhenClauses) {
		const MergeWhenClause *arm = lfirst(cell);

		if (arm->matched)
			list = arena_printf(state->arena, "%s, %d", list,
					    number_of(merge, arm));
	}
	return list;
}

static bool check_once(struct compile_state *state, struct merge *merge)
{
	const char *acts = "pg_item(value, 1) > 0";

	return keep_part(state, arena_printf(state->arena,
		"SELECT pg_merge_once(count(*)) FROM pg_kept(%d) WHERE %s AND pg_item(value, 1) IN (%s) GROUP BY pg_item(value, 0)",
		merge->joined, acts, matched_arms(state, merge)), 1) >= 0 &&
	       keep_part(state, arena_printf(state->arena,
		"SELECT 1 FROM pg_kept(%d) WHERE %s", merge->joined, acts),
		1) >= 0;
}

/* A part that keeps the rows of an arm: rowid and values. -1: failed. */
static int keep_values(struct compile_state *state, struct merge *merge,
		       const MergeWhenClause *arm, const char *values,
		       int count)
{
	return keep_part(state, arena_printf(state->arena,
		"%sSELECT pg_item(" JOINED ".value, 0)%s%s FROM pg_kept(%d) AS " JOINED " LEFT JOIN %s AS %s ON %s.rowid = pg_item(" JOINED ".value, 0) WHERE pg_item(" JOINED ".value, 1) = %d",
		merge->with, count > 0 ? ", " : "", values, merge->joined,
		print_table(state->arena, merge->table), merge->target,
		merge->target, number_of(merge, arm)), count + 1);
}

static const char *delete_arm(struct compile_state *state, struct merge *merge,
			      const MergeWhenClause *arm)
{
	int part = keep_values(state, merge, arm, "", 0);

	note_key_order(state, merge->table, NIL);
	return part < 0 ? NULL : arena_printf(state->arena,
		"DELETE FROM %s WHERE rowid IN (SELECT pg_item(value, 0) FROM pg_kept(%d))",
		print_table(state->arena, merge->table), part);
}

static const char *update_arm(struct compile_state *state, struct merge *merge,
			      const MergeWhenClause *arm)
{
	const struct assignments *set;
	const char *values = "", *sets = "";
	int part;

	merge->both.no_aggregates = merge->both.no_windows =
		merge->both.no_sets = "UPDATE";
	set = set_values(state, &merge->both, merge->table, arm->targetList);
	if (set == NULL)
		return NULL;
	for (int i = 0; i < set->count; i++)
		values = arena_printf(state->arena, "%s%s%s", values,
				      i > 0 ? ", " : "", set->items[i].value);
	note_key_order(state, merge->table, arm->targetList);
	part = keep_values(state, merge, arm, values, set->count);
	if (part < 0)
		return NULL;
	for (int i = 0; i < set->count; i++)
		sets = arena_printf(state->arena,
			"%s%s%s = pg_kept_item(%d, %s.rowid, %d)", sets,
			i > 0 ? ", " : "", print_name(state->arena,
				set->items[i].column->name), part,
			print_name(state->arena, merge->table->lite_name),
			i + 1);
	return arena_printf(state->arena,
		"UPDATE %s SET %s WHERE rowid IN (SELECT pg_item(value, 0) FROM pg_kept(%d))",
		print_table(state->arena, merge->table), sets, part);
}

static const char *insert_arm(struct compile_state *state, struct merge *merge,
			      MergeWhenClause *arm)
{
	const char *names, *values, *items = "";
	int count, part;

	values = insert_merged(state, &merge->source, merge->statement, arm,
			       &names, &count);
	if (values == NULL)
		return NULL;
	part = keep_values(state, merge, arm, values, count);
	for (int i = 1; i <= count; i++)
		items = arena_printf(state->arena, "%s%spg_item(value, %d)",
				     items, i > 1 ? ", " : "", i);
	return part < 0 ? NULL : arena_printf(state->arena,
		"INSERT INTO %s(%s) SELECT %s FROM pg_kept(%d)",
		print_table(state->arena, merge->table), names, items, part);
}

/* The one before becomes a part: the last change is the statement itself. */
static bool add_change(struct compile_state *state, struct merge *merge,
		       const char *sql)
{
	if (sql == NULL)
		return false;
	if (merge->last != NULL && keep_part(state, merge->last, 0) < 0)
		return false;
	merge->last = sql;
	return true;
}

static const char *change_of(struct compile_state *state, struct merge *merge,
			     MergeWhenClause *arm)
{
	switch (arm->commandType) {
	case CMD_DELETE:
		return delete_arm(state, merge, arm);
	case CMD_UPDATE:
		return update_arm(state, merge, arm);
	default:
		return insert_arm(state, merge, arm);
	}
}

static bool add_changes(struct compile_state *state, struct merge *merge,
			const char **changes)
{
	static const CmdType order[] = { CMD_DELETE, CMD_UPDATE, CMD_INSERT };
	List *arms = merge->statement->mergeWhenClauses;

	for (int i = 0; i < list_length(arms); i++) {
		MergeWhenClause *arm = list_nth(arms, i);

		if (arm->commandType == CMD_NOTHING)
			continue;
		changes[i] = change_of(state, merge, arm);
		if (changes[i] == NULL)
			return false;
	}
	for (int k = 0; k < 3; k++)
		for (int i = 0; i < list_length(arms); i++)
			if (((MergeWhenClause *)list_nth(arms, i))
				    ->commandType == order[k] &&
			    !add_change(state, merge, changes[i]))
				return false;
	return true;
}

bool compile_merge(struct compile_state *state, MergeStmt *statement,
		   struct compiled *out)
{
	struct merge merge = { .statement = statement };
	const char **changes = arena_alloc(state->arena, sizeof(*changes) *
		((size_t)list_length(statement->mergeWhenClauses) + 1));

	if (!check_form(state, statement))
		return false;
	merge.with = with_clause(state, &merge.both, statement->withClause);
	if (merge.with == NULL || !join(state, &merge) ||
	    !check_once(state, &merge) || !add_changes(state, &merge, changes))
		return false;
	state->in_part = false;
	out->kind = COMPILED_UPDATE;
	out->many = true;
	out->tag = "MERGE";
	out->counted_part = merge.joined + 2;
	out->sql = merge.last != NULL ? merge.last : "SELECT 1 WHERE 0";
	return true;
}

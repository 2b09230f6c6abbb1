/* FOR UPDATE and its kin: which rows may be locked, and who waits for them. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/select.h"
#include "protocol/dialect/select_work.h"

static const char *locking_words(const SelectStmt *select)
{
	const LockingClause *clause = linitial(select->lockingClause);

	switch (clause->strength) {
	case LCS_FORKEYSHARE: return "FOR KEY SHARE";
	case LCS_FORSHARE: return "FOR SHARE";
	case LCS_FORNOKEYUPDATE: return "FOR NO KEY UPDATE";
	default: return "FOR UPDATE";
	}
}

static bool locks_range(const LockingClause *clause, const struct range *range)
{
	ListCell *cell;

	if (range->table == NULL || range->table->kind == 'v' ||
	    range->name == NULL)
		return false;
	foreach(cell, clause->lockedRels) {
		if (strcmp(((RangeVar *)lfirst(cell))->relname, range->name) ==
		    0)
			return true;
	}
	return clause->lockedRels == NIL;
}

/* What an outer join has not found cannot be locked. What a condition tests
 * may be found for sure, which Postgres knows better. */
static bool check_found(struct compile_state *state, const struct scope *scope,
			const SelectStmt *select)
{
	ListCell *cell;

	foreach(cell, select->lockingClause) {
		for (int i = 0; i < scope->range_count; i++) {
			const struct range *range = scope->ranges[i];

			if (range->nullable && !range->is_tested &&
			    locks_range(lfirst(cell), range))
				return compile_fail(state, -1,
						    SQLSTATE_FEATURE_NOT_SUPPORTED,
						    "%s cannot be applied to the nullable side of an outer join",
						    locking_words(select));
		}
	}
	return true;
}

/* Rows that are locked must be rows of a table. */
bool select_check_locks(struct compile_state *state,
			const struct select_work *work)
{
	const SelectStmt *select = work->select;
	const char *with = select->distinctClause != NIL ? "DISTINCT clause" :
			   select->groupClause != NIL ? "GROUP BY clause" :
			   select->havingClause != NULL ? "HAVING clause" :
			   work->scope.aggregates_seen ? "aggregate functions" :
			   work->scope.set_calls != NULL ?
			   "set-returning functions in the target list" : NULL;

	if (select->lockingClause == NIL)
		return true;
	for (int i = 0; with == NULL && i < work->targets.count; i++) {
		if (work->targets.items[i]->windows)
			with = "window functions";
	}
	if (with != NULL)
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "%s is not allowed with %s",
				    locking_words(select), with);
	return check_found(state, &work->scope, select);
}

void note_locks(struct compile_state *state, SelectStmt *select)
{
	ListCell *cell;

	if (select->lockingClause == NIL)
		return;
	state->writes = true;
	if (!state->locking || select == state->outermost)
		state->locking = select;
	foreach(cell, select->lockingClause) {
		const LockingClause *clause = lfirst(cell);

		state->refuses_to_wait |= clause->waitPolicy == LockWaitError;
	}
}

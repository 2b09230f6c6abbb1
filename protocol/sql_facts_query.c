/*
 * What queries and data statements do to relations.
 */
#include "protocol/sql_nodes.h"

#include "catalog/pg_class_d.h"
#include "storage/lockdefs.h"

#include "protocol/sql_facts_build.h"

bool is_temporary(const RangeVar *relation)
{
	return relation->relpersistence == RELPERSISTENCE_TEMP ||
	       (relation->schemaname &&
		strncmp(relation->schemaname, "pg_temp", 7) == 0);
}

void add_created(struct facts_builder *builder,
			const RangeVar *relation)
{
	if (!relation)
		return;
	if (!is_temporary(relation)) {
		add_target(builder, DEED_CREATE, relation);
		return;
	}
	add_target(builder, DEED_CREATE_TEMP, relation);
	if (!builder->deferred)
		add_session_deed(builder, SESSION_TEMP, relation->relname);
}

/*
 * pg_settings is a view whose UPDATE is a set_config(); other catalogs are
 * the database's own books.
 */
static void check_catalog(struct facts_builder *builder,
			  const RangeVar *relation)
{
	bool catalog = relation->schemaname ?
			       strcmp(relation->schemaname, "pg_catalog") == 0 :
			       strncmp(relation->relname, "pg_", 3) == 0;

	if (!catalog)
		return;
	add_forbidden(builder, "writing to a system catalog");
	current_statement(builder)->opaque = true;
}

static void add_write(struct facts_builder *builder, enum deed deed,
		      const RangeVar *relation)
{
	add_target(builder, deed, relation);
	check_catalog(builder, relation);
}

static const char **room_for(struct facts_builder *builder, const List *list)
{
	return arena_alloc(builder->arena, ((size_t)list_length(list) + 1) *
						   sizeof(const char *));
}

/* The names on the left of SET; (a, b) = ... are several. */
static const char *const *assigned(struct facts_builder *builder,
				   const List *targets)
{
	const char **names = room_for(builder, targets);
	size_t count = 0;
	ListCell *cell;

	foreach (cell, targets) {
		const ResTarget *target = lfirst(cell);

		if (!target->name)
			return NULL;
		names[count++] = arena_text(builder->arena, target->name);
	}
	return names;
}

void record_insert(struct facts_builder *builder, Node *node)
{
	InsertStmt *insert = (InsertStmt *)node;
	bool upsert = insert->onConflictClause &&
		      insert->onConflictClause->action == ONCONFLICT_UPDATE;

	add_write(builder, upsert ? DEED_UPSERT : DEED_INSERT,
		  insert->relation);
	if (!upsert)
		return;
	note_also(builder, 1u << DEED_INSERT);
	note_columns(builder,
		     assigned(builder, insert->onConflictClause->targetList));
}

void record_update(struct facts_builder *builder, Node *node)
{
	UpdateStmt *update = (UpdateStmt *)node;

	add_write(builder, DEED_UPDATE, update->relation);
	note_columns(builder, assigned(builder, update->targetList));
}

void record_delete(struct facts_builder *builder, Node *node)
{
	add_write(builder, DEED_DELETE, ((DeleteStmt *)node)->relation);
}

static uint32_t arm_deed(const MergeWhenClause *arm)
{
	switch (arm->commandType) {
	case CMD_NOTHING:
		return 0;
	case CMD_INSERT:
		return 1u << DEED_INSERT;
	case CMD_UPDATE:
		return 1u << DEED_UPDATE;
	case CMD_DELETE:
		return 1u << DEED_DELETE;
	default:
		return 1u << DEED_MERGE;
	}
}

static const List *assigned_by(const MergeWhenClause *arm)
{
	return arm->commandType == CMD_UPDATE ? arm->targetList : NULL;
}

/* What all arms assign; NULL: it cannot be told. */
static const char *const *assigned_by_arms(struct facts_builder *builder,
					   const MergeStmt *merge)
{
	const char **names;
	size_t count = 0;
	ListCell *arm, *target;

	foreach (arm, merge->mergeWhenClauses)
		count += (size_t)list_length(assigned_by(lfirst(arm)));
	names = arena_alloc(builder->arena, (count + 1) * sizeof(*names));
	count = 0;
	foreach (arm, merge->mergeWhenClauses) {
		foreach (target, assigned_by(lfirst(arm))) {
			const char *name = ((ResTarget *)lfirst(target))->name;

			if (!name)
				return NULL;
			names[count++] = arena_text(builder->arena, name);
		}
	}
	return names;
}

void record_merge(struct facts_builder *builder, Node *node)
{
	MergeStmt *merge = (MergeStmt *)node;
	uint32_t deeds = 0;
	ListCell *cell;

	foreach (cell, merge->mergeWhenClauses)
		deeds |= arm_deed(lfirst(cell));
	if (!(deeds & ~(1u << DEED_INSERT))) {
		add_write(builder, DEED_INSERT, merge->relation);
		return;
	}
	add_write(builder, DEED_MERGE, merge->relation);
	note_also(builder, deeds);
	note_columns(builder, assigned_by_arms(builder, merge));
}

/* --- SELECT -------------------------------------------------------------- */

static bool is_locked(const LockingClause *clause, const RangeVar *relation)
{
	const char *name = relation->alias ? relation->alias->aliasname :
					     relation->relname;
	ListCell *cell;

	if (!clause->lockedRels)
		return true;
	foreach (cell, clause->lockedRels)
		if (strcmp(((RangeVar *)lfirst(cell))->relname, name) == 0)
			return true;
	return false;
}

static bool is_locked_by_any(const List *clauses, const RangeVar *relation)
{
	ListCell *cell;

	foreach (cell, clauses)
		if (is_locked(lfirst(cell), relation))
			return true;
	return false;
}

/* FOR UPDATE reaches into joins, and into subselects as a whole. */
static void add_locks(struct facts_builder *builder, const List *clauses,
		      Node *item)
{
	ListCell *cell;

	if (!item)
		return;
	if (IsA(item, RangeVar)) {
		if (is_locked_by_any(clauses, (RangeVar *)item))
			add_target(builder, DEED_LOCK, (RangeVar *)item);
	} else if (IsA(item, JoinExpr)) {
		add_locks(builder, clauses, ((JoinExpr *)item)->larg);
		add_locks(builder, clauses, ((JoinExpr *)item)->rarg);
	} else if (IsA(item, RangeTableSample)) {
		add_locks(builder, clauses,
			  ((RangeTableSample *)item)->relation);
	} else if (IsA(item, RangeSubselect)) {
		RangeSubselect *below = (RangeSubselect *)item;
		RangeVar named = { .type = T_RangeVar, .alias = below->alias };
		SelectStmt *select = (SelectStmt *)below->subquery;
		LockingClause all = { .type = T_LockingClause };

		if (below->alias && !is_locked_by_any(clauses, &named))
			return;
		foreach (cell, select->fromClause) {
			List list = { .type = T_List, .length = 1 };
			ListCell only = { .ptr_value = &all };

			list.elements = &only;
			add_locks(builder, &list, lfirst(cell));
		}
	}
}

static bool is_set_config(const Node *node)
{
	const FuncCall *call = (const FuncCall *)node;

	return IsA(node, FuncCall) && !call->agg_filter && !call->over &&
	       strcmp(string_of(llast(call->funcname)), "set_config") == 0;
}

/* Once for sure, as nothing is asked of any row. */
static const List *find_called(const SelectStmt *select)
{
	ListCell *cell;

	if (select->op != SETOP_NONE || select->fromClause ||
	    select->whereClause || select->groupClause ||
	    select->havingClause || select->limitCount ||
	    select->limitOffset || select->distinctClause)
		return NULL;
	foreach (cell, select->targetList)
		if (!is_set_config(((ResTarget *)lfirst(cell))->val))
			return NULL;
	return select->targetList;
}

void record_select(struct facts_builder *builder, Node *node)
{
	SelectStmt *select = (SelectStmt *)node;
	ListCell *cell;

	if (!builder->nested)
		builder->called = find_called(select);
	if (select->intoClause) {
		builder->command = "SELECT INTO";
		add_created(builder, select->intoClause->rel);
		current_statement(builder)->is_ddl = true;
	}
	if (!select->lockingClause)
		return;
	builder->command = "SELECT ... FOR UPDATE or SHARE";
	current_statement(builder)->reads_only = false;
	foreach (cell, select->fromClause)
		add_locks(builder, select->lockingClause, lfirst(cell));
}

void record_create_as(struct facts_builder *builder, Node *node)
{
	add_created(builder, ((CreateTableAsStmt *)node)->into->rel);
}

void record_view(struct facts_builder *builder, Node *node)
{
	add_created(builder, ((ViewStmt *)node)->view);
	builder->viewing = true;
}

void record_sequence(struct facts_builder *builder, Node *node)
{
	add_created(builder, ((CreateSeqStmt *)node)->sequence);
}

void record_composite(struct facts_builder *builder, Node *node)
{
	add_created(builder, ((CompositeTypeStmt *)node)->typevar);
}

void record_refresh(struct facts_builder *builder, Node *node)
{
	add_target(builder, DEED_ALTER, ((RefreshMatViewStmt *)node)->relation);
}

/* --- the rest ------------------------------------------------------------ */

void record_copy(struct facts_builder *builder, Node *node)
{
	CopyStmt *copy = (CopyStmt *)node;

	if (copy->is_program)
		add_forbidden(builder, "COPY ... PROGRAM");
	else if (copy->filename && !copy->is_from)
		add_forbidden(builder, "COPY ... TO a file of the server");
	if (copy->is_from && copy->relation)
		add_write(builder, DEED_COPY_IN, copy->relation);
}

void record_truncate(struct facts_builder *builder, Node *node)
{
	TruncateStmt *truncate = (TruncateStmt *)node;
	ListCell *cell;

	foreach (cell, truncate->relations) {
		add_write(builder, DEED_TRUNCATE, lfirst(cell));
		note_cascade(builder, truncate->behavior == DROP_CASCADE);
	}
}

/* What SELECT and INSERT suffice for, see LockTableAclCheck() of Postgres. */
void record_lock(struct facts_builder *builder, Node *node)
{
	LockStmt *lock = (LockStmt *)node;
	bool harmless = lock->mode == AccessShareLock ||
			lock->mode == RowExclusiveLock;
	ListCell *cell;

	current_statement(builder)->reads_only = false;
	foreach (cell, lock->relations)
		add_target(builder, harmless ? DEED_READ : DEED_LOCK,
			   lfirst(cell));
}

/*
 * WITH that changes data. In Postgres all parts of a statement see the tables
 * as they were before it; what they tell each other goes through RETURNING.
 * SQLite has no such statement, so the parts run one after the other, each
 * keeping what it returns (pool/sqlite/kept.h), and the last one is the
 * statement itself:
 *
 *   WITH a AS (INSERT ... RETURNING id), b AS (SELECT ...) SELECT ... FROM a
 *
 *   part 0   INSERT ... RETURNING id
 *   part 1   WITH _c1(column1) AS (... pg_kept(0)) SELECT ...
 *   then     WITH _c1 ..., _c2 ... SELECT ... FROM _c1
 *   then     what changes data and is not read
 *
 * A table that an earlier part has changed is read as it was: without the
 * rows that were inserted, or from a copy made before everything else.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

#define PARTS_MAX 100

/* A table that an earlier part changes. */
struct written {
	struct written *next;
	const struct schema_table *table;
	int part;		/* that only inserts; or -1 */
	bool has_rowid;		/* that part returns rowids, too */
	int copy;		/* the part that copied it first, or -1 */
};

bool with_changes(WithClause *with)
{
	ListCell *cell;

	if (with == NULL)
		return false;
	foreach(cell, with->ctes) {
		if (!IsA(((CommonTableExpr *)lfirst(cell))->ctequery,
			 SelectStmt))
			return true;
	}
	return false;
}

int keep_part(struct compile_state *state, const char *sql, int columns)
{
	if (state->parts == NULL)
		state->parts = arena_alloc(state->arena,
					   sizeof(*state->parts) * PARTS_MAX);
	if (state->part_count == PARTS_MAX) {
		compile_fail(state, -1, SQLSTATE_LIMIT_EXCEEDED,
			     "a statement of more than %d parts", PARTS_MAX);
		return -1;
	}
	state->parts[state->part_count] =
		(struct compiled_before){ .sql = sql, .column_count = columns };
	return state->part_count++;
}

/* --- what was changed ------------------------------------------------------------ */

static struct written *find_written(struct compile_state *state,
				    const struct schema_table *table)
{
	for (struct written *at = state->written; at != NULL; at = at->next) {
		if (at->table == table)
			return at;
	}
	return NULL;
}

static void note_table(struct compile_state *state,
		       const struct schema_table *table, int part)
{
	struct written *written = find_written(state, table);

	if (written != NULL) {
		written->part = -1;
		return;
	}
	written = arena_alloc(state->arena, sizeof(*written));
	*written = (struct written){ .next = state->written, .table = table,
				     .part = part, .copy = -1 };
	state->written = written;
}

/* A copy of the table, made before any other part runs. */
static int copy_table(struct compile_state *state,
		      const struct schema_table *table)
{
	const char *columns = "rowid";
	int part;

	for (int i = 0; i < table->column_count; i++)
		columns = arena_printf(state->arena, "%s, %s", columns,
				       print_name(state->arena,
						  table->columns[i].name));
	part = keep_part(state, arena_printf(state->arena,
			"SELECT %s FROM %s", columns,
			print_table(state->arena, table)),
			table->column_count + 1);
	if (part >= 0)
		state->parts[part].copies = true;
	return part;
}

static const char *print_copy(struct compile_state *state,
			      const struct schema_table *table, int copy)
{
	const char *columns = "pg_item(value, 0) AS rowid";

	for (int i = 0; i < table->column_count; i++)
		columns = arena_printf(state->arena,
				       "%s, pg_item(value, %d) AS %s", columns,
				       i + 1, print_name(state->arena,
						table->columns[i].name));
	return arena_printf(state->arena, "(SELECT %s FROM pg_kept(%d))",
			    columns, copy);
}

/* The rows that a part inserted: it must return their rowids, too. */
static const char *print_inserted(struct compile_state *state,
				  struct written *written)
{
	struct compiled_before *part = &state->parts[written->part];

	if (!written->has_rowid) {
		part->sql = arena_printf(state->arena, "%s%s", part->sql,
					 part->column_count > 0 ? ", rowid" :
					 " RETURNING rowid");
		part->column_count++;
		written->has_rowid = true;
	}
	return arena_printf(state->arena,
			    "(SELECT pg_item(value, %d) FROM pg_kept(%d))",
			    part->column_count - 1, written->part);
}

const char *table_as_it_was(struct compile_state *state,
			    const struct schema_table *table)
{
	struct written *written = find_written(state, table);

	if (written == NULL)
		return print_table(state->arena, table);
	if (written->part >= 0)
		return arena_printf(state->arena,
				    "(SELECT rowid, * FROM %s WHERE rowid NOT IN %s)",
				    print_table(state->arena, table),
				    print_inserted(state, written));
	if (written->copy < 0)
		written->copy = copy_table(state, table);
	return written->copy < 0 ? NULL :
	       print_copy(state, table, written->copy);
}

static bool fail_twice(struct compile_state *state,
		       const struct schema_table *table)
{
	return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "changing table \"%s\" twice in one statement is not supported on SQLite",
			    table->name);
}

bool upserts_alone(struct compile_state *state,
		   const struct schema_table *table)
{
	return find_written(state, table) == NULL || fail_twice(state, table);
}

bool rows_as_they_were(struct compile_state *state,
		       const struct schema_table *table,
		       const char **condition)
{
	struct written *written = find_written(state, table);

	if (written == NULL)
		return true;
	if (written->part < 0)
		return fail_twice(state, table);
	*condition = arena_printf(state->arena, "%s%s rowid NOT IN %s",
				  *condition, (*condition)[0] == '\0' ?
				  " WHERE" : " AND",
				  print_inserted(state, written));
	return true;
}

void parts_mark(struct compile_state *state, struct parts_mark *ret_mark)
{
	struct written **end = &ret_mark->written;

	*ret_mark = (struct parts_mark){ .count = state->part_count,
					 .kept_ctes = state->kept_ctes };
	for (struct written *at = state->written; at != NULL; at = at->next) {
		*end = arena_alloc(state->arena, sizeof(**end));
		**end = *at;
		end = &(*end)->next;
	}
}

void parts_forget(struct compile_state *state, const struct parts_mark *mark)
{
	state->part_count = mark->count;
	state->written = mark->written;
	state->kept_ctes = mark->kept_ctes;
}

/* --- parts ----------------------------------------------------------------------- */

static bool compile_change(struct compile_state *state, Node *node,
			   struct compiled *out)
{
	switch (nodeTag(node)) {
	case T_InsertStmt:
		return compile_insert(state, (InsertStmt *)node, out);
	case T_UpdateStmt:
		return compile_update(state, (UpdateStmt *)node, out);
	case T_DeleteStmt:
		return compile_delete(state, (DeleteStmt *)node, out);
	default:
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "this statement in WITH is not supported on SQLite");
	}
}

static RangeVar *target_of(Node *node)
{
	return IsA(node, InsertStmt) ? ((InsertStmt *)node)->relation :
	       IsA(node, UpdateStmt) ? ((UpdateStmt *)node)->relation :
	       ((DeleteStmt *)node)->relation;
}

/* Foreign keys act when all parts have run: see pool/sqlite/key_queue.h. */
static void note_change(struct compile_state *state, Node *node, int part)
{
	const OnConflictClause *conflict = IsA(node, InsertStmt) ?
		((InsertStmt *)node)->onConflictClause : NULL;
	bool only_inserts = IsA(node, InsertStmt) &&
			    (conflict == NULL ||
			     conflict->action == ONCONFLICT_NOTHING);

	note_table(state, compile_find_table(state, target_of(node)),
		   only_inserts ? part : -1);
}

void note_statement(struct compile_state *state)
{
	if (!IsA(state->statement, SelectStmt))
		note_table(state, compile_find_table(
				   state, target_of(state->statement)), -1);
}

static bool change_part(struct compile_state *state, struct scope *scope,
			CommonTableExpr *node, struct cte *cte, int *ret_part)
{
	struct compiled part = { .column_count = 0 };
	struct cte *outer = state->part_ctes;
	bool done;

	state->part_ctes = scope->ctes;
	state->in_part = true;
	done = compile_change(state, node->ctequery, &part);
	state->in_part = false;
	state->part_ctes = outer;
	if (!done)
		return false;
	*ret_part = keep_part(state, part.sql, part.column_count);
	if (*ret_part >= 0)
		state->parts[*ret_part].once = part.once;
	cte->columns = part.columns;
	cte->column_count = part.column_count;
	cte->returns_nothing = part.columns == NULL;
	if (*ret_part >= 0)
		note_change(state, node->ctequery, *ret_part);
	return *ret_part >= 0;
}

bool kept_part(struct compile_state *state, struct scope *scope,
	       CommonTableExpr *node, struct cte *cte, const char *definition,
	       int *ret_part)
{
	if (!IsA(node->ctequery, SelectStmt))
		return change_part(state, scope, node, cte, ret_part);
	*ret_part = keep_part(state, arena_printf(state->arena,
			"WITH RECURSIVE %s%s%s SELECT * FROM %s",
			state->kept_ctes != NULL ? state->kept_ctes : "",
			state->kept_ctes != NULL ? ", " : "", definition,
			cte->alias), cte->column_count);
	return *ret_part >= 0;
}

const char *kept_definition(struct compile_state *state, const struct cte *cte,
			    int part)
{
	const char *names = "", *items = "";

	for (int i = 0; i < cte->column_count; i++) {
		const char *comma = i > 0 ? ", " : "";

		names = arena_printf(state->arena, "%s%scolumn%d", names,
				     comma, i + 1);
		items = arena_printf(state->arena, "%s%spg_item(value, %d)",
				     items, comma, i);
	}
	if (cte->column_count == 0)
		return arena_printf(state->arena,
				    "%s(column1) AS MATERIALIZED (SELECT 1 FROM pg_kept(%d))",
				    cte->alias, part);
	return arena_printf(state->arena,
			    "%s(%s) AS MATERIALIZED (SELECT %s FROM pg_kept(%d))",
			    cte->alias, names, items, part);
}

#include "pool/sqlite/session_constraints.h"

#include <stdlib.h>

#include "pool/sqlite/key_queue.h"
#include "pool/sqlite/names.h"
#include "pool/sqlite/run_witness.h"
#include "protocol/sql_nodes.h"

#define DEFERRALS_MAX 10000

/* --- what is broken ----------------------------------------------------------------- */

bool session_defers(const struct lite_session *session,
		    const struct schema_constraint *key)
{
	for (int i = session->deferral_count; key->deferrable && i-- > 0;) {
		const struct lite_deferral *each = &session->deferrals[i];

		if (!each->key || each->key == key->oid)
			return each->deferred;
	}
	return key->deferred;
}

static void put_orphans(struct buffer *sql, const struct schema_table *child,
			const struct schema_table *parent,
			const struct schema_constraint *key)
{
	put_names(sql, "SELECT _c.rowid FROM \"%w\".\"%w\" AS _c WHERE ",
		  child->lite_database, child->lite_name);
	for (int i = 0; i < key->column_count; i++)
		put_names(sql, "_c.\"%w\" IS NOT NULL AND ",
			  name_of(child, key->columns[i]), NULL);
	put_names(sql, "NOT EXISTS (SELECT 1 FROM \"%w\".\"%w\" AS _p WHERE ",
		  parent->lite_database, parent->lite_name);
	for (int i = 0; i < key->column_count; i++) {
		if (i)
			buffer_put_text(sql, " AND ");
		put_names(sql, "_p.\"%w\" = _c.\"%w\"",
			  name_of(parent, key->foreign_columns[i]),
			  name_of(child, key->columns[i]));
	}
	buffer_put_text(sql, ") LIMIT 1");
}

bool session_is_broken(struct lite_session *session,
		       const struct schema_table *child,
		       const struct schema_constraint *key, int64_t *ret_rowid)
{
	const struct schema_table *parent = schema_find_table(
		session->schema, NULL, key->foreign_schema,
		key->foreign_table);
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	bool found;

	if (!parent)
		return false;
	put_orphans(&sql, child, parent, key);
	sqlite3_prepare_v2(session->connection->db, buffer_cstring(&sql), -1,
			   &statement, NULL);
	found = statement && sqlite3_step(statement) == SQLITE_ROW;
	if (found)
		*ret_rowid = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	buffer_fini(&sql);
	return found;
}

struct witness *session_broken_row(
	struct lite_session *session,
	bool (*concerns)(const struct lite_session *,
			 const struct schema_constraint *))
{
	const struct schema *schema = session->schema;
	struct witness *found = NULL;

	for (int i = 0; schema && i < schema->table_count && !found; i++) {
		const struct schema_table *table = &schema->tables[i];

		for (int j = 0; j < table->constraint_count && !found; j++) {
			const struct schema_constraint *key =
				&table->constraints[j];

			if (key->kind == CONSTRAINT_FOREIGN &&
			    (!concerns || concerns(session, key)))
				found = lite_orphan_new(session, key, table);
		}
	}
	return found;
}

/* --- around a statement ----------------------------------------------------------------- */

static bool waits(const struct lite_session *session,
		  const struct schema_constraint *key)
{
	return key->kind == CONSTRAINT_FOREIGN && !key->deferred &&
	       session_defers(session, key);
}

static bool any_key(const struct lite_session *session,
		    bool (*concerns)(const struct lite_session *,
				     const struct schema_constraint *))
{
	const struct schema *schema = session->schema;

	for (int i = 0; i < schema->table_count; i++)
		for (int j = 0; j < schema->tables[i].constraint_count; j++)
			if (concerns(session, &schema->tables[i].constraints[j]))
				return true;
	return false;
}

static bool defer_all(struct lite_connection *connection)
{
	connection->defers = lite_run_own(connection, "PRAGMA "
					  "defer_foreign_keys = ON") ==
			     SQLITE_OK;
	return connection->defers;
}

bool session_start_deferring(struct lite_session *session, struct error *error)
{
	struct lite_connection *connection = session->connection;

	if (!session->deferral_count || connection->defers || !session->schema ||
	    !any_key(session, waits))
		return true;
	/* SQLite counts what is broken, and would lose count. */
	if (lite_is_broken(connection))
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
				 "deferring further constraints while a "
				 "deferred one is broken is not supported on "
				 "SQLite");
	return defer_all(connection) ||
	       error_set(error, SQLSTATE_INTERNAL, "%s",
			 "could not defer constraints");
}

void session_defer_for_now(struct lite_session *session)
{
	if (!session->connection->defers &&
	    !lite_is_broken(session->connection))
		defer_all(session->connection);
}

/* SQLite waits for the end of the transaction, Postgres does not. */
static bool does_not_wait(const struct lite_session *session,
			  const struct schema_constraint *key)
{
	return (session->connection->defers || key->deferred) &&
	       !session_defers(session, key);
}

bool session_keys_hold(struct lite_session *session,
		       const struct lite_plan *plan, struct error *error)
{
	struct lite_connection *connection = session->connection;
	struct witness *broken;

	if (!late_settle(session, plan, error))
		return false;
	if ((!session->deferral_count && !connection->defers) ||
	    !connection->is_writer || !connection->member ||
	    !lite_is_broken(connection))
		return true;
	broken = session_broken_row(session, does_not_wait);
	if (!broken)
		return true;
	/* Said by the row that is found, if the statement cannot be run again
	 * from where it began. */
	lite_orphan_tell(broken, false, error);
	lite_witness_free(&broken);
	if (session->statement_open && !session->in_block) {
		lite_verb(connection->verbs.rollback_statement);
		key_queue_explain(session, plan, error);
	}
	return false;
}

/* --- SET CONSTRAINTS ---------------------------------------------------------------------- */

static bool add_deferral(struct lite_session *session, uint32_t key,
			 bool deferred, struct error *error)
{
	int count = session->deferral_count;

	/* ALL covers what was said before, unless that may come back. */
	if (!key && !session->savepoint_count)
		count = 0;
	if (count == DEFERRALS_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
				 "too many SET CONSTRAINTS in one transaction "
				 "(limit %d)", DEFERRALS_MAX);
	if ((count & (count - 1)) == 0)
		session->deferrals = must_realloc(session->deferrals,
				((size_t)count * 2 + 1) *
				sizeof(*session->deferrals));
	session->deferrals[count] = (struct lite_deferral){ key, deferred };
	session->deferral_count = count + 1;
	return true;
}

/* All of that name in the schema, as in Postgres. */
static bool set_in(struct lite_session *session, const char *schema,
		   const char *name, bool deferred, bool *found,
		   struct error *error)
{
	for (int i = 0; i < session->schema->table_count; i++) {
		const struct schema_table *table = &session->schema->tables[i];
		const struct schema_constraint *key;

		if (table->catalog || strcmp(table->schema, schema) != 0)
			continue;
		key = schema_find_constraint(table, name);
		if (!key)
			continue;
		*found = true;
		if (!key->deferrable && deferred)
			return error_set(error, "42809", "constraint \"%s\" is "
					 "not deferrable", name);
		if (key->deferrable &&
		    !add_deferral(session, key->oid, deferred, error))
			return false;
	}
	return true;
}

static bool set_named(struct lite_session *session, const RangeVar *name,
		      bool deferred, struct error *error)
{
	const char *const *path = session->compile.search_path;
	bool temporary = name->schemaname == NULL ||
			 strcmp(name->schemaname, "pg_temp") == 0;
	const char *const given[] = { name->schemaname, NULL };
	bool found = false;

	if (name->schemaname &&
	    !schema_find_namespace(session->schema, name->schemaname))
		return error_set(error, "3F000", "schema \"%s\" does not exist",
				 name->schemaname);
	/* Temporary tables come before the path. */
	if (temporary && !set_in(session, SCHEMA_TEMP, name->relname, deferred,
				 &found, error))
		return false;
	for (const char *const *each = name->schemaname ? given : path;
	     each && *each && !found; each++)
		if (!set_in(session, *each, name->relname, deferred, &found,
			    error))
			return false;
	return found || error_set(error, SQLSTATE_UNDEFINED_OBJECT,
				  "constraint \"%s\" does not exist",
				  name->relname);
}

static bool set_all(struct lite_session *session,
		    const ConstraintsSetStmt *node, struct error *error)
{
	const ListCell *cell;

	if (!node->constraints)
		return add_deferral(session, 0, node->deferred, error);
	foreach(cell, node->constraints)
		if (!set_named(session, lfirst(cell), node->deferred, error))
			return false;
	return true;
}

/* What must not wait any longer is looked at now. */
static bool check_now(struct lite_session *session, struct error *error)
{
	struct lite_connection *connection = session->connection;
	struct witness *broken;
	bool undone;

	if (!connection->is_writer || !connection->member)
		return true;
	if (!late_check(session, error))
		return false;
	broken = lite_is_broken(connection) ?
		 session_broken_row(session, does_not_wait) : NULL;
	if (!broken)
		return true;
	/* The transaction has failed; without savepoints it is over. */
	undone = session->status == 'T' && !session->savepoint_count;
	session_undo(session);
	lite_orphan_tell(broken, undone, error);
	lite_witness_free(&broken);
	return false;
}

bool session_set_constraints(struct lite_session *session,
			     const ConstraintsSetStmt *node,
			     struct error *error)
{
	int before = session->deferral_count;
	bool alone = session->status == 'I' && !session->query_multiple;
	bool done;

	if (alone)
		session_notice(session, "WARNING",
			       SQLSTATE_NO_ACTIVE_TRANSACTION,
			       "SET CONSTRAINTS can only be used in "
			       "transaction blocks");
	done = set_all(session, node, error);
	if (alone)
		session->deferral_count = before;
	return done && (node->deferred || check_now(session, error));
}

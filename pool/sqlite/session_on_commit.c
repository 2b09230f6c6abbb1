/* ON COMMIT of temporary tables: what a commit removes before it is one. */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/session.h"
#include "protocol/dialect/compile_state.h"

static const struct schema_table *next_table(const struct lite_session *session,
					     enum on_commit what, int *at)
{
	const struct schema *schema = session->schema;

	while (*at < schema->table_count) {
		const struct schema_table *table = &schema->tables[(*at)++];

		if (table->on_commit == what)
			return table;
	}
	return NULL;
}

static bool delete_rows(struct lite_session *session, bool *ret_any,
			struct error *error)
{
	const struct schema_table *table;
	int at = 0;

	*ret_any = false;
	while ((table = next_table(session, ON_COMMIT_DELETE_ROWS, &at))) {
		const char *sql = arena_printf(&session->scratch,
			"DELETE FROM %s", print_table(&session->scratch,
						      table));

		*ret_any = true;
		if (lite_run_own(session->connection, sql) != SQLITE_OK)
			return error_set(error, SQLSTATE_INTERNAL,
					 "could not empty table \"%s\": %s",
					 table->name,
					 sqlite3_errmsg(session->connection
							->db));
	}
	return true;
}

/* The plan is that of a DROP TABLE; the schema is another afterwards. */
static bool drop_table(struct lite_session *session,
		       const struct schema_table *table, struct error *error)
{
	const char *sql = arena_printf(&session->scratch,
		"DROP TABLE pg_temp.%s CASCADE",
		print_name(&session->scratch, table->name));
	struct lite_plan *plan = session_plan(session, slice_text(sql), NULL,
					      0, false, error);
	bool done = plan && session_run_steps(session, plan, error);

	lite_plan_unref(&plan);
	return done && session_refresh(session, error);
}

bool session_on_commit(struct lite_session *session, struct error *error)
{
	const struct schema_table *table;
	bool any;
	int at;

	if (!session->has_on_commit)
		return true;
	if (!session_refresh(session, error) ||
	    !delete_rows(session, &any, error))
		return false;
	while (at = 0, (table = next_table(session, ON_COMMIT_DROP, &at)))
		if (!drop_table(session, table, error))
			return false;
	session->has_on_commit = any;
	return true;
}

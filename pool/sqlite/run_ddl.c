/*
 * Running DDL: the steps a plan was compiled to, under the writer. Each is a
 * text of weir's own, or a question whose rows are a reason to refuse.
 */
#include "pool/sqlite/session.h"

void session_fail_concurrent(struct error *error)
{
	error_set(error, SQLSTATE_SERIALIZATION, "%s",
		  "could not serialize access due to concurrent DDL");
}

static void put_notices(struct lite_session *session,
			const struct compiled *compiled)
{
	const struct compiled_notice *notice = compiled->notices;

	for (; notice && notice->text; notice++) {
		struct error told;

		error_set(&told, notice->sqlstate, "%s", notice->text);
		if (notice->detail)
			error_detail(&told, "%s", notice->detail);
		if (session_hears(session, "NOTICE"))
			notice_write(&told, "NOTICE", &session->output);
	}
}

/* A row that is a reason to refuse may tell the error's detail. */
static void read_detail(sqlite3_stmt *statement, struct error *refusal)
{
	if (sqlite3_column_type(statement, 0) == SQLITE_TEXT)
		error_detail(refusal, "%s", (const char *)
			     sqlite3_column_text(statement, 0));
}

static int run_text(sqlite3 *db, const char *sql, struct error *refusal,
		    bool *ret_row)
{
	sqlite3_stmt *statement;
	int code = SQLITE_OK;

	*ret_row = false;
	while (code == SQLITE_OK && *sql) {
		code = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);
		if (code != SQLITE_OK || !statement)
			return code;
		while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
			if (!*ret_row)
				read_detail(statement, refusal);
			*ret_row = true;
		}
		code = sqlite3_finalize(statement);
	}
	return code;
}

static bool run_steps(struct lite_session *session,
		      const struct lite_plan *plan, struct error *error)
{
	struct lite_connection *writer = session->connection;
	const struct compiled *compiled = &plan->compiled;

	for (int i = 0; i < compiled->step_count; i++) {
		const struct compiled_step *step = &compiled->steps[i];
		struct error refusal = step->error ? *step->error
						   : (struct error){ 0 };
		bool row = false;
		int code = run_text(writer->db, step->sql, &refusal, &row);

		if (code != SQLITE_OK) {
			if (step->error &&
			    (code & 0xff) == SQLITE_CONSTRAINT)
				*error = refusal;
			else
				session_describe_error(session, code, plan,
						       error);
			if ((code & 0xff) == SQLITE_ERROR)
				session_refuse_form(error);
			lite_check_loss(writer, code);
			return false;
		}
		if (row && step->error) {
			*error = refusal;
			return false;
		}
	}
	return true;
}

/* Temporary tables live on a connection that only this session uses: where it
 * has written already, the one it writes on. */
static enum session_step take_own_connection(struct lite_session *session,
					     struct error *error)
{
	struct lite_connection *connection = session->connection;

	if (connection->is_writer && connection->member)
		return lite_writer_keep(connection, &session->job, error) ?
			       STEP_DONE : STEP_FAILED;
	session->job.wants_own = true;
	return STEP_MOVE;
}

/* What failed is rolled back, triggers and all; what SQLite has lost as a
 * whole is put up anew by the writer. */
static bool end_exemption(struct lite_session *session, bool done,
			  struct error *error)
{
	struct lite_connection *writer = session->connection;

	writer->exempt = false;
	if (!done || writer->lost)
		return done;
	if (lite_connection_protect(writer) == SQLITE_OK)
		return true;
	return error_set(error, SQLSTATE_INTERNAL,
			 "could not protect insert-only tables: %s",
			 sqlite3_errmsg(writer->db));
}

bool session_run_steps(struct lite_session *session,
		       const struct lite_plan *plan, struct error *error)
{
	struct lite_connection *writer = session->connection;
	const struct compiled *compiled = &plan->compiled;
	bool exempt = lite_is_exempt(session->engine, session->user), done;
	bool keys_off = compiled->keys_off && !lite_is_broken(writer);

	if ((!exempt && !session_keeps_losers(session, plan, error)) ||
	    !late_lets_reshape(session, plan, error))
		return false;
	writer->denied[0] = writer->exempted[0] = 0;
	writer->context.error.sqlstate[0] = 0;
	put_notices(session, compiled);
	if (exempt)
		lite_connection_exempt(writer);
	writer->trust = LITE_STEPS;
	sqlite3_db_config(writer->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	if (keys_off)
		sqlite3_db_config(writer->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0,
				  NULL);
	lite_sequences_reread(writer);
	done = run_steps(session, plan, error);
	lite_sequences_forget(writer->engine->sequences, true);
	if (keys_off)
		sqlite3_db_config(writer->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1,
				  NULL);
	sqlite3_db_config(writer->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	writer->trust = LITE_CLIENT;
	if (exempt)
		done = end_exemption(session, done, error);
	if (exempt && done)
		session_note_exempted(session, plan);
	if (!writer->lost && compiled->step_count)
		lite_schema_changed(writer);
	session->has_on_commit |= done && compiled->on_commit;
	return done;
}

static enum session_step run_ddl(struct lite_session *session,
				 const struct lite_plan *plan,
				 struct error *error)
{
	const struct compiled *compiled = &plan->compiled;

	if (!session_run_steps(session, plan, error))
		return STEP_FAILED;
	session_leave(session);
	if (compiled->counts_last)
		session_put_tag(session, plan, (uint64_t)sqlite3_changes64(
					       session->connection->db));
	else
		session_complete(session, compiled->tag);
	return STEP_DONE;
}

/* DDL is compiled against the schema as it was; now that the writer is held it
 * cannot change any more, and if it has it is compiled again. */
static struct lite_plan *plan_of_now(struct lite_session *session,
				     const struct lite_plan *plan,
				     struct error *error)
{
	struct lite_plan *now;

	lite_schema_look(session->connection);
	if (!session_refresh(session, error))
		return NULL;
	if (plan->schema == session->schema)
		return lite_plan_ref((struct lite_plan *)(uintptr_t)plan);
	now = session_plan(session, plan->text, plan->declared,
			   plan->declared_count, false, error);
	if (now && now->compiled.kind != COMPILED_DDL) {
		lite_plan_unref(&now);
		session_fail_concurrent(error);
	}
	return now;
}

enum session_step session_run_ddl(struct lite_session *session,
				  const struct lite_plan *plan,
				  struct error *error)
{
	enum session_step step;
	struct lite_plan *now;

	if (plan->temporary && !session->job.own) {
		step = take_own_connection(session, error);
		if (step != STEP_DONE)
			return step;
	}
	session->alone = true;
	step = lite_session_enter(session, true, plan->compiled.tag, error);
	if (step != STEP_DONE)
		return step;
	now = plan_of_now(session, plan, error);
	if (!now)
		return STEP_FAILED;
	step = run_ddl(session, now, error);
	lite_plan_unref(&now);
	return step;
}

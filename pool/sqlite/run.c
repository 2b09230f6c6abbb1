/*
 * Running a plan: bind, step, rows to the wire.
 *
 * A row is written straight into the session's output. On a reader, or inside
 * a transaction, a full output stops the statement between two rows; it goes
 * on when the client has read. What a client asked for piece by piece
 * (Execute with a row limit) is run to its end at once and kept encoded, so
 * that no statement stays open between two messages.
 */
#include "pool/sqlite/key_queue.h"

#include <stdio.h>

#include "pool/sqlite/session_constraints.h"
#include "protocol/frame.h"

/* --- values ------------------------------------------------------------------------ */

static int bind_value(sqlite3_stmt *statement, int index,
		      const struct value *value)
{
	static const char empty[] = "";
	const void *bytes = value->bytes.at ? (const void *)value->bytes.at :
					      empty;

	switch (value->kind) {
	case VALUE_INTEGER:
		return sqlite3_bind_int64(statement, index, value->integer);
	case VALUE_REAL:
		return sqlite3_bind_double(statement, index, value->real);
	case VALUE_TEXT:
		return sqlite3_bind_text64(statement, index, bytes,
					   value->bytes.length, SQLITE_STATIC,
					   SQLITE_UTF8);
	case VALUE_BLOB:
		return sqlite3_bind_blob64(statement, index, bytes,
					   value->bytes.length, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(statement, index);
	}
}

bool session_bind_values(struct lite_session *session, sqlite3_stmt *statement,
			 const struct value *values, int count,
			 struct error *error)
{
	/* A parameter that the statement turned out not to use. */
	int used = sqlite3_bind_parameter_count(statement);

	for (int i = 0; i < count && i < used; i++) {
		int code = bind_value(statement, i + 1, &values[i]);

		if (code == SQLITE_TOOBIG)
			return error_set(error, SQLSTATE_LIMIT_EXCEEDED, "%s",
					 "value is too long");
		if (code != SQLITE_OK)
			return error_set(error, SQLSTATE_INTERNAL,
					 "could not bind $%d: %s", i + 1,
					 sqlite3_errstr(code));
	}
	return true;
}

void session_column_value(sqlite3_stmt *statement, int column,
			  struct value *ret_value)
{
	memset(ret_value, 0, sizeof(*ret_value));
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		ret_value->kind = VALUE_INTEGER;
		ret_value->integer = sqlite3_column_int64(statement, column);
		break;
	case SQLITE_FLOAT:
		ret_value->kind = VALUE_REAL;
		ret_value->real = sqlite3_column_double(statement, column);
		break;
	case SQLITE_TEXT:
		ret_value->kind = VALUE_TEXT;
		ret_value->bytes.at = sqlite3_column_text(statement, column);
		ret_value->bytes.length =
			(size_t)sqlite3_column_bytes(statement, column);
		break;
	case SQLITE_BLOB:
		ret_value->kind = VALUE_BLOB;
		ret_value->bytes.at = sqlite3_column_blob(statement, column);
		ret_value->bytes.length =
			(size_t)sqlite3_column_bytes(statement, column);
		break;
	default:
		ret_value->kind = VALUE_NULL;
	}
}

static bool put_row(struct lite_session *session, sqlite3_stmt *statement,
		    const struct compiled_column *columns, int count,
		    const uint8_t *formats, struct buffer *out,
		    struct error *error)
{
	size_t mark = message_begin(out, 'D');
	struct value value;

	buffer_put_u16(out, (uint16_t)count);
	for (int i = 0; i < count; i++) {
		size_t length_at = out->length;

		buffer_put_u32(out, UINT32_MAX);
		session_column_value(statement, i, &value);
		if (value.kind == VALUE_NULL)
			continue;
		if (!type_write(columns[i].type, columns[i].typmod,
				formats ? formats[i] : WIRE_TEXT, &value,
				&session->types, out, error)) {
			out->length = mark - 1;
			return false;
		}
		buffer_patch_u32(out, length_at,
				 (uint32_t)(out->length - length_at - 4));
	}
	message_end(out, mark);
	return true;
}

/* --- one statement ------------------------------------------------------------------- */

/* Rows of one table that may be written once: see pool/sqlite/touched.h. */
void session_watch_rows(struct lite_session *session, uint32_t once)
{
	const struct schema_table *table = once ?
		schema_table_by_oid(session->schema, once) : NULL;

	touched_start(&session->connection->context.touched,
		      table ? table->lite_name : NULL);
}

static enum session_step too_much(struct lite_session *session,
				  struct error *error)
{
	error_set(error, SQLSTATE_LIMIT_EXCEEDED,
		  "the result is larger than %zu bytes, and must be kept in "
		  "memory", session->engine->options.result_bytes_max);
	error_hint(error, "%s", "Ask for fewer rows.");
	return STEP_FAILED;
}

static bool fail_before(struct lite_session *session,
			const struct lite_portal *portal, const char *sql,
			int code, struct error *error)
{
	struct lite_plan part = *portal->plan;

	/* The error is that part's, and looked for by running it. */
	part.compiled.sql = sql;
	session_describe_error(session, code, &part, error);
	lite_check_loss(session->connection, code);
	return false;
}

static int keep_part(struct lite_session *session, sqlite3_stmt *statement,
		     int columns, struct kept_set *set, struct error *error)
{
	size_t most = session->engine->options.result_bytes_max;
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		kept_add(set, statement, columns);
		if (set->rows.length > most) {
			too_much(session, error);
			return SQLITE_TOOBIG;
		}
	}
	return code;
}

static bool run_part(struct lite_session *session,
		     const struct lite_portal *portal, int number,
		     struct error *error)
{
	struct lite_connection *connection = session->connection;
	const struct compiled *compiled = &portal->plan->compiled;
	const struct compiled_before *part = &compiled->before[number];
	struct kept_set *set = &connection->context.kept.sets[number];
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(connection->db, part->sql, -1,
				      &statement, NULL);

	if (code != SQLITE_OK) {
		fail_before(session, portal, part->sql, code, error);
		session_refuse_form(error);
		return false;
	}
	error->sqlstate[0] = 0;
	if (!session_bind_values(session, statement, portal->values,
				 compiled->parameter_count, error)) {
		sqlite3_finalize(statement);
		return false;
	}
	session_watch_rows(session, part->once);
	code = keep_part(session, statement, part->column_count, set, error);
	if (code != SQLITE_DONE && code != SQLITE_TOOBIG)
		fail_before(session, portal, part->sql, code, error);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE;
}

/* The parts of a statement that come before the one that answers. */
static bool run_before(struct lite_session *session,
		       const struct lite_portal *portal, struct error *error)
{
	const struct compiled *compiled = &portal->plan->compiled;

	kept_start(&session->connection->context.kept, compiled->before_count);
	for (int i = 0; i < compiled->before_count; i++) {
		if (compiled->before[i].copies &&
		    !run_part(session, portal, i, error))
			return false;
	}
	for (int i = 0; i < compiled->before_count; i++) {
		if (!compiled->before[i].copies &&
		    !compiled->before[i].is_late &&
		    !run_part(session, portal, i, error))
			return false;
	}
	return true;
}

/* Those that come behind it. */
static bool run_late(struct lite_session *session,
		     const struct lite_portal *portal, struct error *error)
{
	const struct compiled *compiled = &portal->plan->compiled;

	for (int i = 0; i < compiled->before_count; i++) {
		if (compiled->before[i].is_late &&
		    !compiled->before[i].copies &&
		    !run_part(session, portal, i, error))
			return false;
	}
	return true;
}

/* What the statement computes of constants, the first time it runs. */
static bool check_constants(struct lite_session *session,
			    const struct lite_portal *portal,
			    struct error *error)
{
	const char *sql = portal->plan->compiled.constants;
	sqlite3_stmt *statement = NULL;
	int code;

	if (!sql || atomic_load(&portal->plan->constants_hold))
		return true;
	code = sqlite3_prepare_v2(session->connection->db, sql, -1, &statement,
				  NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		atomic_store(&portal->plan->constants_hold, true);
	else
		fail_before(session, portal, sql, code, error);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW;
}

/* A change that SQLite does not know what to do with, for another program has
 * just changed the schema: the error is what compiling it now says. */
static void blame_schema(struct lite_session *session,
			 const struct lite_plan *plan, struct error *error)
{
	struct lite_connection *connection = session->connection;
	struct error ignored;
	struct lite_plan *now;

	if (strcmp(error->sqlstate, SQLSTATE_INTERNAL) != 0 ||
	    !connection->is_writer || connection->lost ||
	    !lite_schema_look(connection) ||
	    !session_refresh(session, &ignored))
		return;
	now = session_plan(session, plan->text, plan->declared,
			   plan->declared_count, false, error);
	if (now)
		session_fail_concurrent(error);
	lite_plan_unref(&now);
}

void session_refuse_form(struct error *error)
{
	struct error said = *error;

	if (strcmp(said.sqlstate, SQLSTATE_INTERNAL) != 0)
		return;
	error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
		  "this form of the statement is not supported on SQLite");
	error_detail(error, "SQLite says: %s.", said.message);
}

static bool prepare_portal(struct lite_session *session,
			   struct lite_portal *portal, struct error *error)
{
	struct lite_connection *connection = session->connection;
	const struct compiled *compiled = &portal->plan->compiled;
	int code;

	if (compiled->uses_catalog) {
		code = lite_fill_catalog(connection, session->schema);
		if (code != SQLITE_OK)
			return error_set(error, SQLSTATE_INTERNAL,
					 "could not fill the catalogs: %s",
					 sqlite3_errmsg(connection->db));
	}
	connection->denied[0] = 0;
	connection->context.error.sqlstate[0] = 0;
	session->bound = portal->values;
	session->given_count = 0;
	if (!check_constants(session, portal, error) ||
	    !key_queue_open(session, compiled, error) ||
	    !run_before(session, portal, error))
		return false;
	session_watch_rows(session, compiled->once);
	code = lite_prepare(connection, portal->plan, &portal->running);
	if (code != SQLITE_OK) {
		session_describe_error(session, code, portal->plan, error);
		blame_schema(session, portal->plan, error);
		session_refuse_form(error);
		return false;
	}
	return session_bind_values(session, portal->running->statement,
				   portal->values, compiled->parameter_count,
				   error);
}

/* SQLite compares the schema a statement was prepared with to the file's, and
 * prepares it again, if it can. */
static bool found_change(const struct lite_portal *portal, int code)
{
	return (code != SQLITE_ROW && code != SQLITE_DONE) ||
	       sqlite3_stmt_status(portal->running->statement,
				   SQLITE_STMTSTATUS_REPREPARE, 1) > 0;
}

/* Whether another program has changed what the plan was made for. */
static bool has_moved(struct lite_session *session)
{
	struct lite_connection *connection = session->connection;

	return !connection->is_writer && !session->snapshot &&
	       (lite_schema_look(connection) || lite_schema_moved(connection));
}

/* Between the portal's plan and this snapshot another one may have changed
 * the schema: the message is run again, from its plan on, and where that
 * cannot happen once more. What reads no table has nothing to wait for. */
static enum session_step first_step(struct lite_session *session,
				    struct lite_portal *portal, int *code)
{
	struct lite_connection *connection = session->connection;

	*code = sqlite3_step(portal->running->statement);
	lite_note_snapshot(connection);
	if (session->snapshot || !portal->plan->compiled.uses_tables ||
	    !(lite_schema_moved(connection) ||
	      (found_change(portal, *code) && has_moved(session)))) {
		/* whoever looked has made SQLite forget what was wrong */
		if (*code != SQLITE_ROW && *code != SQLITE_DONE)
			sqlite3_reset(portal->running->statement);
		return STEP_DONE;
	}
	lite_prepared_end(&portal->running);
	return STEP_MOVE;
}

static enum session_step start(struct lite_session *session,
			       struct lite_portal *portal, int *code,
			       struct error *error)
{
	const struct compiled *compiled = &portal->plan->compiled;
	enum session_step step;

	portal->row_count = 0;
	/* All is locked by others. */
	if (compiled->lock_wait == LOCK_SKIPS && session->job.skips) {
		*code = SQLITE_DONE;
		return STEP_DONE;
	}
	session->alone = compiled->many || compiled->before_count;
	step = lite_session_enter(session, compiled->writes,
				  compiled->locks ? compiled->locks :
						    compiled->tag, error);
	session_note_locks(session, step == STEP_MOVE ? compiled->lock_wait :
							LOCK_WAITS,
			   "row in relation", compiled->locked);
	if (step != STEP_DONE)
		return step;
	/* The catalogs are not in the file: SQLite compares nothing. */
	if (compiled->uses_catalog && has_moved(session))
		return STEP_MOVE;
	if (!prepare_portal(session, portal, error)) {
		lite_prepared_end(&portal->running);
		return has_moved(session) ? STEP_MOVE : STEP_FAILED;
	}
	/* What only reads can be stopped without a trace. */
	if (sqlite3_stmt_readonly(portal->running->statement))
		session->connection->interruptible = true;
	step = first_step(session, portal, code);
	if (step == STEP_DONE)
		portal->state = PORTAL_RUNNING;
	return step;
}

/* Full: stop here, if the rows may go to the client before the end. While
 * foreign keys wait for it nobody else may have the connection. */
static bool is_full(const struct lite_session *session)
{
	return session->output.length >= SESSION_OUTPUT_BYTES &&
	       !session->connection->keys &&
	       (!session->connection->is_writer || session->status == 'T');
}

static enum session_step fail_step(struct lite_session *session,
				   struct lite_portal *portal, int code,
				   struct error *error)
{
	struct lite_context *context = &session->connection->context;

	session_describe_error(session, code, portal->plan, error);
	lite_prepared_end(&portal->running);
	portal->state = PORTAL_DONE;
	lite_check_loss(session->connection, code);
	blame_schema(session, portal->plan, error);
	/* A function asked for the writer, or for a lock that is taken. */
	if (strcmp(context->error.sqlstate, LITE_RETRY_WRITER) == 0 ||
	    strcmp(context->error.sqlstate, LITE_RETRY_LOCK) == 0) {
		bool lock = strcmp(context->error.sqlstate,
				   LITE_RETRY_LOCK) == 0;

		context->error.sqlstate[0] = 0;
		if (!lock && lite_settings_on(&session->settings,
					      "transaction_read_only"))
			return error_set(error, SQLSTATE_READ_ONLY, "%s",
					 "cannot execute nextval() in a "
					 "read-only transaction"), STEP_FAILED;
		portal->state = PORTAL_NEW;
		if (lock)
			session_let_go(session);
		else
			session->job.to_writer = true;
		return lock ? STEP_WAIT : STEP_MOVE;
	}
	return STEP_FAILED;
}

/* Puts rows into `out` until the end, a full output, or `most` of them. */
static enum session_step step_rows(struct lite_session *session,
				   struct lite_portal *portal, int *code,
				   uint64_t most, bool keep,
				   struct error *error)
{
	const struct compiled *compiled = &portal->plan->compiled;
	sqlite3_stmt *statement = portal->running ?
					  portal->running->statement : NULL;
	struct buffer *out = keep ? &portal->rows : &session->output;

	for (; *code == SQLITE_ROW; *code = sqlite3_step(statement)) {
		if (most && portal->row_count == most && !keep)
			return STEP_DONE;
		if (portal->cursor)
			session_keep_row(portal, statement,
					 compiled->column_count);
		else if (compiled->columns &&
		    !put_row(session, statement, compiled->columns,
			     compiled->column_count, portal->formats, out,
			     error))
			return STEP_FAILED;
		if (!keep)
			portal->row_count++;
		if (out->length > session->engine->options.result_bytes_max)
			return too_much(session, error);
		if (!keep && !most && is_full(session)) {
			*code = sqlite3_step(statement);
			return *code == SQLITE_ROW ? STEP_FULL : STEP_DONE;
		}
	}
	return STEP_DONE;
}

void session_put_tag(struct lite_session *session,
		     const struct lite_plan *plan, uint64_t count)
{
	char tag[96];

	snprintf(tag, sizeof(tag), "%s %llu", plan->compiled.tag,
		 (unsigned long long)count);
	session_complete(session, tag);
}

/* How many rows a change reached; a query counts its rows. */
static uint64_t count_of(struct lite_session *session,
			 const struct lite_portal *portal)
{
	int part = portal->plan->compiled.counted_part;

	if (part)
		return session->connection->context.kept.sets[part].count;
	if (portal->plan->compiled.kind == COMPILED_QUERY)
		return portal->row_count;
	return (uint64_t)sqlite3_changes64(session->connection->db);
}

static bool was_cancelled(struct lite_session *session, struct error *error)
{
	if (!session->connection->is_writer ||
	    !atomic_load(&session->job.cancelled))
		return false;
	error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
		  "canceling statement due to user request");
	return true;
}

/* Runs to the end of what is asked for. `keep`: every row is kept. */
static enum session_step drive_rows(struct lite_session *session,
			       struct lite_portal *portal, uint64_t most,
			       bool keep, struct error *error)
{
	enum session_step step = STEP_DONE;
	int code = SQLITE_ROW;

	if (portal->state == PORTAL_NEW)
		step = start(session, portal, &code, error);
	if (step == STEP_DONE)
		step = step_rows(session, portal, &code, most, keep, error);
	/* The rest of a limited execution. */
	if (step == STEP_DONE && code == SQLITE_ROW)
		step = step_rows(session, portal, &code, 0, true, error);
	if (step == STEP_DONE && code != SQLITE_DONE)
		return fail_step(session, portal, code, error);
	if (step == STEP_DONE && was_cancelled(session, error))
		step = STEP_FAILED;
	if (step == STEP_FULL || step == STEP_MOVE)
		return step;
	if (step == STEP_DONE) {
		portal->changes = count_of(session, portal);
		lite_prepared_end(&portal->running);
		if (!run_late(session, portal, error) ||
		    !key_queue_settle(session, error) ||
		    !session_keys_hold(session, portal->plan, error))
			step = STEP_FAILED;
	}
	touched_start(&session->connection->context.touched, NULL);
	lite_prepared_end(&portal->running);
	portal->state = PORTAL_DONE;
	if (step == STEP_DONE)
		session_leave(session);
	return step;
}

static enum session_step drive(struct lite_session *session,
			       struct lite_portal *portal, uint64_t most,
			       bool keep, struct error *error)
{
	enum session_step step = drive_rows(session, portal, most, keep, error);

	key_queue_close(session->connection);
	return step;
}

static enum session_step run_plan(struct lite_session *session,
				  struct lite_portal *portal, uint64_t most,
				  struct error *error)
{
	enum session_step step = drive(session, portal, most, false, error);

	if (step != STEP_DONE)
		return step;
	if (most && portal->row_count == most) {
		portal->state = PORTAL_KEPT;
		message_end(&session->output,
			    message_begin(&session->output, 's'));
		return STEP_DONE;
	}
	session_put_tag(session, portal->plan, portal->changes);
	return STEP_DONE;
}

enum session_step session_materialise(struct lite_session *session,
				      struct lite_portal *portal,
				      struct error *error)
{
	enum session_step step = drive(session, portal, 0, true, error);

	if (step == STEP_DONE)
		portal->state = PORTAL_KEPT;
	return step;
}

/* --- what was kept --------------------------------------------------------------------- */

static enum session_step send_kept(struct lite_session *session,
				   struct lite_portal *portal, uint64_t most)
{
	uint64_t count = 0;

	while (portal->rows_at < portal->rows.length &&
	       (!most || count < most)) {
		const uint8_t *row = portal->rows.bytes + portal->rows_at;
		size_t length = (size_t)load_u32(row + 1) + 1;

		buffer_put(&session->output, row, length);
		portal->rows_at += length;
		count++;
	}
	if (most && count == most) {
		message_end(&session->output,
			    message_begin(&session->output, 's'));
		return STEP_DONE;
	}
	portal->state = PORTAL_DONE;
	if (portal->plan->compiled.kind == COMPILED_QUERY)
		session_put_tag(session, portal->plan, count);
	else
		session_put_tag(session, portal->plan, portal->changes);
	return STEP_DONE;
}

static enum session_step run_again(struct lite_session *session,
				   struct lite_portal *portal,
				   struct error *error)
{
	if (portal->plan->compiled.kind == COMPILED_QUERY) {
		session_put_tag(session, portal->plan, 0);
		return STEP_DONE;
	}
	error_set(error, SQLSTATE_NOT_IN_PREREQUISITE_STATE,
		  "portal \"%s\" cannot be run", portal->name);
	return STEP_FAILED;
}

/* --- the door -------------------------------------------------------------------------------- */

/* What executes other statements may execute itself. */
#define UTILITY_DEPTH_MAX 32

static enum session_step run_utility(struct lite_session *session,
				     struct lite_portal *portal, uint64_t most,
				     struct error *error)
{
	enum session_step step;

	if (session->utility_depth == UTILITY_DEPTH_MAX) {
		error_set(error, SQLSTATE_TOO_COMPLEX,
			  "stack depth limit exceeded");
		return STEP_FAILED;
	}
	session->utility_depth++;
	step = session_utility(session, portal, most, error);
	session->utility_depth--;
	return step;
}

enum session_step session_execute(struct lite_session *session,
				  struct lite_portal *portal, uint64_t most,
				  struct error *error)
{
	if (portal->cursor)
		return session_run_cursor(session, portal, most, error);
	if (portal->state == PORTAL_KEPT)
		return send_kept(session, portal, most);
	if (portal->state == PORTAL_DONE)
		return run_again(session, portal, error);
	switch (portal->plan->compiled.kind) {
	case COMPILED_EMPTY:
		message_end(&session->output,
			    message_begin(&session->output, 'I'));
		return STEP_DONE;
	case COMPILED_UTILITY:
		return run_utility(session, portal, most, error);
	case COMPILED_DDL:
		return session_run_ddl(session, portal->plan, error);
	case COMPILED_COPY_IN:
	case COMPILED_COPY_OUT:
		return session_copy_begin(session, portal, error);
	default:
		return run_plan(session, portal, most, error);
	}
}

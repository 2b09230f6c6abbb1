/*
 * Transactions as a Postgres session has them, over the writer's members
 * (engine_inner.h).
 *
 * BEGIN does nothing to SQLite. Statements before the first write run on a
 * reader, each with its own snapshot, which is READ COMMITTED; the first
 * write takes the writer for the rest of the transaction. REPEATABLE READ and
 * SERIALIZABLE keep a reader connection in one SQLite transaction, their
 * snapshot. At their first write they give it up and take the writer, where
 * they see the same as before: if anybody has committed since the snapshot,
 * they fail with 40001 instead. What was read and what is written are thus of
 * one moment, which is SERIALIZABLE, and for REPEATABLE READ more than it asks.
 *
 * Where the client has made a savepoint, every statement on the writer runs in
 * one of its own, so that an error undoes that statement only; and so where keys
 * are deferred, to run it again and see which one it broke. Once a
 * transaction has failed and no savepoint of the client's could save it, it is
 * rolled back at once: others need not wait until the client says ROLLBACK.
 */
#include "pool/sqlite/run_witness.h"
#include "protocol/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pool/sqlite/memory.h"
#include "pool/sqlite/session_constraints.h"

#define EPOCH_2000_US 946684800000000LL

void session_start_clock(struct lite_session *session)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	session->statement_us = (int64_t)now.tv_sec * 1000000 +
				now.tv_nsec / 1000 - EPOCH_2000_US;
	if (session->status == 'I' && !session->began_implicit)
		session->transaction_us = session->statement_us;
	session->began_implicit = true;
}

/* --- savepoints ------------------------------------------------------------------ */

static int run_savepoint(struct lite_session *session, const char *verb,
			 int depth)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "%s _weir_s%d", verb, depth);
	return lite_run_own(session->connection, sql);
}

static void forget_savepoints(struct lite_session *session, int keep)
{
	while (session->savepoint_count > keep)
		free(session->savepoints[--session->savepoint_count].name);
}

static int find_savepoint(const struct lite_session *session, const char *name)
{
	int depth = session->savepoint_count - 1;

	while (depth >= 0 &&
	       strcmp(session->savepoints[depth].name, name) != 0)
		depth--;
	return depth;
}

static bool on_member(const struct lite_session *session)
{
	return session->connection && session->connection->is_writer &&
	       session->connection->member;
}

/* --- taking the writer ------------------------------------------------------------- */

static bool is_snapshot(const struct lite_session *session)
{
	return session->status == 'T' && session->isolated;
}

static bool check_read_only(struct lite_session *session, const char *tag,
			    struct error *error)
{
	size_t length = strcspn(tag, "0123456789");

	while (length && tag[length - 1] == ' ')
		length--;
	if (!session->read_only)
		return true;
	return error_set(error, SQLSTATE_READ_ONLY,
			 "cannot execute %.*s in a read-only transaction",
			 (int)length, tag);
}

static void mark_lost(struct lite_session *session)
{
	if (session->lost_mark != SIZE_MAX)
		return;
	session->lost_mark = session->output.length;
	session->lost_serial = session->serial;
}

/* The transaction is this one statement: a Query of it alone, or one Execute
 * and its Sync. */
static bool is_one_statement(const struct lite_session *session)
{
	struct slice unit = slice_make(
		session->input.bytes + session->position,
		session->input.length - session->position);
	struct frame frame;
	int executes = 0;

	if (unit.at[0] == 'Q')
		return !session->query_multiple;
	while (frame_read(unit, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		executes += frame.type == 'E';
		if (frame.type == 'S')
			return executes <= 1;
		if (frame.type == 'Q' || executes > 1)
			return false;
		unit.at += frame.length;
		unit.length -= frame.length;
	}
	return false;
}

bool session_shares_commit(const struct lite_session *session)
{
	return session->status == 'I' && !session->alone &&
	       is_one_statement(session);
}

static enum session_step open_member(struct lite_session *session,
				     struct error *error)
{
	struct lite_connection *writer = session->connection;

	if (!session->job.solo && !session_shares_commit(session))
		return STEP_MOVE;
	mark_lost(session);
	if (!lite_member_enter(writer, error))
		return STEP_FAILED;
	if (session->job.based)
		lite_notice_others(writer);
	if (!lite_check_snapshot(session->engine, &session->job, error)) {
		lite_member_rollback(writer);
		return STEP_FAILED;
	}
	session->job.based = false;
	for (int i = 0; i < session->savepoint_count; i++)
		if (run_savepoint(session, "SAVEPOINT", i) != SQLITE_OK)
			return error_set(error, SQLSTATE_INTERNAL, "%s",
					 "could not make a savepoint"),
			       STEP_FAILED;
	return STEP_DONE;
}

/* A schema that was published while the snapshot was taken may not be the one
 * of the statement's plan: then the writer, where both are of one moment. */
static enum session_step enter_reader(struct lite_session *session)
{
	struct lite_connection *reader = session->connection;
	uint64_t changes = atomic_load(&session->engine->changes);

	if (!is_snapshot(session) || session->snapshot)
		return STEP_DONE;
	if (lite_run_own(reader, "BEGIN; SELECT 1 FROM main.sqlite_schema "
				 "LIMIT 1") != SQLITE_OK)
		return lite_run_own(reader, "ROLLBACK"), STEP_MOVE;
	if (lite_schema_moved(reader))
		return lite_run_own(reader, "ROLLBACK"), STEP_MOVE;
	session->snapshot = reader->pinned = true;
	session->job.based = true;
	session->job.based_on = changes;
	return STEP_DONE;
}

static void read_mode(struct lite_session *session)
{
	const char *level = lite_settings_get(&session->settings,
					      "transaction_isolation");

	session->isolated = level[0] == 's' ||
			    level[3] == 'e';	/* "repeatable" */
	session->read_only = lite_settings_on(&session->settings,
					      "transaction_read_only");
}

/* Of the two the shorter one ends a wait for the writer. */
static void read_limits(struct lite_session *session)
{
	int64_t statement = lite_settings_integer(&session->settings,
						  "statement_timeout");
	int64_t lock = lite_settings_integer(&session->settings,
					     "lock_timeout");
	bool is_statement = statement && (!lock || statement <= lock);

	session->statement_ms = (uint64_t)statement;
	session->job.wait_ms = (unsigned)(is_statement ? statement : lock);
	session->job.wait_is_statement = is_statement;
	read_mode(session);
	session->settings_limits = session->settings.version;
}

void session_limit_wait(struct lite_session *session)
{
	if (session->settings_limits != session->settings.version)
		read_limits(session);
}

static void set_deadline(struct lite_session *session)
{
	session_limit_wait(session);
	session->connection->timed_out = session->connection->starved = false;
	lite_stop_done(session->connection);
	session->connection->held_before = lite_memory_held();
	session->connection->deadline_ms = session->statement_ms ?
		lite_now_ms() + session->statement_ms : 0;
}

void session_note_locks(struct lite_session *session, enum lock_wait lock_wait,
			const char *what, const char *table)
{
	session->job.lock_wait = lock_wait;
	if (lock_wait != LOCK_WAITS)
		snprintf(session->job.locked, sizeof(session->job.locked),
			 "%s \"%.63s\"", what, table ? table : "?");
}

bool session_too_late(struct lite_context *context)
{
	const struct lite_connection *connection =
		lite_session_of(context)->connection;

	return connection->deadline_ms &&
	       lite_now_ms() > connection->deadline_ms;
}

/* For a write that then failed. ROLLBACK TO a savepoint brings the transaction
 * back, but what it had read can be had on the writer only, if at all. */
static bool gave_up_snapshot(const struct lite_session *session)
{
	return session->job.based && !session->snapshot;
}

/* To where a statement began, if it fails; session_keys_hold() does. */
static bool goes_back(const struct lite_session *session)
{
	return session->status == 'T' &&
	       (session->savepoint_count || session->deferral_count ||
		session->connection->defers);
}

enum session_step lite_session_enter(struct lite_session *session, bool writes,
				const char *tag, struct error *error)
{
	struct lite_connection *connection = session->connection;
	enum session_step step = STEP_DONE;

	set_deadline(session);
	if (writes && !check_read_only(session, tag, error))
		return STEP_FAILED;
	session->queried = true;
	if (!connection->is_writer)
		return writes || gave_up_snapshot(session) ?
			       STEP_MOVE : enter_reader(session);
	if (!connection->member)
		step = open_member(session, error);
	if (step != STEP_DONE)
		return step;
	if (goes_back(session) && !session->statement_open) {
		if (lite_verb(connection->verbs.statement) != SQLITE_OK)
			return error_set(error, SQLSTATE_INTERNAL, "%s",
					 "could not make a savepoint"),
			       STEP_FAILED;
		session->statement_open = true;
	}
	/* Stopping a write rolls back the whole SQLite transaction: allowed
	 * where it is all ours. */
	connection->interruptible = !writes ||
				    !connection->engine->group_count;
	connection->gentle = writes && session->savepoint_count;
	if (writes)
		late_watch(session);
	return !writes || session_start_deferring(session, error) ?
		       STEP_DONE : STEP_FAILED;
}

void session_leave(struct lite_session *session)
{
	if (!session->statement_open || session->in_block)
		return;
	session->statement_open = false;
	lite_stop_done(session->connection);
	lite_verb(session->connection->verbs.release_statement);
}

/* --- undoing -------------------------------------------------------------------------- */

static void forget_sequences(struct lite_session *session)
{
	lite_sequences_forget(session->engine->sequences,
			      session->connection->schema_stale);
}

static void roll_back_member(struct lite_session *session)
{
	struct lite_connection *writer = session->connection;

	session->statement_open = false;
	if (!on_member(session))
		return;
	lite_member_rollback(writer);
	forget_sequences(session);
}

void session_let_go(struct lite_session *session)
{
	if (session->status == 'I' && !session->in_block &&
	    is_one_statement(session))
		roll_back_member(session);
}

void session_undo(struct lite_session *session)
{
	struct lite_connection *connection = session->connection;

	if (connection && connection->lost) {
		session->statement_open = false;
		session->doomed = session->status == 'T';
		forget_sequences(session);
		return;
	}
	/* Nobody will read it again, or nobody may. */
	if (session->snapshot && connection &&
	    (session->savepoint_count == 0 ||
	     atomic_load(&connection->too_old)))
		session_end_snapshot(session);
	if (!on_member(session) || session->status != 'T')
		return;
	if (session->savepoint_count == 0) {
		roll_back_member(session);
		return;
	}
	if (!session->statement_open)
		return;
	session->statement_open = false;
	if (connection->schema_dirty)
		connection->schema_stale = true;
	lite_verb(connection->verbs.rollback_statement);
	lite_verb(connection->verbs.release_statement);
	forget_sequences(session);
}

/* --- the end ---------------------------------------------------------------------------- */

void session_end_snapshot(struct lite_session *session)
{
	if (!session->snapshot || !session->connection)
		return;
	session->snapshot = session->connection->pinned = false;
	/* Not ROLLBACK: the catalogs may have been filled meanwhile. */
	if (lite_run_own(session->connection, "COMMIT") != SQLITE_OK)
		lite_run_own(session->connection, "ROLLBACK");
}

static bool finish(struct lite_session *session, bool commit,
		   struct error *error)
{
	struct witness *orphan = NULL;
	bool done = true;

	session->statement_open = false;
	if (on_member(session)) {
		mark_lost(session);
		if (commit)
			done = commit = late_finish(session, error) &&
					session_on_commit(session, error);
		if (commit)
			done = lite_member_release(session->connection,
						   &session->job, error);
		if (commit && !done && !session->connection->lost)
			orphan = session_broken_row(session, NULL);
		if (!commit || !done)
			roll_back_member(session);
		if (orphan)
			lite_orphan_tell(orphan, true, error);
		lite_witness_free(&orphan);
	}
	commit = commit && done;
	session->deferral_count = 0;
	late_forget(&session->late, 0);
	session_end_portals(session, commit);
	session_end_snapshot(session);
	lite_settings_end(&session->settings, commit);
	session_settle_notifications(session, commit);
	lite_locks_release(session, false);
	forget_savepoints(session, 0);
	session->began_implicit = session->doomed = false;
	session->job.based = false;
	session->pipelined = session->queried = false;
	if (commit && session->discards_temp)
		session->job.drops_own = true;
	session->discards_temp = false;
	session->status = 'I';
	return done;
}

bool session_end_implicit(struct lite_session *session, bool commit,
			  struct error *error)
{
	if (session->status != 'I') {
		session->began_implicit = false;
		return true;
	}
	if (!session->began_implicit && !on_member(session))
		return true;
	return finish(session, commit, error);
}

void session_abandon(struct lite_session *session)
{
	struct error ignored;

	lite_portal_free(session, &session->query_portal);
	session_copy_end(session);
	finish(session, false, &ignored);
	session_close_portals(session);
	lite_locks_release(session, true);
}

/* --- the statements ------------------------------------------------------------------------ */

static bool set_option(struct lite_session *session, const char *name,
		       signed char value, struct error *error)
{
	if (value < 0)
		return true;
	return lite_settings_set(&session->settings, name,
				 value ? "on" : "off", true, error);
}

static bool begin(struct lite_session *session, const struct lite_plan *plan,
		  struct error *error)
{
	if (session->status == 'T')
		session_notice(session, "WARNING", SQLSTATE_ACTIVE_TRANSACTION,
			       "there is already a transaction in progress");
	if (!session_check_isolation(session, "transaction_isolation",
				     plan->isolation, error))
		return false;
	if (plan->isolation &&
	    !lite_settings_set(&session->settings, "transaction_isolation",
			       plan->isolation, true, error))
		return false;
	if (!set_option(session, "transaction_read_only", plan->read_only,
			error) ||
	    !set_option(session, "transaction_deferrable", plan->deferrable,
			error))
		return false;
	session->status = 'T';
	return true;
}

/* AND CHAIN: the next one is as this one was. */
static void chain(struct lite_session *session, const char *isolation,
		  bool read_only)
{
	struct error ignored;

	session->status = 'T';
	session->transaction_us = session->statement_us;
	lite_settings_set(&session->settings, "transaction_isolation",
			  isolation, true, &ignored);
	lite_settings_set(&session->settings, "transaction_read_only",
			  read_only ? "on" : "off", true, &ignored);
}

static bool end(struct lite_session *session, const struct lite_plan *plan,
		bool commit, struct error *error)
{
	bool failed = session->status == 'E', read_only = false, done;
	char isolation[32] = "";

	if (plan->chain) {
		read_only = lite_settings_on(&session->settings,
					     "transaction_read_only");
		snprintf(isolation, sizeof(isolation), "%s",
			 lite_settings_get(&session->settings,
					   "transaction_isolation"));
	}
	if (session->status == 'I') {
		if (plan->chain)
			return error_set(error, SQLSTATE_NO_ACTIVE_TRANSACTION,
					 "%s can only be used in transaction "
					 "blocks", commit ?
					 "COMMIT AND CHAIN" :
					 "ROLLBACK AND CHAIN");
		session_notice(session, "WARNING",
			       SQLSTATE_NO_ACTIVE_TRANSACTION,
			       "there is no transaction in progress");
	}
	mark_lost(session);
	done = finish(session, commit && !failed, error);
	if (done && plan->chain)
		chain(session, isolation, read_only);
	if (done)
		session_complete(session,
				 commit && !failed ? "COMMIT" : "ROLLBACK");
	return done;
}

static bool must_be_in_block(const struct lite_session *session,
			     const char *what, struct error *error)
{
	if (session->status != 'I')
		return true;
	return error_set(error, SQLSTATE_NO_ACTIVE_TRANSACTION,
			 "%s can only be used in transaction blocks", what);
}

static bool add_savepoint(struct lite_session *session, const char *name,
			  struct error *error)
{
	struct lite_savepoint *savepoint;

	if (!must_be_in_block(session, "SAVEPOINT", error))
		return false;
	if (session->savepoint_count == SESSION_SAVEPOINTS_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
				 "too many savepoints (limit %d)",
				 SESSION_SAVEPOINTS_MAX);
	if (session->savepoint_count == session->savepoint_capacity) {
		session->savepoint_capacity =
			session->savepoint_capacity * 2 + 4;
		session->savepoints = must_realloc(
			session->savepoints,
			(size_t)session->savepoint_capacity *
				sizeof(*savepoint));
	}
	if (on_member(session) && run_savepoint(session, "SAVEPOINT",
						session->savepoint_count))
		return error_set(error, SQLSTATE_INTERNAL, "%s",
				 "could not make a savepoint");
	savepoint = &session->savepoints[session->savepoint_count++];
	savepoint->name = must_dup(name);
	savepoint->settings_mark = lite_settings_mark(&session->settings);
	savepoint->deferral_mark = session->deferral_count;
	savepoint->late_mark = session->late.count;
	savepoint->notes_mark = session_mark_notifications(session);
	return true;
}

static bool need_savepoint(struct lite_session *session, const char *name,
			   const char *what, int *ret_depth,
			   struct error *error)
{
	if (!must_be_in_block(session, what, error))
		return false;
	*ret_depth = find_savepoint(session, name);
	if (*ret_depth >= 0)
		return true;
	return error_set(error, SQLSTATE_INVALID_SAVEPOINT,
			 "savepoint \"%s\" does not exist", name);
}

static bool release(struct lite_session *session, const char *name,
		    struct error *error)
{
	int depth;

	if (!need_savepoint(session, name, "RELEASE SAVEPOINT", &depth, error))
		return false;
	if (on_member(session))
		run_savepoint(session, "RELEASE", depth);
	forget_savepoints(session, depth);
	return true;
}

static bool roll_back_to(struct lite_session *session, const char *name,
			 struct error *error)
{
	int depth;

	if (!need_savepoint(session, name, "ROLLBACK TO SAVEPOINT", &depth,
			    error))
		return false;
	if (session->doomed)
		return error_set(error, SQLSTATE_IN_FAILED_TRANSACTION, "%s",
				 "the transaction was lost with its "
				 "savepoints: only ROLLBACK is possible");
	if (on_member(session)) {
		if (session->connection->schema_dirty)
			session->connection->schema_stale = true;
		run_savepoint(session, "ROLLBACK TO", depth);
		forget_sequences(session);
	}
	lite_settings_undo(&session->settings,
			   session->savepoints[depth].settings_mark);
	session_undo_notifications(session,
				   session->savepoints[depth].notes_mark);
	session->deferral_count = session->savepoints[depth].deferral_mark;
	late_forget(&session->late, session->savepoints[depth].late_mark);
	forget_savepoints(session, depth + 1);
	session->status = 'T';
	return true;
}

enum session_step session_transaction(struct lite_session *session,
				      const struct lite_plan *plan,
				      struct error *error)
{
	bool done;

	switch (plan->transaction) {
	case TRANSACTION_BEGIN:
		done = begin(session, plan, error);
		break;
	case TRANSACTION_COMMIT:
	case TRANSACTION_ROLLBACK:
		/* The tag says how it ended. */
		done = end(session, plan,
			   plan->transaction == TRANSACTION_COMMIT, error);
		return done ? STEP_DONE : STEP_FAILED;
	case TRANSACTION_SAVEPOINT:
		done = add_savepoint(session, plan->name, error);
		break;
	case TRANSACTION_RELEASE:
		done = release(session, plan->name, error);
		break;
	case TRANSACTION_ROLLBACK_TO:
		done = roll_back_to(session, plan->name, error);
		break;
	default:
		error_set(error, SQLSTATE_NOT_IN_PREREQUISITE_STATE, "%s",
			  "prepared transactions are disabled");
		error_hint(error, "%s",
			   "Set max_prepared_transactions to a nonzero value.");
		return STEP_FAILED;
	}
	if (!done)
		return STEP_FAILED;
	session_complete(session, plan->compiled.tag);
	return STEP_DONE;
}

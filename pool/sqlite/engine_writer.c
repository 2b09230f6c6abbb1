/*
 * The writer thread: one transaction after the other, first come, first
 * served, and the commits that many of them share. See engine_inner.h for
 * the rules.
 *
 *      SQLite:  BEGIN IMMEDIATE
 *                 SAVEPOINT m   job A    RELEASE m
 *                 SAVEPOINT m   job B    ROLLBACK TO m; RELEASE m
 *                 SAVEPOINT m   job C    RELEASE m
 *               COMMIT             then A, B and C wait for the sync thread
 */
#include "pool/sqlite/session.h"

#include <assert.h>
#include <time.h>

#define TICK_MS 50	/* how late a waiting limit may be noticed */

/* --- the open transaction ---------------------------------------------------- */

void lite_describe_loss(int code, struct error *error)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		error_set(error, SQLSTATE_DISK_FULL, "%s",
			  "could not write to the database file: the disk, or "
			  "the file's limit, is full");
		break;
	case SQLITE_NOMEM:
		error_set(error, SQLSTATE_OUT_OF_MEMORY, "%s",
			  "out of memory");
		break;
	case SQLITE_INTERRUPT:
		error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
			  "canceling statement due to user request");
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		error_set(error, SQLSTATE_LOCK_NOT_AVAILABLE, "%s",
			  "another process has the database file locked");
		break;
	default:
		error_set(error, SQLSTATE_IO_ERROR,
			  "could not write to the database file: %s",
			  sqlite3_errstr(code));
	}
	error_detail(error, "%s",
		     "The transaction was rolled back; nothing of it is in "
		     "the file.");
}

static bool stops_for_good(int code)
{
	code &= 0xff;
	return code == SQLITE_IOERR || code == SQLITE_CORRUPT ||
	       code == SQLITE_NOTADB;
}

/* The next member's keys do not wait. */
static void stop_deferring(struct lite_connection *writer)
{
	if (writer->defers)
		lite_run_own(writer, "PRAGMA defer_foreign_keys = OFF");
	writer->defers = false;
}

bool lite_check_loss(struct lite_connection *connection, int code)
{
	if (stops_for_good(code) && connection->is_writer)
		lite_engine_fail(connection->engine, "writing", code);
	if (!connection->open || !sqlite3_get_autocommit(connection->db))
		return connection->lost;
	connection->lost = true;
	connection->protected_version = -1;
	connection->open = connection->member = false;
	stop_deferring(connection);
	connection->schema_stale |= connection->schema_dirty;
	connection->schema_dirty = false;
	lite_describe_loss(code, &connection->loss);
	return true;
}

bool lite_member_enter(struct lite_connection *writer, struct error *error)
{
	int code = SQLITE_OK;

	assert(writer->is_writer && !writer->member);
	if (!writer->open) {
		code = lite_verb(writer->verbs.begin);
		writer->open = code == SQLITE_OK;
		writer->lost = false;
		if (writer->open)
			code = lite_connection_keep_protected(writer);
	}
	if (code == SQLITE_OK)
		code = lite_verb(writer->verbs.member);
	writer->member = code == SQLITE_OK;
	if (writer->member)
		return true;
	lite_describe_loss(code, error);
	lite_check_loss(writer, code);
	return false;
}

bool lite_is_broken(struct lite_connection *connection)
{
	int now = 0, unused = 0;

	sqlite3_db_status(connection->db, SQLITE_DBSTATUS_DEFERRED_FKS, &now,
			  &unused, 0);
	return now != 0;
}

bool lite_member_release(struct lite_connection *writer, struct lite_job *job,
			 struct error *error)
{
	int code;

	if (lite_is_broken(writer))
		return error_set(error, SQLSTATE_FOREIGN_KEY, "%s",
				 "insert or update violates a deferred "
				 "foreign key constraint");
	code = lite_verb(writer->verbs.release_member);
	if (code == SQLITE_OK) {
		writer->member = false;
		stop_deferring(writer);
		job->in_group = true;
		return true;
	}
	lite_describe_loss(code, error);
	lite_check_loss(writer, code);
	return false;
}

void lite_member_rollback(struct lite_connection *writer)
{
	int code;

	if (!writer->member)
		return;
	writer->member = false;
	if (writer->schema_dirty)
		writer->schema_stale = true;
	code = lite_verb(writer->verbs.rollback_member);
	if (code == SQLITE_OK)
		code = lite_verb(writer->verbs.release_member);
	stop_deferring(writer);
	if (code != SQLITE_OK)
		lite_check_loss(writer, code);
}

void lite_notice_others(struct lite_connection *writer)
{
	int version = lite_data_version(writer);

	if (version != writer->data_version)
		atomic_fetch_add(&writer->engine->changes, 1);
	writer->data_version = version;
}

bool lite_check_snapshot(struct lite_engine *engine,
			 const struct lite_job *job, struct error *error)
{
	if (!job->based || job->based_on == atomic_load(&engine->changes))
		return true;
	error_set(error, SQLSTATE_SERIALIZATION, "%s",
		  "could not serialize access due to concurrent update");
	error_hint(error, "%s",
		   "The transaction might succeed if retried.");
	return false;
}

/* --- committing --------------------------------------------------------------- */

/* The jobs of the group go to the loop when commit `number` is durable. */
static void finish_group(struct lite_engine *engine, uint64_t number)
{
	struct list *link;

	while ((link = list_first(&engine->group))) {
		struct lite_job *job = LIST_ENTRY(link, struct lite_job, link);

		list_remove(link);
		if (job->wait_for < number)
			job->wait_for = number;
		lite_job_finish_locked(engine, job, job->outcome);
	}
	engine->group_count = 0;
}

static void tell_group(struct lite_engine *engine, const struct error *error)
{
	LIST_EACH(link, &engine->group) {
		struct lite_job *job = LIST_ENTRY(link, struct lite_job, link);

		if (job->in_group)
			job->handlers->lost(job, error);
	}
	engine->stats.groups_lost++;
}

/* The COMMIT has ended, one way or the other: it is settled. */
static void settle_commit(struct lite_connection *writer, uint64_t number)
{
	struct lite_engine *engine = writer->engine;

	lite_engine_lock(engine);
	engine->stats.commits++;
	engine->committed = number;
	if (!writer->wal_written && engine->durable == number - 1)
		engine->durable = number;
	finish_group(engine, number);
	if (engine->committed != engine->durable)
		engine->news.sync = true;
	lite_engine_unlock(engine);
}

static void commit(struct lite_connection *writer)
{
	struct lite_engine *engine = writer->engine;
	uint64_t number = atomic_fetch_add(&engine->started, 1) + 1;
	int code;

	writer->wal_written = false;
	lite_schema_publish_begin(writer);
	code = lite_verb(writer->verbs.commit);
	lite_schema_publish_end(writer, code == SQLITE_OK);
	writer->open = false;
	if (writer->wal_written)
		atomic_fetch_add(&engine->changes, 1);
	if (code != SQLITE_OK) {
		struct error error;

		lite_describe_loss(code, &error);
		if (!sqlite3_get_autocommit(writer->db))
			lite_verb(writer->verbs.rollback);
		writer->protected_version = -1;
		tell_group(engine, &error);
		if (stops_for_good(code))
			lite_engine_fail(engine, "COMMIT", code);
	}
	settle_commit(writer, number);
}

static void commit_group(struct lite_connection *writer)
{
	struct lite_engine *engine = writer->engine;

	if (writer->open) {
		commit(writer);
	} else {
		lite_engine_lock(engine);
		finish_group(engine, engine->committed);
		lite_engine_unlock(engine);
	}
	engine->writer->wal_frames = writer->wal_frames;
	if (writer->wal_frames >= engine->next_checkpoint && !engine->failed)
		lite_checkpoint(engine->writer);
}

int lite_checkpoint(struct lite_connection *writer)
{
	struct lite_engine *engine = writer->engine;
	int frames = 0, done = 0, code;

	code = sqlite3_wal_checkpoint_v2(writer->db, NULL,
					 SQLITE_CHECKPOINT_PASSIVE, &frames,
					 &done);
	if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY &&
	    (code & 0xff) != SQLITE_LOCKED && (code & 0xff) != SQLITE_FULL) {
		lite_engine_fail(engine, "the checkpoint", code);
		return code;
	}
	/* Where a reader stands in the way, or the disk is full (then nothing
	 * was synced, and all is in the log still), try again a while later. */
	engine->next_checkpoint = LITE_CHECKPOINT_FRAMES;
	if (code != SQLITE_OK || done < frames)
		engine->next_checkpoint += writer->wal_frames;
	if (done < frames && (unsigned)frames >= engine->options.log_frames_max)
		lite_cut_old_readers(engine);
	lite_engine_lock(engine);
	engine->stats.checkpoints++;
	lite_engine_unlock(engine);
	return code;
}

/* --- waiting for work ----------------------------------------------------------- */

static void describe_wait(struct lite_engine *engine, unsigned waited_ms,
			  struct error *error)
{
	error_set(error, SQLSTATE_LOCK_NOT_AVAILABLE,
		  "could not get the writer of the SQLite file within %u ms",
		  waited_ms);
	if (engine->holder)
		error_detail(error,
			     "It is held by an open transaction of %s.",
			     engine->holder->name);
	error_hint(error, "%s",
		   "A SQLite file has one writing transaction at a time: "
		   "commit the other one first.");
}

static void describe_overtaken(struct lite_engine *engine, struct error *error)
{
	error_set(error, SQLSTATE_SERIALIZATION, "%s",
		  "could not serialize access due to concurrent update");
	error_detail(error, "An open transaction of %s has written meanwhile.",
		     engine->holder->name);
	error_hint(error, "%s",
		   "The transaction might succeed if retried.");
}

static unsigned least(unsigned limit_ms, unsigned most_ms)
{
	return limit_ms && limit_ms < most_ms ? limit_ms : most_ms;
}

bool lite_must_not_wait(struct lite_engine *engine, const struct lite_job *job,
			struct error *error)
{
	if (job->lock_wait != LOCK_REFUSES || !engine->holder ||
	    engine->holder == job)
		return false;
	error_set(error, SQLSTATE_LOCK_NOT_AVAILABLE,
		  "could not obtain lock on %s", job->locked);
	error_detail(error,
		     "The writer is held by an open transaction of %s.",
		     engine->holder->name);
	return true;
}

/* A limit of the client's own is over, or the engine's. */
static void describe_late(struct lite_engine *engine,
			  const struct lite_job *job, unsigned waited_ms,
			  struct error *error)
{
	if (waited_ms != job->wait_ms)
		describe_wait(engine, waited_ms, error);
	else if (job->wait_is_statement)
		error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
			  "canceling statement due to statement timeout");
	else
		error_set(error, SQLSTATE_LOCK_NOT_AVAILABLE, "%s",
			  "canceling statement due to lock timeout");
}

/* Whether this waiting job must be answered now, and how. */
static bool wait_is_over(struct lite_engine *engine, struct lite_job *job,
			 uint64_t now_ms, struct error *error)
{
	unsigned limit = least(job->wait_ms, engine->options.writer_wait_ms);

	if (atomic_load(&job->cancelled)) {
		error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
			  "canceling statement due to user request");
		return true;
	}
	if (!lite_check_snapshot(engine, job, error) ||
	    lite_must_not_wait(engine, job, error))
		return true;
	if (!engine->holder || job->closing)
		return false;
	if (job->based && limit > LITE_OVERTAKEN_MS &&
	    now_ms - job->queued_ms >= LITE_OVERTAKEN_MS) {
		describe_overtaken(engine, error);
		return true;
	}
	if (now_ms - job->queued_ms < limit)
		return false;
	engine->stats.writer_timeouts++;
	describe_late(engine, job, limit, error);
	return true;
}

/* An open transaction is in the way. Whoever is only before it in the queue is
 * done in a moment. */
static bool skips_locked(const struct lite_engine *engine,
			 const struct lite_job *job)
{
	return job->lock_wait == LOCK_SKIPS && engine->holder &&
	       engine->holder != job;
}

/* To a reader again, where it finds no row. */
static void let_skip(struct lite_engine *engine, struct lite_job *job)
{
	list_remove(&job->link);
	engine->writer_waiting--;
	job->skips = true;
	job->solo = false;
	lite_job_await_reader(engine, job);
}

/* NULL: all who wait may go on waiting. */
static struct lite_job *find_overdue(struct lite_engine *engine,
				     uint64_t now_ms, struct error *error)
{
	LIST_EACH_SAFE(link, &engine->writer_queue) {
		struct lite_job *job = LIST_ENTRY(link, struct lite_job, link);

		if (skips_locked(engine, job))
			let_skip(engine, job);
		else if (wait_is_over(engine, job, now_ms, error))
			return job;
	}
	return NULL;
}

/* With the lock held, which is let go of where this is true: look again at all
 * that is to do. */
static bool refuse_overdue(struct lite_engine *engine)
{
	uint64_t now_ms = lite_now_ms();
	bool found = false;
	struct lite_job *job;
	struct error error;

	engine->scan = false;
	while ((job = find_overdue(engine, now_ms, &error))) {
		list_remove(&job->link);
		engine->writer_waiting--;
		lite_job_refuse(engine, job, &error);
		found = true;
	}
	return found;
}

/* With the lock held. The holder sleeps on the writer while others wait: as
 * Postgres does with idle_in_transaction_session_timeout. */
static void evict_idle_holder(struct lite_engine *engine, uint64_t now_ms)
{
	struct lite_job *holder = engine->holder;

	/* One that waits for an advisory lock is not idle. */
	if (holder->closing || holder->evicted || holder->parked_ms ||
	    now_ms - engine->holder_since_ms < engine->options.holder_idle_ms)
		return;
	engine->holder = NULL;
	engine->stats.holder_timeouts++;
	holder->evicted = true;
	error_set(&holder->eviction, SQLSTATE_IDLE_IN_TRANSACTION, "%s",
		  "terminating connection due to idle-in-transaction timeout");
	error_detail(&holder->eviction, "%s",
		     "The transaction held the only writer of the SQLite file "
		     "while others waited for it.");
	holder->eviction.fatal = true;
	list_append(&engine->evicted, &holder->link);
	engine->news.loop = true;
	lite_engine_unlock(engine);
	lite_member_rollback(engine->holding);
	commit_group(engine->holding);
	lite_engine_lock(engine);
}

static void wait_a_tick(struct lite_engine *engine)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	lite_engine_wait(engine, &engine->writer_wanted, &until);
}

/* With the lock held: while a holder is idle. */
static void watch_holder(struct lite_engine *engine)
{
	if (refuse_overdue(engine))
		return;
	if (list_empty(&engine->writer_queue)) {
		lite_engine_wait(engine, &engine->writer_wanted, NULL);
		return;
	}
	evict_idle_holder(engine, lite_now_ms());
	if (engine->holder)
		wait_a_tick(engine);
}

enum errand { RUN, COMMIT_NOW, GO };

/* What to do next; waits until there is something. */
static enum errand next_errand(struct lite_engine *engine,
			       struct lite_job **ret_job)
{
	for (;;) {
		struct list *link;

		if (engine->scan)
			refuse_overdue(engine);
		link = list_first(engine->holder ? &engine->holder_queue :
						   &engine->writer_queue);
		if (link) {
			list_remove(link);
			if (!engine->holder)
				engine->writer_waiting--;
			engine->stats.writes++;
			*ret_job = LIST_ENTRY(link, struct lite_job, link);
			return RUN;
		}
		if (!engine->holder && engine->group_count)
			return COMMIT_NOW;
		if (engine->holder)
			watch_holder(engine);
		else if (engine->stopping)
			return GO;
		else
			lite_engine_wait(engine, &engine->writer_wanted, NULL);
	}
}

/* --- running ---------------------------------------------------------------------- */

static void hold(struct lite_connection *writer, struct lite_job *job,
		 enum lite_outcome outcome)
{
	struct lite_engine *engine = writer->engine;

	assert(!engine->group_count);	/* it would not be answered */
	lite_engine_lock(engine);
	engine->holder = job;
	engine->holding = writer;
	engine->holder_since_ms = lite_now_ms();
	lite_job_finish_locked(engine, job, outcome);
	lite_engine_unlock(engine);
}

static void forget_group(struct lite_connection *writer)
{
	struct lite_engine *engine = writer->engine;

	writer->lost = false;
	tell_group(engine, &writer->loss);
	lite_engine_lock(engine);
	finish_group(engine, engine->committed);
	lite_engine_unlock(engine);
}

static void join_group(struct lite_connection *writer, struct lite_job *job,
		       enum lite_outcome outcome, bool drop)
{
	struct lite_engine *engine = writer->engine;
	bool alone = job->solo || writer != engine->writer;

	lite_engine_lock(engine);
	if (engine->holder == job)
		engine->holder = NULL;
	lite_engine_unlock(engine);
	job->outcome = outcome;
	if (drop)
		job->own = NULL;
	list_append(&engine->group, &job->link);
	engine->group_count++;
	if (alone || engine->group_count >= engine->options.group_max)
		commit_group(writer);
	if (drop)
		lite_connection_free(&writer);
}

bool lite_writer_keep(struct lite_connection *writer, struct lite_job *job,
		      struct error *error)
{
	struct lite_engine *engine = writer->engine;
	struct lite_connection *other = lite_connection_new(engine, true,
							    error);

	if (!other)
		return false;
	assert(writer == engine->writer && !job->own);
	engine->writer = other;
	job->own = writer;
	job->solo = writer->is_private = true;
	return true;
}

/* The list has changed, or a table of a protected name is new. */
static void follow_protection(struct lite_connection *writer)
{
	if (writer->member ||
	    writer->protection == atomic_load(&writer->engine->protection))
		return;
	commit_group(writer);
	lite_connection_protect(writer);
}

/* The connection a job runs on; what others did is committed first where it
 * is not the common one. NULL: it could not be made. */
static struct lite_connection *connection_for(struct lite_engine *engine,
					      struct lite_job *job,
					      struct error *error)
{
	struct lite_connection *writer = engine->writer;

	if (!job->own && !job->wants_own) {
		follow_protection(writer);
		return writer;
	}
	commit_group(writer);
	if (!job->own)
		job->own = lite_connection_new(engine, true, error);
	job->wants_own = false;
	job->solo = true;
	if (!job->own)
		return NULL;
	job->own->is_writer = job->own->is_private = true;
	follow_protection(job->own);
	return job->own;
}

static enum lite_outcome run_on(struct lite_connection *writer,
				struct lite_job *job)
{
	struct lite_engine *engine = writer->engine;
	enum lite_outcome outcome;

	/* Nobody else's answer is to wait for the end of an open
	 * transaction. */
	if (job->solo && engine->holder != job && engine->group_count)
		commit_group(writer);
	lite_connection_watch(writer, job);
	outcome = job->handlers->run(job, writer);
	/* It wants the file for itself: what others did is committed first. */
	if (outcome == LITE_NEEDS_WRITER && !job->wants_own) {
		assert(job->solo);
		commit_group(writer);
		outcome = job->handlers->run(job, writer);
	}
	lite_connection_watch(writer, NULL);
	return outcome;
}

static void refuse(struct lite_engine *engine, struct lite_job *job,
		   const struct error *error)
{
	lite_engine_lock(engine);
	lite_job_refuse(engine, job, error);
	lite_engine_unlock(engine);
}

static void run(struct lite_engine *engine, struct lite_job *job)
{
	struct lite_connection *writer;
	enum lite_outcome outcome;
	struct error error;

	do {
		writer = connection_for(engine, job, &error);
		if (!writer) {
			refuse(engine, job, &error);
			return;
		}
		outcome = run_on(writer, job);
	} while (outcome == LITE_NEEDS_WRITER && job->wants_own);
	assert(outcome != LITE_NEEDS_WRITER);
	if (writer->lost)
		forget_group(writer);
	if (writer->member) {
		hold(writer, job, outcome);
		return;
	}
	/* Once it is in the group it may be gone. */
	if (job->drops_own && job->own) {
		job->drops_own = false;
		join_group(writer, job, outcome, true);
		return;
	}
	join_group(writer, job, outcome, false);
}

static void end(struct lite_connection *writer)
{
	struct lite_engine *engine = writer->engine;

	if (!engine->failed &&
	    lite_run_own(writer, "BEGIN IMMEDIATE") == SQLITE_OK) {
		lite_sequences_reread(writer);
		lite_run_own(writer, "COMMIT");
		lite_checkpoint(writer);
	}
	lite_engine_lock(engine);
	engine->sync_stopping = true;
	pthread_cond_broadcast(&engine->sync_wanted);
	engine->threads_left--;
	engine->news.loop = true;
	lite_engine_unlock(engine);
}

void *lite_writer_main(void *argument)
{
	struct lite_engine *engine = argument;
	struct lite_job *job = NULL;
	enum errand errand;

	for (;;) {
		lite_engine_lock(engine);
		errand = next_errand(engine, &job);
		lite_engine_unlock(engine);
		if (errand == GO)
			break;
		if (errand == RUN)
			run(engine, job);
		else
			commit_group(engine->writer);
	}
	end(engine->writer);
	return NULL;
}

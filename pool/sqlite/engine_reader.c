/*
 * The reader threads. A reader takes whatever job is next and an idle
 * connection, the most recently used one (its caches are warm). A job that
 * stops in the middle, because its client reads slowly or because it holds a
 * snapshot, keeps the connection; the thread goes on with another.
 *
 * What a reader sees must stay in the log, and nothing behind it can be
 * dropped. So when the log has grown long, readers that have seen the same for
 * long are cut off: a statement that runs ends with 72000 as in Postgres with
 * old_snapshot_threshold, a session that sleeps loses its connection.
 */
#include "pool/sqlite/engine_inner.h"

void lite_note_snapshot(struct lite_connection *connection)
{
	struct lite_job *job = connection->job;
	uint64_t started;

	if (connection->is_writer || !job)
		return;
	started = atomic_load(&connection->engine->started);
	if (started > job->wait_for)
		job->wait_for = started;
}

static void describe_too_old(struct lite_engine *engine, struct error *error)
{
	error_set(error, SQLSTATE_SNAPSHOT_TOO_OLD, "%s", "snapshot too old");
	error_detail(error, "The log of \"%s\" has grown long, and must be kept "
		     "for whoever still reads what was before.", engine->path);
	error_hint(error, "%s", "Shorten transactions that read.");
	error->fatal = true;
}

/* The connection of a job that sleeps in a snapshot, or in the middle of its
 * rows; NULL: it does not. */
static struct lite_connection *kept_connection(const struct lite_job *job)
{
	if (job->busy || job->evicted || job->closing)
		return NULL;
	if (job->connection)
		return job->connection;
	return job->own && !job->own->member &&
	       (job->keep_connection || job->outcome == LITE_SUSPENDED) ?
		       job->own : NULL;
}

static bool is_too_old(const struct lite_engine *engine,
		       const struct lite_connection *connection,
		       uint64_t now_ms)
{
	return connection &&
	       now_ms - connection->since_ms >= engine->options.snapshot_ms;
}

void lite_cut_old_readers(struct lite_engine *engine)
{
	uint64_t now_ms = lite_now_ms();

	lite_engine_lock(engine);
	LIST_EACH(link, &engine->reading) {
		struct lite_connection *connection =
			LIST_ENTRY(link, struct lite_connection, link);

		if (is_too_old(engine, connection, now_ms) &&
		    !atomic_exchange(&connection->too_old, true))
			engine->stats.snapshots_cut++;
	}
	LIST_EACH(link, &engine->jobs) {
		struct lite_job *job =
			LIST_ENTRY(link, struct lite_job, member_link);

		if (!is_too_old(engine, kept_connection(job), now_ms))
			continue;
		job->evicted = true;
		engine->stats.snapshots_cut++;
		describe_too_old(engine, &job->eviction);
		list_append(&engine->evicted, &job->link);
		engine->news.loop = true;
	}
	lite_engine_unlock(engine);
}

/* One at a time: on his way he finds all that is there by then, and whoever
 * is done with another job meanwhile may be quicker. */
void lite_call_reader(struct lite_engine *engine)
{
	if (!engine->readers_asleep || engine->reader_called)
		return;
	engine->reader_called = engine->news.reader = true;
}

static void sleep_till_called(struct lite_engine *engine)
{
	engine->readers_asleep++;
	lite_engine_wait(engine, &engine->reader_wanted, NULL);
	engine->readers_asleep--;
	engine->reader_called = false;
}

/* With the lock held. NULL: time to go. */
static struct lite_job *take_job(struct lite_engine *engine)
{
	struct list *link;

	while (!(link = list_first(&engine->reader_queue))) {
		if (engine->stopping)
			return NULL;
		sleep_till_called(engine);
	}
	list_remove(link);
	engine->reader_waiting--;
	engine->stats.reads++;
	/* This one may take long: another reader for the next. */
	if (!list_empty(&engine->reader_queue))
		lite_call_reader(engine);
	return LIST_ENTRY(link, struct lite_job, link);
}

static void begin_reading(struct lite_connection *connection)
{
	connection->since_ms = lite_now_ms();
	atomic_store(&connection->too_old, false);
}

/* With the lock held. NULL: one must be made. */
static struct lite_connection *take_connection(struct lite_engine *engine,
					       struct lite_job *job)
{
	struct lite_connection *connection = job->connection;
	struct list *link;

	job->connection = NULL;
	if (connection)
		return connection;
	if (job->own) {
		job->own->is_writer = false;
		if (!job->keep_connection && job->outcome != LITE_SUSPENDED)
			begin_reading(job->own);
		return job->own;
	}
	link = list_first(&engine->idle);
	if (!link)
		return NULL;
	list_remove(link);
	connection = LIST_ENTRY(link, struct lite_connection, link);
	begin_reading(connection);
	return connection;
}

/* With the lock held; lite_job_refuse() lets go of it. */
static void move_to_writer(struct lite_engine *engine, struct lite_job *job)
{
	struct error error;

	if (lite_must_not_wait(engine, job, &error)) {
		lite_job_refuse(engine, job, &error);
		return;
	}
	if (engine->writer_waiting < engine->options.writer_queue_max &&
	    !engine->failed) {
		lite_job_await_writer(engine, job);
		return;
	}
	engine->stats.queue_full++;
	error_set(&error, SQLSTATE_TOO_MANY_CONNECTIONS,
		  "too many transactions wait for the writer of \"%s\"",
		  engine->path);
	lite_job_refuse(engine, job, &error);
}

/* With the lock held, as move_to_writer(). */
static void settle(struct lite_engine *engine, struct lite_job *job,
		   struct lite_connection *connection,
		   enum lite_outcome outcome)
{
	if (!connection || connection == job->own)
		;	/* gone, or it stays where it is */
	else if (outcome == LITE_SUSPENDED || job->keep_connection)
		job->connection = connection;
	else
		list_prepend(&engine->idle, &connection->link);
	if (outcome == LITE_NEEDS_WRITER)
		move_to_writer(engine, job);
	else
		lite_job_finish_locked(engine, job, outcome);
}

static enum lite_outcome run(struct lite_job *job,
			     struct lite_connection *connection)
{
	enum lite_outcome outcome;

	lite_connection_watch(connection, job);
	outcome = job->handlers->run(job, connection);
	lite_connection_watch(connection, NULL);
	return outcome;
}

/* With the lock held. */
static struct lite_connection *make_connection(struct lite_engine *engine,
					       struct error *error)
{
	struct lite_connection *connection;

	lite_engine_unlock(engine);
	connection = lite_connection_new(engine, false, error);
	lite_engine_lock(engine);
	if (connection)
		begin_reading(connection);
	return connection;
}

/* DISCARD ALL: nothing of its own is left. With the lock held. */
static void drop_own(struct lite_job *job, struct lite_connection **connection,
		     enum lite_outcome outcome)
{
	struct lite_engine *engine = (*connection)->engine;

	if (!job->drops_own || *connection != job->own ||
	    outcome != LITE_FINISHED)
		return;
	job->drops_own = false;
	job->own = NULL;
	lite_engine_unlock(engine);
	lite_connection_free(connection);
	lite_engine_lock(engine);
}

void *lite_reader_main(void *argument)
{
	struct lite_engine *engine = argument;
	struct lite_connection *connection;
	enum lite_outcome outcome;
	struct lite_job *job;
	struct error error;

	lite_engine_lock(engine);
	while ((job = take_job(engine))) {
		connection = take_connection(engine, job);
		if (!connection)
			connection = make_connection(engine, &error);
		if (!connection) {
			lite_job_refuse(engine, job, &error);
			continue;
		}
		list_append(&engine->reading, &connection->link);
		lite_engine_unlock(engine);
		outcome = run(job, connection);
		lite_engine_lock(engine);
		list_remove(&connection->link);
		drop_own(job, &connection, outcome);
		settle(engine, job, connection, outcome);
	}
	engine->threads_left--;
	engine->news.loop = true;
	lite_engine_unlock(engine);
	return NULL;
}

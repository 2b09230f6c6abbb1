/*
 * The reader threads. A reader takes whatever job is next and an idle
 * connection, the most recently used one (its caches are warm). A job that
 * stops in the middle, because its client reads slowly or because it holds a
 * snapshot, keeps the connection; the thread goes on with another.
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

/* With the lock held. NULL: time to go. */
static struct lite_job *take_job(struct lite_engine *engine)
{
	struct list *link;

	while (!(link = list_first(&engine->reader_queue))) {
		if (engine->stopping)
			return NULL;
		pthread_cond_wait(&engine->reader_wanted, &engine->lock);
	}
	list_remove(link);
	engine->reader_waiting--;
	engine->stats.reads++;
	return LIST_ENTRY(link, struct lite_job, link);
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
		return job->own;
	}
	link = list_first(&engine->idle);
	if (!link)
		return NULL;
	list_remove(link);
	return LIST_ENTRY(link, struct lite_connection, link);
}

/* With the lock held. */
static void move_to_writer(struct lite_engine *engine, struct lite_job *job)
{
	struct error error;

	if (lite_must_not_wait(engine, job, &error)) {
		job->handlers->refuse(job, &error);
		lite_job_finish_locked(engine, job, LITE_FINISHED);
		return;
	}
	if (engine->writer_waiting < engine->options.writer_queue_max &&
	    !engine->failed) {
		job->queued_ms = lite_now_ms();
		list_append(&engine->writer_queue, &job->link);
		engine->writer_waiting++;
		pthread_cond_signal(&engine->writer_wanted);
		return;
	}
	engine->stats.queue_full++;
	error_set(&error, SQLSTATE_TOO_MANY_CONNECTIONS,
		  "too many transactions wait for the writer of \"%s\"",
		  engine->path);
	job->handlers->refuse(job, &error);
	lite_job_finish_locked(engine, job, LITE_FINISHED);
}

/* With the lock held. */
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

/* DISCARD ALL: nothing of its own is left. */
static void drop_own(struct lite_job *job, struct lite_connection **connection,
		     enum lite_outcome outcome)
{
	if (!job->drops_own || *connection != job->own ||
	    outcome != LITE_FINISHED)
		return;
	job->drops_own = false;
	job->own = NULL;
	lite_connection_free(connection);
}

void *lite_reader_main(void *argument)
{
	struct lite_engine *engine = argument;
	struct lite_connection *connection;
	enum lite_outcome outcome;
	struct lite_job *job;
	struct error error;

	pthread_mutex_lock(&engine->lock);
	while ((job = take_job(engine))) {
		connection = take_connection(engine, job);
		pthread_mutex_unlock(&engine->lock);
		if (!connection)
			connection = lite_connection_new(engine, false, &error);
		if (connection) {
			outcome = run(job, connection);
			drop_own(job, &connection, outcome);
			pthread_mutex_lock(&engine->lock);
			settle(engine, job, connection, outcome);
			continue;
		}
		job->handlers->refuse(job, &error);
		pthread_mutex_lock(&engine->lock);
		lite_job_finish_locked(engine, job, LITE_FINISHED);
	}
	engine->threads_left--;
	uv_async_send(&engine->async);
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}

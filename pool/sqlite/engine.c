#include "pool/sqlite/engine_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "pool/sqlite/memory.h"

#define ENGINE_MAGIC 0x11ed09e5
#define TICK_MS 50

uint64_t lite_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- the lock -------------------------------------------------------------- */

static void tell(struct lite_engine *engine, const struct lite_news *news)
{
	if (news->reader)
		pthread_cond_signal(&engine->reader_wanted);
	if (news->writer)
		pthread_cond_signal(&engine->writer_wanted);
	if (news->sync)
		pthread_cond_signal(&engine->sync_wanted);
	if (news->loop)
		uv_async_send(&engine->async);
}

static struct lite_news take_news(struct lite_engine *engine)
{
	struct lite_news news = engine->news;

	engine->news = (struct lite_news){ 0 };
	return news;
}

void lite_engine_lock(struct lite_engine *engine)
{
	pthread_mutex_lock(&engine->lock);
}

void lite_engine_unlock(struct lite_engine *engine)
{
	struct lite_news news = take_news(engine);

	pthread_mutex_unlock(&engine->lock);
	tell(engine, &news);
}

void lite_engine_wait(struct lite_engine *engine, pthread_cond_t *wanted,
		      const struct timespec *until)
{
	struct lite_news news = take_news(engine);

	tell(engine, &news);
	if (until)
		pthread_cond_timedwait(wanted, &engine->lock, until);
	else
		pthread_cond_wait(wanted, &engine->lock);
}

/* --- jobs ------------------------------------------------------------------ */

void lite_job_init(struct lite_job *job, struct lite_engine *engine,
		   const struct lite_job_handlers *handlers)
{
	memset(job, 0, sizeof(*job));
	job->handlers = handlers;
	list_init(&job->link);
	list_init(&job->idle_link);
	atomic_init(&job->cancelled, false);
	lite_engine_lock(engine);
	list_append(&engine->jobs, &job->member_link);
	lite_engine_unlock(engine);
}

static void end_if_closing(struct lite_engine *engine)
{
	if (!engine->on_closed || !list_empty(&engine->jobs))
		return;
	engine->stopping = true;
	pthread_cond_broadcast(&engine->reader_wanted);
	pthread_cond_broadcast(&engine->writer_wanted);
}

void lite_job_fini(struct lite_job *job, struct lite_engine *engine)
{
	struct lite_connection *own;

	lite_engine_lock(engine);
	if (engine->failed && engine->holder == job)
		engine->holder = NULL;
	assert(!job->busy && engine->holder != job);
	if (job->connection)
		list_append(&engine->idle, &job->connection->link);
	job->connection = NULL;
	own = job->own;
	job->own = NULL;
	list_remove(&job->link);
	list_remove(&job->idle_link);
	list_remove(&job->member_link);
	lite_engine_unlock(engine);
	lite_connection_free(&own);
	lite_engine_lock(engine);
	end_if_closing(engine);
	lite_engine_unlock(engine);
}

/* Behind an open transaction a job waits for its end, and the writer looks at
 * those that do each tick by itself: unless this is the first of them, or one
 * that is perhaps not to wait. */
void lite_job_await_writer(struct lite_engine *engine, struct lite_job *job)
{
	if (!engine->holder || list_empty(&engine->writer_queue) ||
	    job->lock_wait != LOCK_WAITS || job->based)
		engine->news.writer = true;
	job->queued_ms = lite_now_ms();
	list_append(&engine->writer_queue, &job->link);
	engine->writer_waiting++;
}

void lite_job_await_reader(struct lite_engine *engine, struct lite_job *job)
{
	list_append(&engine->reader_queue, &job->link);
	engine->reader_waiting++;
	lite_call_reader(engine);
}

static void queue_job(struct lite_engine *engine, struct lite_job *job)
{
	if (engine->holder == job) {
		list_append(&engine->holder_queue, &job->link);
		engine->news.writer = true;
	} else if (job->to_writer && !job->connection &&
		   engine->writer_waiting < engine->options.writer_queue_max) {
		lite_job_await_writer(engine, job);
	} else {
		lite_job_await_reader(engine, job);
	}
}

void lite_job_submit(struct lite_job *job, struct lite_engine *engine)
{
	list_remove(&job->idle_link);
	lite_engine_lock(engine);
	assert(!job->busy);
	atomic_store(&job->cancelled, false);
	/* An evicted owner hears of it soon; what it still had to say is
	 * answered by that. */
	if (!job->evicted || job->closing) {
		list_remove(&job->link);
		job->busy = true;
		if (job->outcome != LITE_SUSPENDED)
			job->wait_for = 0;
		job->solo = false;
		job->lock_wait = LOCK_WAITS;
		job->wait_over = job->drops_own = job->skips = false;
		job->in_group = false;
		if (engine->failed)
			lite_job_finish_locked(engine, job, LITE_FINISHED);
		else
			queue_job(engine, job);
	}
	lite_engine_unlock(engine);
}

void lite_job_cancel(struct lite_job *job, struct lite_engine *engine)
{
	atomic_store(&job->cancelled, true);
	lite_engine_lock(engine);
	engine->scan = true;
	engine->news.writer = true;
	lite_engine_unlock(engine);
	lite_engine_wake(engine);
}

/* --- what comes back ------------------------------------------------------- */

/* In order of wait_for; nearly always it belongs at the end. */
static void insert_waiting(struct lite_engine *engine, struct lite_job *job)
{
	struct list *at = &engine->waiting;

	while (at->prev != &engine->waiting &&
	       LIST_ENTRY(at->prev, struct lite_job, link)->wait_for >
	       job->wait_for)
		at = at->prev;
	list_append(at, &job->link);
}

/* A lock that was given back after the job had asked for it would be missed:
 * then it asks again at once. */
static void park(struct lite_engine *engine, struct lite_job *job)
{
	if (!job->parked_ms)
		job->parked_ms = lite_now_ms();
	if (job->wakes != atomic_load(&engine->wakes) || job->closing) {
		queue_job(engine, job);
		return;
	}
	list_append(&engine->parked, &job->link);
	engine->news.loop = true;
}

/* Those that waited long enough run once more, to say so. A holder of the
 * writer that waits for a lock keeps everybody else waiting. */
static bool is_overdue(struct lite_engine *engine, const struct lite_job *job,
		       uint64_t now_ms)
{
	uint64_t waited = now_ms - job->parked_ms;

	if (atomic_load(&job->cancelled))
		return true;
	if (engine->holder == job && waited >= engine->options.writer_wait_ms)
		return true;
	return job->wait_ms && waited >= job->wait_ms;
}

/* As Postgres does with idle_in_transaction_session_timeout. The writer may
 * have evicted it meanwhile, because others wait. */
static void evict_idle(struct lite_engine *engine, struct lite_job *job)
{
	bool evicted;

	list_remove(&job->idle_link);
	lite_engine_lock(engine);
	evicted = job->evicted;
	job->evicted = true;
	lite_engine_unlock(engine);
	if (evicted)
		return;
	error_set(&job->eviction, SQLSTATE_IDLE_IN_TRANSACTION, "%s",
		  "terminating connection due to idle-in-transaction timeout");
	job->eviction.fatal = true;
	job->handlers->on_evicted(job, &job->eviction);
}

static void evict_idle_ones(struct lite_engine *engine, uint64_t now_ms)
{
	LIST_EACH_SAFE(link, &engine->idle_limited) {
		struct lite_job *job =
			LIST_ENTRY(link, struct lite_job, idle_link);

		if (now_ms >= job->idle_until_ms)
			evict_idle(engine, job);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct lite_engine *engine = timer->data;
	uint64_t now_ms = lite_now_ms();

	evict_idle_ones(engine, now_ms);

	lite_engine_lock(engine);
	LIST_EACH_SAFE(link, &engine->parked) {
		struct lite_job *job = LIST_ENTRY(link, struct lite_job, link);

		if (!is_overdue(engine, job, now_ms))
			continue;
		list_remove(link);
		job->wait_over = true;
		queue_job(engine, job);
	}
	if (list_empty(&engine->parked) && list_empty(&engine->idle_limited))
		uv_timer_stop(timer);
	lite_engine_unlock(engine);
}

void lite_job_limit_idle(struct lite_job *job, struct lite_engine *engine,
			 uint64_t limit_ms)
{
	job->idle_until_ms = lite_now_ms() + limit_ms;
	list_append(&engine->idle_limited, &job->idle_link);
	if (!uv_is_active((uv_handle_t *)&engine->timer))
		uv_timer_start(&engine->timer, on_tick, TICK_MS, TICK_MS);
}

void lite_job_finish_locked(struct lite_engine *engine, struct lite_job *job,
			    enum lite_outcome outcome)
{
	job->outcome = outcome;
	if (outcome == LITE_WAITS && !engine->failed) {
		park(engine, job);
		return;
	}
	job->parked_ms = 0;
	if (job->wait_for > engine->durable && !engine->failed) {
		insert_waiting(engine, job);
		return;
	}
	list_append(&engine->done, &job->link);
	engine->news.loop = true;
}

void lite_job_finish(struct lite_engine *engine, struct lite_job *job,
		     enum lite_outcome outcome)
{
	lite_engine_lock(engine);
	lite_job_finish_locked(engine, job, outcome);
	lite_engine_unlock(engine);
}

void lite_job_refuse(struct lite_engine *engine, struct lite_job *job,
		     const struct error *error)
{
	lite_engine_unlock(engine);
	job->handlers->refuse(job, error);
	lite_engine_lock(engine);
	if (job->wait_for < engine->committed)
		job->wait_for = engine->committed;
	lite_job_finish_locked(engine, job, LITE_FINISHED);
}

void lite_engine_wake(struct lite_engine *engine)
{
	struct list *link;

	atomic_fetch_add(&engine->wakes, 1);
	lite_engine_lock(engine);
	while ((link = list_first(&engine->parked))) {
		struct lite_job *job = LIST_ENTRY(link, struct lite_job, link);

		list_remove(link);
		queue_job(engine, job);
	}
	lite_engine_unlock(engine);
}

static void drain(struct list *from, struct list *to)
{
	struct list *link;

	while ((link = list_first(from))) {
		list_remove(link);
		list_append(to, link);
	}
}

void lite_engine_fail(struct lite_engine *engine, const char *what, int code)
{
	lite_engine_lock(engine);
	if (!engine->failed) {
		engine->failed = true;
		engine->stats.failed = true;
		error_set(&engine->failure, SQLSTATE_IO_ERROR,
			  "%s failed on file \"%s\" (%s)", what, engine->path,
			  code < 0 ? uv_strerror(code) : sqlite3_errstr(code));
		error_detail(&engine->failure, "%s",
			     "What was not acknowledged may or may not be in "
			     "the file.");
		error_hint(&engine->failure, "%s",
			   "Check the disk, then start weir again.");
		engine->failure.fatal = true;
	}
	drain(&engine->waiting, &engine->done);
	drain(&engine->parked, &engine->done);
	drain(&engine->reader_queue, &engine->done);
	drain(&engine->writer_queue, &engine->done);
	drain(&engine->holder_queue, &engine->done);
	engine->writer_waiting = engine->reader_waiting = 0;
	pthread_cond_broadcast(&engine->writer_wanted);
	pthread_cond_broadcast(&engine->sync_wanted);
	engine->news.loop = true;
	lite_engine_unlock(engine);
}

static void give_back(struct lite_engine *engine, struct lite_job *job,
		      bool failed)
{
	if ((failed || job->evicted) && !job->closing) {
		if (!job->evicted) {
			job->evicted = true;
			job->handlers->on_evicted(job, &engine->failure);
		}
		return;
	}
	job->handlers->on_done(job, job->outcome);
}

/* After a failure everybody hears of it once, busy or not; the busy ones
 * when their thread lets go of them. */
static void tell_failure(struct lite_engine *engine)
{
	if (!engine->failure_told && engine->options.on_failed)
		engine->options.on_failed(engine->options.context,
					  &engine->failure);
	engine->failure_told = true;
	LIST_EACH_SAFE(link, &engine->jobs) {
		struct lite_job *job =
			LIST_ENTRY(link, struct lite_job, member_link);
		bool told = job->evicted || job->busy || job->closing;

		if (told)
			continue;
		job->evicted = true;
		job->handlers->on_evicted(job, &engine->failure);
	}
}

static void on_engine_closed(uv_handle_t *handle)
{
	struct lite_engine *engine = handle->data;
	void (*on_closed)(void *) = engine->on_closed;
	void *context = engine->closed_context;

	if (--engine->handles)
		return;
	lite_engine_free(engine);
	on_closed(context);
}

static void join_threads(struct lite_engine *engine)
{
	pthread_join(engine->writer_thread, NULL);
	pthread_join(engine->sync_thread, NULL);
	for (unsigned i = 0; i < engine->reader_count; i++)
		pthread_join(engine->reader_threads[i], NULL);
}

static void collect(struct lite_engine *engine)
{
	struct list done, evicted, *link;
	bool failed, tell, ended;

	list_init(&done);
	list_init(&evicted);
	lite_engine_lock(engine);
	drain(&engine->done, &done);
	drain(&engine->evicted, &evicted);
	LIST_EACH(it, &done)
		LIST_ENTRY(it, struct lite_job, link)->busy = false;
	failed = engine->failed;
	tell = failed;
	ended = engine->stopping && engine->threads_left == 0;
	if (!list_empty(&engine->parked) &&
	    !uv_is_active((uv_handle_t *)&engine->timer))
		uv_timer_start(&engine->timer, on_tick, TICK_MS, TICK_MS);
	lite_engine_unlock(engine);
	while ((link = list_first(&evicted))) {
		struct lite_job *job = LIST_ENTRY(link, struct lite_job, link);

		list_remove(link);
		job->handlers->on_evicted(job, &job->eviction);
	}
	while ((link = list_first(&done))) {
		list_remove(link);
		give_back(engine, LIST_ENTRY(link, struct lite_job, link),
			  failed);
	}
	if (tell)
		tell_failure(engine);
	if (ended && !engine->ended) {
		engine->ended = true;
		join_threads(engine);
		uv_close((uv_handle_t *)&engine->async, on_engine_closed);
		uv_close((uv_handle_t *)&engine->timer, on_engine_closed);
		uv_close((uv_handle_t *)&engine->idle_handle,
			 on_engine_closed);
	}
}

static void on_news(uv_async_t *async)
{
	collect(async->data);
}

/* --- what the loop does itself --------------------------------------------- */

/* Once around the loop for each batch of what it did itself: other clients
 * have their turn in between. */
static void on_idle(uv_idle_t *idle)
{
	struct lite_engine *engine = idle->data;

	if (!engine->ended_here) {
		uv_idle_stop(idle);
		return;
	}
	engine->ended_here = false;
	collect(engine);
}

bool lite_job_begin_here(struct lite_job *job, struct lite_engine *engine)
{
	bool may;

	lite_engine_lock(engine);
	assert(!job->busy);
	may = !engine->failed && !job->evicted && engine->holder != job &&
	      !job->connection && !job->own;
	if (may) {
		list_remove(&job->idle_link);
		list_remove(&job->link);
		job->busy = true;
	}
	lite_engine_unlock(engine);
	return may;
}

void lite_job_end_here(struct lite_job *job, struct lite_engine *engine)
{
	lite_engine_lock(engine);
	job->outcome = LITE_FINISHED;
	list_append(&engine->done, &job->link);
	lite_engine_unlock(engine);
	if (!engine->ended_here)
		uv_idle_start(&engine->idle_handle, on_idle);
	engine->ended_here = true;
}

/* --- life ------------------------------------------------------------------ */

static void init_lists(struct lite_engine *engine)
{
	struct list *lists[] = {
		&engine->idle, &engine->reading, &engine->idle_limited, &engine->jobs, &engine->reader_queue,
		&engine->writer_queue, &engine->holder_queue,
		&engine->waiting, &engine->parked, &engine->done,
		&engine->evicted, &engine->group,
	};
	pthread_condattr_t attributes;
	pthread_mutexattr_t kind;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		list_init(lists[i]);
	/* It is held for moments: to sleep for it costs more than to spin. */
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&engine->lock, &kind);
	pthread_mutexattr_destroy(&kind);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&engine->reader_wanted, &attributes);
	pthread_cond_init(&engine->writer_wanted, &attributes);
	pthread_cond_init(&engine->sync_wanted, &attributes);
	pthread_condattr_destroy(&attributes);
}

static char **copy_names(const char *const *names)
{
	size_t count = 0;
	char **copy;

	while (names && names[count])
		count++;
	copy = must_alloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = must_dup(names[i]);
	return copy;
}

static void free_names(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

#define DEFAULT(field, value) \
	engine->options.field = options->field ? options->field : (value)

static void take_options(struct lite_engine *engine,
			 const struct lite_options *options)
{
	engine->options = *options;
	DEFAULT(readers, 2);
	DEFAULT(writer_wait_ms, 10000);
	DEFAULT(holder_idle_ms, 30000);
	DEFAULT(snapshot_ms, 60000);
	DEFAULT(log_frames_max, 65536);
	DEFAULT(group_max, 64);
	DEFAULT(writer_queue_max, 4096);
	DEFAULT(memory_bytes_max, (size_t)512 << 20);
	DEFAULT(message_bytes_max, (size_t)256 << 20);
	DEFAULT(result_bytes_max, (size_t)64 << 20);
	if (engine->options.readers > LITE_READERS_MAX)
		engine->options.readers = LITE_READERS_MAX;
	engine->options.path = NULL;
	engine->options.protected_tables = NULL;
	engine->protected_tables = copy_names(options->protected_tables);
}

void lite_engine_free(struct lite_engine *engine)
{
	struct list *link;

	while ((link = list_first(&engine->idle))) {
		struct lite_connection *connection =
			LIST_ENTRY(link, struct lite_connection, link);

		list_remove(link);
		lite_connection_free(&connection);
	}
	lite_connection_free(&engine->writer);
	lite_file_release(engine);
	lite_engine_free_parts(engine);
	pthread_cond_destroy(&engine->reader_wanted);
	pthread_cond_destroy(&engine->writer_wanted);
	pthread_cond_destroy(&engine->sync_wanted);
	pthread_mutex_destroy(&engine->lock);
	free_names(engine->protected_tables);
	free(engine->reader_threads);
	free(engine->path);
	free(engine->wal_path);
	free(engine->lock_path);
	free(engine);
}

static int start_threads(struct lite_engine *engine)
{
	unsigned readers = engine->options.readers;

	engine->reader_threads =
		must_alloc(readers * sizeof(*engine->reader_threads));
	engine->threads_left = 2;
	if (pthread_create(&engine->sync_thread, NULL, lite_sync_main, engine))
		return UV_EAGAIN;
	if (pthread_create(&engine->writer_thread, NULL, lite_writer_main,
			   engine))
		return UV_EAGAIN;
	for (; engine->reader_count < readers; engine->reader_count++) {
		if (pthread_create(&engine->reader_threads[engine->reader_count],
				   NULL, lite_reader_main, engine))
			return UV_EAGAIN;
		lite_engine_lock(engine);
		engine->threads_left++;
		lite_engine_unlock(engine);
	}
	return 0;
}

static int prepare_file(struct lite_engine *engine, struct error *error)
{
	int result = lite_file_claim(engine, error);

	if (result < 0)
		return result;
	lite_engine_make_parts(engine);
	engine->writer = lite_connection_new(engine, true, error);
	if (!engine->writer || !lite_engine_prepare_schema(engine, error))
		return UV_EIO;
	return lite_file_open_wal(engine, error);
}

int lite_engine_open(uv_loop_t *loop, const struct lite_options *options,
		     struct lite_engine **ret_engine, struct error *error)
{
	struct lite_engine *engine = must_alloc(sizeof(*engine));
	int result;

	lite_memory_init();
	engine->magic = ENGINE_MAGIC;
	engine->loop = loop;
	engine->lock_fd = engine->wal_fd = -1;
	engine->path = must_dup(options->path);
	atomic_init(&engine->started, 0);
	atomic_init(&engine->changes, 0);
	atomic_init(&engine->schema_epoch, 0);
	atomic_init(&engine->protection, 1);
	take_options(engine, options);
	init_lists(engine);
	result = prepare_file(engine, error);
	if (result < 0)
		goto failed;
	result = uv_async_init(loop, &engine->async, on_news);
	if (result < 0) {
		error_set(error, SQLSTATE_INTERNAL, "cannot watch threads: %s",
			  uv_strerror(result));
		goto failed;
	}
	engine->async.data = engine;
	uv_timer_init(loop, &engine->timer);
	engine->timer.data = engine;
	uv_idle_init(loop, &engine->idle_handle);
	engine->idle_handle.data = engine;
	engine->handles = 3;
	/* Threads that cannot start in a young process are no case to
	 * recover from. */
	if (start_threads(engine) < 0)
		abort();
	*ret_engine = engine;
	return 0;
failed:
	lite_engine_free(engine);
	return result;
}

void lite_engine_notes(struct lite_engine *engine,
		       void (*note)(void *context, const char *object,
				    const char *what), void *context)
{
	struct schema *schema;

	lite_engine_lock(engine);
	schema = schema_ref(engine->schema);
	lite_engine_unlock(engine);
	for (int i = 0; i < schema->note_count; i++)
		note(context, schema->notes[i].object, schema->notes[i].what);
	schema_unref(&schema);
}

void lite_engine_stats(struct lite_engine *engine, struct lite_stats *ret_stats)
{
	lite_engine_lock(engine);
	*ret_stats = engine->stats;
	ret_stats->writer_queue = engine->writer_waiting;
	ret_stats->reader_queue = engine->reader_waiting;
	lite_engine_unlock(engine);
}

void lite_engine_protect(struct lite_engine *engine, const char *const *tables)
{
	char **names = copy_names(tables), **old;

	lite_engine_lock(engine);
	old = engine->protected_tables;
	engine->protected_tables = names;
	atomic_fetch_add(&engine->protection, 1);
	lite_engine_unlock(engine);
	free_names(old);
}

void lite_engine_close(struct lite_engine *engine, void (*on_closed)(void *),
		       void *context)
{
	assert(engine->magic == ENGINE_MAGIC);
	lite_engine_lock(engine);
	engine->on_closed = on_closed;
	engine->closed_context = context;
	end_if_closing(engine);
	lite_engine_unlock(engine);
}

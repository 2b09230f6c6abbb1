#include "pool/pool.h"

#include <assert.h>
#include <stdlib.h>

#include "pool/setting.h"
#include "pool/statement.h"
#include "protocol/frame.h"

#define POOL_MAGIC 0x706f6f6cu
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000

static void serve(struct pool *pool);

void pool_init(struct pool *pool, const char *name,
	       const struct pool_limits *limits, struct pool_bound *bound,
	       const struct pool_report *report, void *context)
{
	*pool = (struct pool){
		.magic = POOL_MAGIC,
		.name = must_dup(name),
		.limits = *limits,
		.bound = bound,
		.report = report,
		.context = context,
	};
	list_init(&pool->opening);
	list_init(&pool->idle);
	list_init(&pool->leased);
	list_init(&pool->cleaning);
	list_init(&pool->closing);
	list_init(&pool->waiting);
	list_append(&bound->pools, &pool->bound_link);
}

void pool_fini(struct pool *pool)
{
	assert(!pool->backend_count && list_empty(&pool->waiting));
	list_remove(&pool->bound_link);
	free((void *)(uintptr_t)pool->name);
	pool->magic = 0;
}

/* --- states: each is one list ------------------------------------------- */

static struct list *list_of(struct pool *pool, enum backend_state state)
{
	switch (state) {
	case BACKEND_OPENING: return &pool->opening;
	case BACKEND_IDLE: return &pool->idle;
	case BACKEND_LEASED: return &pool->leased;
	case BACKEND_CLEANING: return &pool->cleaning;
	case BACKEND_CLOSING: return &pool->closing;
	}
	abort();
}

/* Which moves there are; see the drawing in backend.h. */
static const bool may_move[BACKEND_CLOSING + 1][BACKEND_CLOSING + 1] = {
	[BACKEND_OPENING] = { [BACKEND_IDLE] = true, [BACKEND_CLOSING] = true },
	[BACKEND_IDLE] = { [BACKEND_LEASED] = true, [BACKEND_CLOSING] = true },
	[BACKEND_LEASED] = { [BACKEND_IDLE] = true, [BACKEND_CLEANING] = true,
			     [BACKEND_CLOSING] = true },
	[BACKEND_CLEANING] = { [BACKEND_IDLE] = true,
			       [BACKEND_CLOSING] = true },
};

static void enter(struct backend *backend, enum backend_state state)
{
	struct pool *pool = backend->pool;

	assert(may_move[backend->state][state]);
	if (backend->state == BACKEND_OPENING)
		pool->opening_count--;
	backend->state = state;
	list_remove(&backend->link);
	list_append(list_of(pool, state), &backend->link);
}

static void close_backend(struct backend *backend, enum close_reason reason)
{
	struct pool *pool = backend->pool;

	if (backend->state == BACKEND_CLOSING)
		return;
	enter(backend, BACKEND_CLOSING);
	backend->handlers = NULL;
	backend->holder = NULL;
	backend->dead = true;
	pool->report->closed(pool->context, pool, backend, reason);
	backend->ops->close(backend);
}

/* --- opening ------------------------------------------------------------ */

static bool is_for_good(const struct error *error)
{
	/* What waiting will not mend: a wrong password, no such database. */
	return strncmp(error->sqlstate, "28", 2) == 0 ||
	       error_is(error, SQLSTATE_INVALID_DATABASE);
}

static void refuse_all(struct pool *pool, const struct error *error)
{
	LIST_EACH_SAFE(link, &pool->waiting) {
		struct want *want = LIST_ENTRY(link, struct want, link);

		pool_unwant(want);
		want->on_refused(want, error);
	}
}

static void note_failure(struct pool *pool, const struct error *error)
{
	pool->last_error = *error;
	pool->backoff_ms = pool->backoff_ms ? pool->backoff_ms * 2 :
					      BACKOFF_FIRST_MS;
	if (pool->backoff_ms > BACKOFF_MAX_MS)
		pool->backoff_ms = BACKOFF_MAX_MS;
	pool->retry_at_ms = pool->now_ms + pool->backoff_ms;
	pool->report->open_failed(pool->context, pool, error,
				  pool->backoff_ms);
}

/* Makes room under the bound by closing an idle backend of another user of
 * the same database. */
static bool evict_sibling(struct pool *pool)
{
	LIST_EACH(link, &pool->bound->pools) {
		struct pool *other = LIST_ENTRY(link, struct pool, bound_link);

		if (other == pool || list_empty(&other->idle))
			continue;
		close_backend(LIST_ENTRY(list_first(&other->idle),
					 struct backend, link), CLOSE_EVICTED);
		return true;
	}
	return false;
}

static bool open_one(struct pool *pool)
{
	struct error error;
	struct backend *backend;

	if (pool->stopping || pool->now_ms < pool->retry_at_ms)
		return false;
	if (pool->bound->backends >= pool->bound->backends_max) {
		/* Its place is free once it is closed; see pool_tick(). */
		evict_sibling(pool);
		return false;
	}
	backend = pool->open(pool->opener, pool, &error);
	if (!backend) {
		note_failure(pool, &error);
		return false;
	}
	pool->bound->backends++;
	pool->backend_count++;
	pool->opening_count++;
	backend->opened_ms = pool->now_ms;
	list_append(&pool->opening, &backend->link);
	return true;
}

/* As many openings as there are waiters that none is under way for; but one
 * at a time while the far end does not answer, so that it is not stormed. */
static void open_for_waiters(struct pool *pool)
{
	while (pool->opening_count < pool->waiting_count) {
		if (pool->backoff_ms && pool->opening_count)
			return;
		if (!open_one(pool))
			return;
	}
}

/* --- leasing ------------------------------------------------------------ */

static struct backend *take_idle(struct pool *pool)
{
	struct list *link;

	if (list_empty(&pool->idle))
		return NULL;
	/* The last one used is warm; the first one is the longest unused. */
	link = pool->limits.rotate ? pool->idle.next : pool->idle.prev;
	return LIST_ENTRY(link, struct backend, link);
}

static void lease(struct backend *backend, struct want *want, uint64_t now_ms)
{
	enter(backend, BACKEND_LEASED);
	backend->handlers = want->handlers;
	backend->holder = want->holder;
	backend->leased_ms = now_ms;
	backend->leases++;
	backend->undone = false;
	backend->pool->report->leased(backend->pool->context, backend->pool,
				      now_ms - want->since_ms);
}

bool pool_want(struct pool *pool, struct want *want, uint64_t now_ms,
	       struct backend **ret_backend)
{
	struct backend *backend;

	assert(pool->magic == POOL_MAGIC && !want->pool);
	pool->now_ms = now_ms;
	want->since_ms = now_ms;
	backend = list_empty(&pool->waiting) ? take_idle(pool) : NULL;
	if (backend) {
		lease(backend, want, now_ms);
		*ret_backend = backend;
		return true;
	}
	want->pool = pool;
	list_append(&pool->waiting, &want->link);
	pool->waiting_count++;
	open_for_waiters(pool);
	return false;
}

void pool_unwant(struct want *want)
{
	if (!want->pool)
		return;
	want->pool->waiting_count--;
	want->pool = NULL;
	list_remove(&want->link);
}

/* Hands idle backends to those who wait. */
static void serve(struct pool *pool)
{
	struct backend *backend;

	while (!list_empty(&pool->waiting) && (backend = take_idle(pool))) {
		struct want *want = LIST_ENTRY(list_first(&pool->waiting),
					       struct want, link);

		pool_unwant(want);
		lease(backend, want, pool->now_ms);
		want->on_leased(want, backend);
	}
}

/* --- giving back -------------------------------------------------------- */

static bool too_old(const struct pool *pool, const struct backend *backend)
{
	return pool->limits.lifetime_ms &&
	       pool->now_ms - backend->opened_ms > pool->limits.lifetime_ms;
}

static void make_idle(struct backend *backend)
{
	struct pool *pool = backend->pool;

	backend->handlers = NULL;
	backend->holder = NULL;
	if (backend->doomed || backend->dead) {
		close_backend(backend, CLOSE_UNCLEAN);
	} else if (pool->stopping) {
		close_backend(backend, CLOSE_STOPPING);
	} else if (too_old(pool, backend)) {
		close_backend(backend, CLOSE_LIFETIME);
	} else {
		backend->idle_since_ms = pool->now_ms;
		enter(backend, BACKEND_IDLE);
	}
	serve(pool);
}

/* Sends one simple query of weir's own; nobody hears the answer. Where it
 * fails, what the next client would meet is unknown. */
static void ask(struct backend *backend, const char *sql)
{
	struct buffer message = { 0 };
	struct slice piece;
	size_t mark = message_begin(&message, 'Q');

	buffer_put_cstring(&message, sql);
	message_end(&message, mark);
	backend_expect(backend, 'Q', EXPECT_SWALLOW | EXPECT_MUST_SUCCEED, 0,
		       NULL);
	piece = buffer_slice(&message);
	backend_send(backend, &piece, 1);
	buffer_fini(&message);
}

static void cleaning_on_ready(void *holder, char status, bool idle)
{
	struct backend *backend = holder;

	if (!idle)
		return;
	if (status != 'I') {
		ask(backend, "ROLLBACK");
	} else if (backend->must_discard) {
		backend->must_discard = false;
		known_statements_free(&backend->known);
		backend->closing = 0;
		settings_unref(&backend->settings);
		backend->sequences_clean = true;
		ask(backend, "DISCARD ALL");
	} else {
		make_idle(backend);
	}
}

static void cleaning_on_reply(void *holder, const struct slice *pieces,
			      unsigned count)
{
}

static void cleaning_on_watched(void *holder, char message, uint32_t token,
				bool succeeded, struct slice body)
{
}

static void cleaning_on_drained(void *holder)
{
}

static void cleaning_on_lost(void *holder, const struct error *error)
{
}

static const struct lease_handlers cleaning_handlers = {
	.on_reply = cleaning_on_reply,
	.on_ready = cleaning_on_ready,
	.on_watched = cleaning_on_watched,
	.on_drained = cleaning_on_drained,
	.on_lost = cleaning_on_lost,
};

static void start_cleaning(struct backend *backend)
{
	enter(backend, BACKEND_CLEANING);
	if (backend->pool->limits.reset_on_release)
		backend->must_discard = true;
	backend->handlers = &cleaning_handlers;
	backend->holder = backend;
	backend->idle_since_ms = backend->pool->now_ms;
}

void pool_release(struct backend *backend, uint64_t now_ms)
{
	struct pool *pool = backend->pool;

	assert(backend->state == BACKEND_LEASED && backend_is_quiet(backend));
	pool->now_ms = now_ms;
	if ((pool->limits.reset_on_release || backend->must_discard) &&
	    !backend->doomed && !backend->dead) {
		start_cleaning(backend);
		cleaning_on_ready(backend, backend->status, true);
		return;
	}
	make_idle(backend);
}

/* A client that left between its last message and its Sync, or during COPY:
 * says in its place what brings the server to ReadyForQuery. What was not
 * synced must not be committed by our Sync, so something fails before it. */
static void finish_batch(struct backend *backend)
{
	struct buffer message = { 0 };
	struct slice piece;

	if (backend->copying_in) {
		size_t mark = message_begin(&message, 'f');

		buffer_put_cstring(&message, "client gone");
		message_end(&message, mark);
		backend_end_copy(backend);
	}
	if (backend->batch_open) {
		size_t mark = message_begin(&message, 'P');

		buffer_put(&message, "\0client_gone\0\0\0", 15);
		message_end(&message, mark);
		message_end(&message, message_begin(&message, 'S'));
		backend_expect(backend, 'P', EXPECT_SWALLOW, 0, NULL);
		backend_expect(backend, 'S', EXPECT_SWALLOW, 0, NULL);
	}
	piece = buffer_slice(&message);
	if (piece.length)
		backend_send(backend, &piece, 1);
	buffer_fini(&message);
}

/* The COPY of an extended query reads past the Sync that was sent before it
 * began: it needs another one behind its end. */
void pool_backend_copies(struct backend *backend)
{
	backend->batch_open = backend->expected[backend->expected_first]
				      .message == 'E';
	finish_batch(backend);
}

void pool_abandon(struct backend *backend, enum parting parting,
		  uint64_t now_ms)
{
	backend->pool->now_ms = now_ms;
	assert(backend->state == BACKEND_LEASED);
	if (parting == PARTING_BROKEN || backend->dead || backend->doomed) {
		close_backend(backend, CLOSE_UNCLEAN);
		return;
	}
	start_cleaning(backend);
	if (backend_is_quiet(backend) && !backend->batch_open) {
		backend->ops->pause(backend, false);
		cleaning_on_ready(backend, backend->status, true);
		return;
	}
	backend_swallow_all(backend);
	if (parting != PARTING_SAID || backend->batch_open)
		backend->ops->cancel(backend);
	finish_batch(backend);
	/* Last, for replies that were held back may come in at once. */
	backend->ops->pause(backend, false);
}

/* --- what the backends say ---------------------------------------------- */

void pool_backend_opened(struct backend *backend)
{
	struct pool *pool = backend->pool;

	if (backend->state != BACKEND_OPENING)
		return;
	pool->backoff_ms = 0;
	pool->retry_at_ms = 0;
	pool->started = true;
	backend->opened_ms = pool->now_ms;
	pool->report->opened(pool->context, pool, backend);
	backend->idle_since_ms = pool->now_ms;
	enter(backend, BACKEND_IDLE);
	if (pool->stopping)
		close_backend(backend, CLOSE_STOPPING);
	serve(pool);
	open_for_waiters(pool);
}

void pool_backend_failed(struct backend *backend, const struct error *error)
{
	struct pool *pool = backend->pool;

	if (backend->state == BACKEND_CLOSING)
		return;
	enter(backend, BACKEND_CLOSING);
	note_failure(pool, error);
	if (is_for_good(error))
		refuse_all(pool, error);
}

void pool_backend_lost(struct backend *backend, const struct error *error)
{
	const struct lease_handlers *handlers = backend->handlers;
	void *holder = backend->holder;
	bool leased = backend->state == BACKEND_LEASED;

	close_backend(backend, CLOSE_LOST);
	if (leased && handlers)
		handlers->on_lost(holder, error);
}

void pool_backend_closed(struct backend *backend)
{
	struct pool *pool = backend->pool;

	if (backend->state != BACKEND_CLOSING)
		enter(backend, BACKEND_CLOSING);
	list_remove(&backend->link);
	pool->backend_count--;
	pool->bound->backends--;
	if (pool->stopping && !pool->backend_count) {
		pool->report->emptied(pool->context, pool);
		return;
	}
	/* A place is free for whoever waits, here or in a sibling. */
	LIST_EACH(link, &pool->bound->pools)
		open_for_waiters(LIST_ENTRY(link, struct pool, bound_link));
}

/* --- time --------------------------------------------------------------- */

static void refuse_late_ones(struct pool *pool)
{
	struct error error;

	LIST_EACH_SAFE(link, &pool->waiting) {
		struct want *want = LIST_ENTRY(link, struct want, link);
		uint64_t waited = pool->now_ms - want->since_ms;

		if (waited < pool->limits.queue_timeout_ms)
			return;	/* those behind came later */
		pool_unwant(want);
		pool->report->queue_timeout(pool->context, pool, waited);
		if (pool->backoff_ms) {
			error_set(&error, SQLSTATE_CANNOT_CONNECT_NOW,
				  "the database server does not answer: %.300s",
				  pool->last_error.message);
			error_hint(&error, "weir keeps trying; this session "
				   "is still usable.");
		} else {
			error_set(&error, SQLSTATE_TOO_MANY_CONNECTIONS,
				  "no server connection became free within "
				  "%llu ms", (unsigned long long)
				  pool->limits.queue_timeout_ms);
			error_hint(&error, "All %u connections of the pool "
				   "were busy. Shorten transactions, or raise "
				   "pool_size or queue_timeout.",
				   pool->bound->backends_max);
		}
		want->on_refused(want, &error);
	}
}

static void close_old_ones(struct pool *pool)
{
	LIST_EACH_SAFE(link, &pool->idle) {
		struct backend *backend = LIST_ENTRY(link, struct backend,
						     link);
		uint64_t idle = pool->now_ms - backend->idle_since_ms;

		if (too_old(pool, backend))
			close_backend(backend, CLOSE_LIFETIME);
		else if (pool->limits.idle_timeout_ms &&
			 idle > pool->limits.idle_timeout_ms &&
			 pool->backend_count > pool->limits.backends_min)
			close_backend(backend, CLOSE_IDLE);
	}
}

static void close_unclean_ones(struct pool *pool)
{
	LIST_EACH_SAFE(link, &pool->cleaning) {
		struct backend *backend = LIST_ENTRY(link, struct backend,
						     link);

		if (pool->now_ms - backend->idle_since_ms >
		    pool->limits.clean_timeout_ms)
			close_backend(backend, CLOSE_UNCLEAN);
	}
}

void pool_tick(struct pool *pool, uint64_t now_ms)
{
	pool->now_ms = now_ms;
	if (pool->limits.queue_timeout_ms)
		refuse_late_ones(pool);
	close_unclean_ones(pool);
	close_old_ones(pool);
	if (pool->backoff_ms && is_for_good(&pool->last_error))
		refuse_all(pool, &pool->last_error);
	if (pool->stopping)
		return;
	open_for_waiters(pool);
	if (pool->started && pool->backend_count < pool->limits.backends_min &&
	    !pool->opening_count)
		open_one(pool);
}

void pool_stop(struct pool *pool)
{
	pool->stopping = true;
	LIST_EACH_SAFE(link, &pool->idle)
		close_backend(LIST_ENTRY(link, struct backend, link),
			      CLOSE_STOPPING);
	LIST_EACH_SAFE(link, &pool->opening)
		close_backend(LIST_ENTRY(link, struct backend, link),
			      CLOSE_STOPPING);
	if (!pool->backend_count)
		pool->report->emptied(pool->context, pool);
}

void pool_kill(struct pool *pool)
{
	struct list *lists[] = { &pool->idle, &pool->opening, &pool->leased,
				 &pool->cleaning };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		LIST_EACH_SAFE(link, lists[i])
			close_backend(LIST_ENTRY(link, struct backend, link),
				      CLOSE_STOPPING);
}

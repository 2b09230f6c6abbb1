#include "pool/pool_inner.h"

#include <assert.h>
#include <stdlib.h>

#define POOL_MAGIC 0x706f6f6cu

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
	list_init(&pool->rotation);
	list_init(&pool->deadlines);
	pool_queue_init(&pool->queue);
	list_append(&bound->pools, &pool->bound_link);
}

void pool_fini(struct pool *pool)
{
	assert(!pool->backend_count && !pool->waiting_count);
	list_remove(&pool->bound_link);
	free((void *)(uintptr_t)pool->name);
	pool->magic = 0;
}

void pool_warm(struct pool *pool)
{
	pool->started = true;
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

void pool_enter(struct backend *backend, enum backend_state state)
{
	struct pool *pool = backend->pool;

	assert(may_move[backend->state][state]);
	pool_unpin(backend);
	if (backend->state == BACKEND_OPENING)
		pool->opening_count--;
	if (state == BACKEND_CLOSING) {
		pool->closing_count++;
		pool->bound->closing++;
	}
	backend->state = state;
	list_remove(&backend->link);
	list_append(list_of(pool, state), &backend->link);
}

void pool_close_backend(struct backend *backend, enum close_reason reason)
{
	struct pool *pool = backend->pool;

	if (backend->state == BACKEND_CLOSING)
		return;
	pool_enter(backend, BACKEND_CLOSING);
	backend->handlers = NULL;
	backend->holder = NULL;
	backend->dead = true;
	pool->report->closed(pool->context, pool, backend, reason);
	backend->ops->close(backend);
}

void pool_close_list(struct list *list, enum close_reason reason)
{
	LIST_EACH_SAFE(link, list)
		pool_close_backend(LIST_ENTRY(link, struct backend, link),
				   reason);
}

/* --- pins --------------------------------------------------------------- */

void pool_pin(struct backend *backend)
{
	assert(backend->state == BACKEND_LEASED);
	if (backend->pinned)
		return;
	backend->pinned = true;
	backend->pool->pinned_count++;
	backend->pool->bound->pinned++;
}

void pool_unpin(struct backend *backend)
{
	if (!backend->pinned)
		return;
	backend->pinned = false;
	backend->pool->pinned_count--;
	backend->pool->bound->pinned--;
}

bool pool_may_pin(const struct pool *pool)
{
	const struct pool_bound *bound = pool->bound;

	return bound->pinned < (bound->pinned_max ? bound->pinned_max :
						    bound->backends_max);
}

/* --- leasing ------------------------------------------------------------ */

/*
 * With rotate a client is to meet another backend each time: the one unused
 * for longest that it did not have last. If only that one is idle it waits
 * for another that is being opened, or can be; never for one that is leased,
 * whose holder may be waiting for just this client.
 */
static struct backend *take_another(struct pool *pool, const struct want *want)
{
	LIST_EACH(link, &pool->idle) {
		struct backend *backend = LIST_ENTRY(link, struct backend,
						     link);

		if (backend->id != want->last_backend)
			return backend;
	}
	if (pool_open_is_likely(pool))
		return NULL;
	return LIST_ENTRY(list_first(&pool->idle), struct backend, link);
}

static struct backend *take_idle(struct pool *pool, const struct want *want)
{
	if (pool->paused || list_empty(&pool->idle))
		return NULL;
	if (pool->limits.rotate)
		return take_another(pool, want);
	/* The last one used is warm. */
	return LIST_ENTRY(pool->idle.prev, struct backend, link);
}

static void lease(struct backend *backend, struct want *want, uint64_t now_ms)
{
	pool_enter(backend, BACKEND_LEASED);
	backend->handlers = want->handlers;
	backend->holder = want->holder;
	backend->leased_ms = now_ms;
	backend->leases++;
	backend->undone = false;
	want->last_backend = backend->id;
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
	backend = pool->waiting_count ? NULL : take_idle(pool, want);
	if (!backend) {
		pool_queue_join(pool, want);
		pool_open_for_waiters(pool);
		/* With rotate, another one that could not be opened. */
		backend = pool->waiting_count > 1 ? NULL :
						    take_idle(pool, want);
		if (!backend)
			return false;
		pool_unwant(want);
	}
	lease(backend, want, now_ms);
	*ret_backend = backend;
	return true;
}

/* The first of some user's queue that an idle backend can be given to. */
static struct want *find_match(struct pool *pool, struct backend **ret_backend)
{
	LIST_EACH(link, &pool->rotation) {
		struct pool_queue *queue = LIST_ENTRY(link, struct pool_queue,
						      link);
		struct want *want = LIST_ENTRY(list_first(&queue->wants),
					       struct want, link);

		*ret_backend = take_idle(pool, want);
		if (*ret_backend)
			return want;
		if (!pool->limits.rotate)
			return NULL;
	}
	return NULL;
}

void pool_serve(struct pool *pool)
{
	struct backend *backend;
	struct want *want;

	while ((want = find_match(pool, &backend))) {
		pool_queue_serve(want);
		lease(backend, want, pool->now_ms);
		want->on_leased(want, backend);
	}
}

/* --- free again --------------------------------------------------------- */

void pool_outdate(struct pool *pool)
{
	pool->generation++;
	pool_close_list(&pool->idle, CLOSE_OUTDATED);
}

static bool too_old(const struct pool *pool, const struct backend *backend)
{
	return pool->limits.lifetime_ms &&
	       pool->now_ms - backend->opened_ms > pool->limits.lifetime_ms;
}

static bool is_surplus(const struct pool *pool)
{
	return pool->bound->backends - pool->bound->closing >
	       pool->bound->backends_max && !pool->waiting_count;
}

/* Whether it must go, and why. */
static bool must_close(const struct backend *backend,
		       enum close_reason *ret_reason)
{
	const struct pool *pool = backend->pool;

	if (backend->doomed || backend->dead)
		*ret_reason = CLOSE_UNCLEAN;
	else if (pool->stopping)
		*ret_reason = CLOSE_STOPPING;
	else if (pool->paused)
		*ret_reason = CLOSE_PAUSED;
	else if (too_old(pool, backend))
		*ret_reason = CLOSE_LIFETIME;
	else if (backend->generation != pool->generation)
		*ret_reason = CLOSE_OUTDATED;
	else if (is_surplus(pool))
		*ret_reason = CLOSE_SURPLUS;
	else if (pool_open_must_yield(pool, backend))
		*ret_reason = CLOSE_EVICTED;
	else
		return false;
	return true;
}

void pool_make_idle(struct backend *backend)
{
	struct pool *pool = backend->pool;
	enum close_reason reason;

	backend->handlers = NULL;
	backend->holder = NULL;
	pool_open_check_primary(backend);
	if (must_close(backend, &reason)) {
		pool_close_backend(backend, reason);
	} else {
		backend->idle_since_ms = pool->now_ms;
		pool_enter(backend, BACKEND_IDLE);
	}
	pool_serve(pool);
}

/* --- what the backends say ---------------------------------------------- */

void pool_backend_lost(struct backend *backend, const struct error *error)
{
	const struct lease_handlers *handlers = backend->handlers;
	void *holder = backend->holder;
	bool leased = backend->state == BACKEND_LEASED;

	/* All may be lost: the next one is a trial. */
	backend->pool->unsure = true;
	pool_close_backend(backend, CLOSE_LOST);
	if (leased && handlers)
		handlers->on_lost(holder, error);
}

void pool_backend_closed(struct backend *backend)
{
	struct pool *pool = backend->pool;

	if (backend->state != BACKEND_CLOSING)
		pool_enter(backend, BACKEND_CLOSING);
	list_remove(&backend->link);
	pool->backend_count--;
	pool->closing_count--;
	pool->bound->backends--;
	pool->bound->closing--;
	if (pool->stopping && !pool->backend_count) {
		pool->report->emptied(pool->context, pool);
		return;
	}
	pool_check_paused(pool);
	pool_open_where_needed(pool->bound);
}

/* --- time --------------------------------------------------------------- */

static void close_old_ones(struct pool *pool)
{
	LIST_EACH_SAFE(link, &pool->idle) {
		struct backend *backend = LIST_ENTRY(link, struct backend,
						     link);
		uint64_t idle = pool->now_ms - backend->idle_since_ms;

		if (too_old(pool, backend))
			pool_close_backend(backend, CLOSE_LIFETIME);
		else if (is_surplus(pool))
			pool_close_backend(backend, CLOSE_SURPLUS);
		else if (pool->limits.idle_timeout_ms &&
			 idle > pool->limits.idle_timeout_ms &&
			 pool_live(pool) > pool->limits.backends_min)
			pool_close_backend(backend, CLOSE_IDLE);
	}
}

static void close_unclean_ones(struct pool *pool)
{
	LIST_EACH_SAFE(link, &pool->cleaning) {
		struct backend *backend = LIST_ENTRY(link, struct backend,
						     link);

		if (pool->now_ms - backend->idle_since_ms >
		    pool->limits.clean_timeout_ms)
			pool_close_backend(backend, CLOSE_UNCLEAN);
	}
}

void pool_tick(struct pool *pool, uint64_t now_ms)
{
	pool->now_ms = now_ms;
	pool_queue_refuse_late(pool);
	close_unclean_ones(pool);
	close_old_ones(pool);
	pool_serve(pool);
	pool_open_give_up(pool);
	pool_open_for_waiters(pool);
	pool_open_minimum(pool);
}

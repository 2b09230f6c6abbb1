/*
 * What an operator asks of a pool (PAUSE, RESUME, RECONNECT, KILL) and how it
 * ends. None of it cuts what a client has under way, but for killing.
 */
#include "pool/pool_inner.h"

void pool_check_paused(struct pool *pool)
{
	if (!pool->paused || pool->pause_told || pool->backend_count)
		return;
	pool->pause_told = true;
	if (pool->report->paused)
		pool->report->paused(pool->context, pool);
}

static void close_free_ones(struct pool *pool, enum close_reason reason)
{
	pool_close_list(&pool->idle, reason);
	pool_close_list(&pool->opening, reason);
}

void pool_pause(struct pool *pool, uint64_t now_ms)
{
	pool->now_ms = now_ms;
	pool->paused = true;
	pool->pause_told = false;
	close_free_ones(pool, CLOSE_PAUSED);
	pool_check_paused(pool);
}

void pool_resume(struct pool *pool, uint64_t now_ms)
{
	pool->now_ms = now_ms;
	pool->paused = false;
	/* Perhaps the pause was for what made it back off. */
	pool->retry_at_ms = 0;
	pool_serve(pool);
	pool_open_for_waiters(pool);
}

void pool_reconnect(struct pool *pool, uint64_t now_ms)
{
	pool->now_ms = now_ms;
	pool->retry_at_ms = 0;
	pool_outdate(pool);
	/* They may be on their way to where the database was. */
	pool_close_list(&pool->opening, CLOSE_OUTDATED);
	pool_open_for_waiters(pool);
}

/* Its holder hears of it, and may ask for another one from inside. */
static void kill_leased(struct backend *backend, const struct error *error)
{
	const struct lease_handlers *handlers = backend->handlers;
	void *holder = backend->holder;

	pool_close_backend(backend, CLOSE_KILLED);
	handlers->on_lost(holder, error);
}

void pool_kill_all(struct pool *pool, uint64_t now_ms)
{
	struct list *first;
	struct error error;

	error_set(&error, SQLSTATE_ADMIN_SHUTDOWN,
		  "terminating connection due to administrator command");
	error_detail(&error, "What was under way may or may not have been "
		     "done.");
	error.fatal = true;
	pool->now_ms = now_ms;
	pool->paused = true;
	pool->pause_told = false;
	close_free_ones(pool, CLOSE_KILLED);
	pool_close_list(&pool->cleaning, CLOSE_KILLED);
	while ((first = list_first(&pool->leased)))
		kill_leased(LIST_ENTRY(first, struct backend, link), &error);
	pool_check_paused(pool);
}

/* --- the end ------------------------------------------------------------ */

void pool_stop(struct pool *pool)
{
	pool->stopping = true;
	close_free_ones(pool, CLOSE_STOPPING);
	if (!pool->backend_count)
		pool->report->emptied(pool->context, pool);
}

void pool_kill(struct pool *pool)
{
	close_free_ones(pool, CLOSE_STOPPING);
	pool_close_list(&pool->leased, CLOSE_STOPPING);
	pool_close_list(&pool->cleaning, CLOSE_STOPPING);
}

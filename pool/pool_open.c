/*
 * Opening backends: how many, when, and for whom.
 *
 * While all is well there are as many openings under way as there are
 * waiters without one. When one fails, or a backend was lost, the far end may
 * be down: then there is one attempt at a time, after 100 ms, 200 ms and so
 * on up to 4 s, and a quarter more by chance so that many weirs do not knock
 * together. Openings that were begun together fail together and count as one
 * failure. The first success ends all that: the rest is opened in parallel.
 *
 * Several pools (server roles) share the bound of their database. While there
 * is room they do not feel each other. When it is full, each pool that has
 * something to do may keep its share, the bound divided by their number: what
 * a pool above its share gets back is closed for a sibling below, or for any
 * that waits if nobody waits here. A backend that has rested, if only for the
 * time between two transactions of a busy client, makes place for who waits.
 * So two busy pools settle instead of taking from each other for ever. Where
 * there are more pools than places, the share is one, and a place changes
 * hands when a sibling without any has waited for a quarter of a second and
 * the place was used as long.
 *
 * The reserve lies above the bound. It is opened only when one has waited for
 * reserve_timeout_ms, and what comes free above the bound while nobody waits
 * in its pool is closed.
 *
 * Where only a primary is of use (follow_primary), a backend that was opened
 * at another place than those before means that the primary has moved: what
 * is connected elsewhere is closed as soon as it is free, and never used
 * again. A leased one hears from its own server that it is read-only now.
 */
#include "pool/pool_inner.h"

#include "pool/setting.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 4000
#define QUANTUM_MS 250	/* a place is kept so long before it changes hands */
#define REST_MS 20	/* unused for so long, it is not missed at once */

/* --- failing ------------------------------------------------------------ */

static bool is_for_good(const struct error *error)
{
	/* What waiting will not mend: a wrong password, no such database, a
	 * file that is not written to any more. */
	return strncmp(error->sqlstate, "28", 2) == 0 ||
	       error_is(error, SQLSTATE_INVALID_DATABASE) ||
	       error_is(error, SQLSTATE_IO_ERROR);
}

/* The next number of a splitmix64 generator, below `bound`. */
static uint64_t roll(struct pool *pool, uint64_t bound)
{
	uint64_t x = pool->chance += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (x ^ (x >> 31)) % bound;
}

static void back_off(struct pool *pool)
{
	pool->backoff_ms = pool->backoff_ms ? pool->backoff_ms * 2 :
					      BACKOFF_FIRST_MS;
	if (pool->backoff_ms > BACKOFF_MAX_MS)
		pool->backoff_ms = BACKOFF_MAX_MS;
	pool->retry_at_ms = pool->now_ms + pool->backoff_ms +
			    roll(pool, pool->backoff_ms / 4 + 1);
}

/* `round` is the one in which the opening was begun: of those begun before
 * the last failure was known, one counts. */
static void note_failure(struct pool *pool, unsigned round,
			 const struct error *error)
{
	pool->last_error = *error;
	if (round == pool->round) {
		pool->round++;
		back_off(pool);
	}
	pool->report->open_failed(pool->context, pool, error,
				  pool->retry_at_ms > pool->now_ms ?
				  pool->retry_at_ms - pool->now_ms : 0);
}

void pool_open_give_up(struct pool *pool)
{
	if (pool->backoff_ms && is_for_good(&pool->last_error) &&
	    pool_live(pool) == pool->opening_count)
		pool_queue_refuse_all(pool, &pool->last_error);
}

/* --- room --------------------------------------------------------------- */

static bool may_try(const struct pool *pool)
{
	if (pool->stopping || pool->paused ||
	    pool->now_ms < pool->retry_at_ms)
		return false;
	return !(pool->backoff_ms || pool->unsure) || !pool->opening_count;
}

static bool is_pressed(const struct pool *pool)
{
	return pool->bound->reserve_max && pool->waiting_count &&
	       pool->now_ms >= pool_queue_since(pool) +
			       pool->limits.reserve_timeout_ms;
}

static bool has_room(const struct pool *pool)
{
	const struct pool_bound *bound = pool->bound;
	unsigned reserve = is_pressed(pool) ? bound->reserve_max : 0;

	return bound->backends < bound->backends_max + reserve;
}

static struct pool *of_link(struct list *link)
{
	return LIST_ENTRY(link, struct pool, bound_link);
}

/* Of the siblings' idle backends the one that is unused for longest. */
static struct backend *longest_idle(const struct pool *pool)
{
	struct backend *longest = NULL;

	LIST_EACH(link, &pool->bound->pools) {
		struct list *first = list_first(&of_link(link)->idle);
		struct backend *backend;

		if (of_link(link) == pool || !first)
			continue;
		backend = LIST_ENTRY(first, struct backend, link);
		if (!longest || backend->idle_since_ms < longest->idle_since_ms)
			longest = backend;
	}
	return longest;
}

/* Closes idle backends of siblings, as many as are needed here. Their places
 * are free once they are closed; see pool_open_where_needed(). */
static void make_room(struct pool *pool)
{
	unsigned needed = pool->waiting_count - pool->opening_count;
	struct backend *idle;

	while (pool->bound->closing < needed && (idle = longest_idle(pool))) {
		uint64_t rested_ms = idle->idle_since_ms + REST_MS;

		if (pool->now_ms < rested_ms) {
			if (pool->report->wake)
				pool->report->wake(pool->context, pool,
						   rested_ms);
			return;
		}
		pool_close_backend(idle, CLOSE_EVICTED);
	}
}

/* --- sharing ------------------------------------------------------------ */

static bool is_needy(const struct pool *pool)
{
	return pool->waiting_count > pool->opening_count && may_try(pool);
}

static bool has_demand(const struct pool *pool)
{
	return pool->waiting_count || !list_empty(&pool->leased) ||
	       !list_empty(&pool->cleaning);
}

/* Fewest backends first, then who has waited longest. */
static bool is_needier(const struct pool *a, const struct pool *b)
{
	if (pool_live(a) != pool_live(b))
		return pool_live(a) < pool_live(b);
	return pool_queue_since(a) < pool_queue_since(b);
}

static struct pool *neediest(const struct pool_bound *bound,
			     const struct pool *except)
{
	struct pool *found = NULL;

	LIST_EACH(link, &bound->pools) {
		struct pool *pool = of_link(link);

		if (pool != except && is_needy(pool) &&
		    (!found || is_needier(pool, found)))
			found = pool;
	}
	return found;
}

static unsigned fair_share(const struct pool_bound *bound)
{
	unsigned busy = 0;

	LIST_EACH(link, &bound->pools)
		busy += has_demand(of_link(link));
	return busy > 1 && bound->backends_max / busy ?
	       bound->backends_max / busy : 1;
}

static bool has_waited_a_quantum(const struct pool *pool, uint64_t now_ms)
{
	return now_ms >= pool_queue_since(pool) + QUANTUM_MS;
}

bool pool_open_must_yield(const struct pool *pool,
			  const struct backend *backend)
{
	const struct pool_bound *bound = pool->bound;
	struct pool *needy;
	unsigned share;

	/* One place at a time: what is closing will be given away first. */
	if (bound->backends < bound->backends_max || bound->closing)
		return false;
	needy = neediest(bound, pool);
	if (!needy)
		return false;
	share = fair_share(bound);
	if (pool_live(pool) > share &&
	    (pool_live(needy) < share || !pool->waiting_count))
		return true;
	return !pool_live(needy) &&
	       has_waited_a_quantum(needy, pool->now_ms) &&
	       pool->now_ms >= backend->opened_ms + QUANTUM_MS;
}

/* --- opening ------------------------------------------------------------ */

static bool open_one(struct pool *pool)
{
	struct error error;
	struct backend *backend = pool->open(pool->opener, pool, &error);

	if (!backend) {
		note_failure(pool, pool->round, &error);
		return false;
	}
	pool->bound->backends++;
	pool->backend_count++;
	pool->opening_count++;
	backend->opened_ms = pool->now_ms;
	backend->round = pool->round;
	list_append(&pool->opening, &backend->link);
	return true;
}

void pool_open_for_waiters(struct pool *pool)
{
	while (is_needy(pool)) {
		if (!has_room(pool)) {
			make_room(pool);
			return;
		}
		if (!open_one(pool))
			return;
	}
}

void pool_open_where_needed(struct pool_bound *bound)
{
	struct pool *pool;

	while ((pool = neediest(bound, NULL))) {
		if (!has_room(pool)) {
			make_room(pool);
			return;
		}
		/* Where it fails the pool backs off, and is not needy. */
		open_one(pool);
	}
}

void pool_open_minimum(struct pool *pool)
{
	while (pool->started && pool_live(pool) < pool->limits.backends_min &&
	       may_try(pool) &&
	       pool->bound->backends < pool->bound->backends_max)
		if (!open_one(pool))
			return;
}

bool pool_open_is_likely(const struct pool *pool)
{
	if (pool->backoff_ms || pool->unsure)
		return false;
	return pool->opening_count || (may_try(pool) && has_room(pool));
}

/* --- the primary -------------------------------------------------------- */

static bool any_is_elsewhere(const struct list *list,
			     const struct backend *than)
{
	LIST_EACH(link, list)
		if (strcmp(LIST_ENTRY(link, struct backend, link)->place,
			   than->place) != 0)
			return true;
	return false;
}

/* The newest one shows where the primary is. */
static void follow(struct pool *pool, const struct backend *newest)
{
	if (any_is_elsewhere(&pool->idle, newest) ||
	    any_is_elsewhere(&pool->leased, newest) ||
	    any_is_elsewhere(&pool->cleaning, newest))
		pool_outdate(pool);
}

static bool says_on(const struct backend *backend, const char *name)
{
	return slice_equal(backend_parameter(backend, name),
			   slice_text("on"));
}

void pool_open_check_primary(struct backend *backend)
{
	static const char read_only[] = "default_transaction_read_only";
	struct pool *pool = backend->pool;

	if (!pool->limits.follow_primary)
		return;
	/* The others are there as well. */
	if (says_on(backend, "in_hot_standby"))
		pool_outdate(pool);
	/* This may be a client's doing, though not one that weir knows of:
	 * then it is the only one. */
	if (says_on(backend, read_only) &&
	    !settings_find(backend->settings, read_only))
		backend->generation = pool->generation - 1;
}

/* --- what the backends say ---------------------------------------------- */

void pool_backend_opened(struct backend *backend)
{
	struct pool *pool = backend->pool;

	if (backend->state != BACKEND_OPENING)
		return;
	pool->backoff_ms = 0;
	pool->retry_at_ms = 0;
	pool->unsure = false;
	pool->started = true;
	backend->opened_ms = pool->now_ms;
	pool->report->opened(pool->context, pool, backend);
	if (pool->limits.follow_primary)
		follow(pool, backend);
	backend->generation = pool->generation;
	backend->idle_since_ms = pool->now_ms;
	pool_enter(backend, BACKEND_IDLE);
	if (pool->stopping)
		pool_close_backend(backend, CLOSE_STOPPING);
	pool_serve(pool);
	pool_open_for_waiters(pool);
	pool_open_minimum(pool);
}

void pool_backend_failed(struct backend *backend, const struct error *error)
{
	struct pool *pool = backend->pool;

	if (backend->state == BACKEND_CLOSING)
		return;
	pool_enter(backend, BACKEND_CLOSING);
	note_failure(pool, backend->round, error);
	pool_open_give_up(pool);
	/* Under strict_dev somebody may have waited for just this one. */
	pool_serve(pool);
}

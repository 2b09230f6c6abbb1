/*
 * Who waits. One queue per client user, first come first served; the queues
 * that are not empty stand in the rotation, and whoever was served goes to
 * its end. All wants of a pool are also in the order in which they will be
 * refused, so that looking for late ones costs nothing while there are none.
 */
#include "pool/pool_inner.h"

void pool_queue_init(struct pool_queue *queue)
{
	list_init(&queue->link);
	list_init(&queue->wants);
}

static struct pool_queue *queue_of(const struct want *want)
{
	return want->queue ? want->queue : &want->pool->queue;
}

static uint64_t refusal_of(const struct pool *pool, const struct want *want)
{
	uint64_t at = pool->limits.queue_timeout_ms ?
		      want->since_ms + pool->limits.queue_timeout_ms :
		      UINT64_MAX;

	return want->deadline_ms && want->deadline_ms < at ?
	       want->deadline_ms : at;
}

/* Mostly the last one, for most limits are the same. */
static void put_by_deadline(struct pool *pool, struct want *want)
{
	struct list *before = pool->deadlines.prev;

	while (before != &pool->deadlines &&
	       LIST_ENTRY(before, struct want, deadline_link)->refuse_at_ms >
	       want->refuse_at_ms)
		before = before->prev;
	list_prepend(before, &want->deadline_link);
}

/* The pool is to be ticked when the first of them is late. */
static void ask_for_tick(struct pool *pool)
{
	struct list *first = list_first(&pool->deadlines);
	uint64_t at = first ? LIST_ENTRY(first, struct want, deadline_link)
			      ->refuse_at_ms : UINT64_MAX;

	if (at != UINT64_MAX && pool->report->wake)
		pool->report->wake(pool->context, pool, at);
}

void pool_queue_join(struct pool *pool, struct want *want)
{
	struct pool_queue *queue;

	want->pool = pool;
	want->refuse_at_ms = refusal_of(pool, want);
	queue = queue_of(want);
	if (list_empty(&queue->wants))
		list_append(&pool->rotation, &queue->link);
	list_append(&queue->wants, &want->link);
	pool->waiting_count++;
	put_by_deadline(pool, want);
	if (pool->deadlines.next == &want->deadline_link)
		ask_for_tick(pool);
}

void pool_unwant(struct want *want)
{
	struct pool_queue *queue;

	if (!want->pool)
		return;
	queue = queue_of(want);
	want->pool->waiting_count--;
	want->pool = NULL;
	list_remove(&want->link);
	list_remove(&want->deadline_link);
	if (list_empty(&queue->wants))
		list_remove(&queue->link);
}

void pool_queue_serve(struct want *want)
{
	struct pool *pool = want->pool;
	struct pool_queue *queue = queue_of(want);

	pool_unwant(want);
	if (list_empty(&queue->wants))
		return;
	list_remove(&queue->link);
	list_append(&pool->rotation, &queue->link);
}

uint64_t pool_queue_since(const struct pool *pool)
{
	uint64_t since_ms = UINT64_MAX;

	LIST_EACH(link, &pool->rotation) {
		struct pool_queue *queue = LIST_ENTRY(link, struct pool_queue,
						      link);
		struct want *want = LIST_ENTRY(list_first(&queue->wants),
					       struct want, link);

		if (want->since_ms < since_ms)
			since_ms = want->since_ms;
	}
	return since_ms;
}

/* --- refusing ----------------------------------------------------------- */

static void hint_at_busy_ones(const struct pool *pool, struct error *error)
{
	const struct pool_bound *bound = pool->bound;

	if (bound->pinned)
		error_hint(error, "All %u connections of the pool were busy; "
			   "%u of them are pinned to one session each, which "
			   "keeps what cannot be moved to another connection. "
			   "Shorten transactions, or raise pool_size or "
			   "queue_timeout.", bound->backends_max,
			   bound->pinned);
	else
		error_hint(error, "All %u connections of the pool were busy. "
			   "Shorten transactions, or raise pool_size or "
			   "queue_timeout.", bound->backends_max);
}

static void explain_late(const struct pool *pool, uint64_t waited_ms,
			 struct error *error)
{
	bool serves = pool_live(pool) > pool->opening_count;

	if (pool->paused) {
		error_set(error, SQLSTATE_CANNOT_CONNECT_NOW,
			  "the database is paused by its operator");
		error_hint(error, "Try again later.");
	} else if (pool->backoff_ms && !serves) {
		error_set(error, SQLSTATE_CANNOT_CONNECT_NOW,
			  "the database server does not answer: %.300s",
			  pool->last_error.message);
		error_hint(error, "weir keeps trying. Try again later.");
	} else {
		error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
			  "no server connection became free within %llu ms",
			  (unsigned long long)waited_ms);
		if (pool->backoff_ms)
			error_detail(error, "Another one could not be opened: "
				     "%.300s", pool->last_error.message);
		hint_at_busy_ones(pool, error);
	}
}

static void refuse_late(struct pool *pool, struct want *want)
{
	uint64_t waited_ms = pool->now_ms - want->since_ms;
	struct error error;

	explain_late(pool, want->refuse_at_ms > want->since_ms ?
			   want->refuse_at_ms - want->since_ms : 0, &error);
	pool_unwant(want);
	pool->report->queue_timeout(pool->context, pool, waited_ms);
	want->on_refused(want, &error);
}

/* Takes those out of the order that are late at `now_ms`: whoever is refused
 * may want again at once, and must not be met in the same round. */
static void take_late(struct pool *pool, uint64_t now_ms, struct list *late)
{
	struct list *first;

	list_init(late);
	while ((first = list_first(&pool->deadlines)) &&
	       LIST_ENTRY(first, struct want, deadline_link)->refuse_at_ms <=
	       now_ms) {
		list_remove(first);
		list_append(late, first);
	}
}

void pool_queue_refuse_late(struct pool *pool)
{
	struct list late, *first;

	take_late(pool, pool->now_ms, &late);
	while ((first = list_first(&late)))
		refuse_late(pool, LIST_ENTRY(first, struct want,
					     deadline_link));
	ask_for_tick(pool);
}

void pool_queue_refuse_all(struct pool *pool, const struct error *why)
{
	struct error error = *why;	/* it may be the pool's own */
	struct list late, *first;

	take_late(pool, UINT64_MAX, &late);
	while ((first = list_first(&late))) {
		struct want *want = LIST_ENTRY(first, struct want,
					       deadline_link);

		pool_unwant(want);
		want->on_refused(want, &error);
	}
}

/*
 * Between the files of the pool: what a move of a backend brings about. Not
 * for anybody else.
 */
#ifndef WEIR_POOL_POOL_INNER_H
#define WEIR_POOL_POOL_INNER_H

#include "pool/pool.h"

/* --- pool.c ------------------------------------------------------------- */

/* Moves a backend to a state and its list. */
void pool_enter(struct backend *, enum backend_state);
void pool_close_backend(struct backend *, enum close_reason);
/* Closes what is in one of its lists. */
void pool_close_list(struct list *, enum close_reason);
/* It is clean and nobody's: for who waits, or to be closed. */
void pool_make_idle(struct backend *);
/* Hands idle backends to those who wait. */
void pool_serve(struct pool *);
/* From now on the backends that are open are of an older generation. */
void pool_outdate(struct pool *);
void pool_check_paused(struct pool *);

/* Those that are not about to go. */
static inline unsigned pool_live(const struct pool *pool)
{
	return pool->backend_count - pool->closing_count;
}

/* --- pool_queue.c ------------------------------------------------------- */

void pool_queue_join(struct pool *, struct want *);
/* The first of its queue is served: the next user's turn. */
void pool_queue_serve(struct want *);
/* Since when the one that waits longest does; somebody must wait. */
uint64_t pool_queue_since(const struct pool *);
void pool_queue_refuse_late(struct pool *);
void pool_queue_refuse_all(struct pool *, const struct error *);

/* --- pool_open.c -------------------------------------------------------- */

/* As many openings as there are waiters that none is under way for. */
void pool_open_for_waiters(struct pool *);
/* A place under the bound is free: for who needs it most. */
void pool_open_where_needed(struct pool_bound *);
/* Up to backends_min. */
void pool_open_minimum(struct pool *);
/* One more could be begun now, and nothing says that it will fail. */
bool pool_open_is_likely(const struct pool *);
/* A backend that came free is closed because a sibling needs its place. */
bool pool_open_must_yield(const struct pool *, const struct backend *);
/* Outdates what is read-only now, where only a primary is of use. */
void pool_open_check_primary(struct backend *);
/* Refuses all if nobody can be served and time will not change that. */
void pool_open_give_up(struct pool *);

#endif

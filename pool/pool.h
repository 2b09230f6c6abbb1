/*
 * A pool: a bounded number of backends, and the sessions that wait for one.
 *
 * A session that needs a backend *wants* one; it gets a *lease*, the right to
 * one backend, when its turn comes (first come, first served), or an error
 * when it has waited longer than the limit. The session gives the lease back
 * when the backend is ready and in no transaction, or abandons it when its
 * client is gone: then the pool stops the running query, rolls back, and uses
 * the backend again.
 *
 *     want ──► leased ──► released          (back to idle, or to who waits)
 *       │         ├─────► abandoned ──► cleaned ──► idle
 *       │         └─────► lost              (told by on_lost)
 *       └──► refused (queue timeout, backend down for good)
 *
 * The pool knows no kind of backend: it opens them through a pointer it was
 * given. The time is an argument: tests move it. Pools of one database share
 * a `struct pool_bound`. Everything runs on the loop thread.
 */
#ifndef WEIR_POOL_POOL_H
#define WEIR_POOL_POOL_H

#include <stdint.h>

#include "pool/backend.h"
#include "pool/report.h"

struct pool_limits {
	unsigned backends_min;	/* kept open once the pool is used */
	uint64_t queue_timeout_ms;	/* 0: no limit */
	uint64_t lifetime_ms;	/* 0: no limit */
	uint64_t idle_timeout_ms;	/* 0: no limit */
	uint64_t clean_timeout_ms;	/* to bring an abandoned one back */
	bool reset_on_release;	/* session mode: DISCARD ALL between clients */
	bool rotate;		/* strict_dev: the longest idle one first */
};

/* What several pools share: the bound of their database. */
struct pool_bound {
	unsigned backends_max;
	unsigned backends;	/* in every state */
	struct list pools;
};

/* How a client left that held a lease. */
enum parting {
	PARTING_SAID,	/* after Terminate: what it asked for is done, as
			   Postgres would */
	PARTING_GONE,	/* what runs is stopped */
	PARTING_BROKEN,	/* in the middle of a message: the backend cannot be
			   used again */
};

struct want {
	struct list link;	/* in the queue of its pool */
	struct pool *pool;	/* NULL while not waiting */
	uint64_t since_ms;
	/* Called later, from the loop, never from inside pool_want(). The
	 * backend is the holder's from then on. */
	void (*on_leased)(struct want *, struct backend *);
	void (*on_refused)(struct want *, const struct error *);
	const struct lease_handlers *handlers;
	void *holder;
};

struct pool {
	uint32_t magic;
	const char *name;	/* "database/user", for people; owned */
	struct pool_limits limits;
	struct pool_bound *bound;
	struct list bound_link;
	const struct pool_report *report;
	void *context;		/* of the report */

	/* Starts to open a backend, in state OPENING; NULL: not possible,
	 * the error says why. backend_opened() or backend_failed() follows. */
	struct backend *(*open)(void *opener, struct pool *, struct error *);
	void *opener;

	struct list opening, idle, leased, cleaning, closing;
	struct list waiting;	/* wants, the oldest first */
	unsigned backend_count, opening_count, waiting_count;

	uint64_t now_ms;	/* as last told */
	uint64_t retry_at_ms;	/* no opening before */
	uint64_t backoff_ms;	/* 0 while all is well */
	struct error last_error;	/* why opening failed last */
	bool stopping;
	bool started;		/* a backend was open once */
};

void pool_init(struct pool *, const char *name, const struct pool_limits *,
	       struct pool_bound *, const struct pool_report *, void *context);

/* Asks for a lease. True: here it is. False: waiting; on_leased or on_refused
 * follows. Nobody who came later is served earlier. */
bool pool_want(struct pool *, struct want *, uint64_t now_ms,
	       struct backend **ret_backend);
/* Leaves the queue. Harmless when not in it. */
void pool_unwant(struct want *);

/* Gives a lease back: the backend is quiet and its status is 'I'. */
void pool_release(struct backend *, uint64_t now_ms);
/* Gives it back in whatever state: the client is gone. */
void pool_abandon(struct backend *, enum parting, uint64_t now_ms);

/* Timeouts, ages, openings whose time has come. Call a few times a second. */
void pool_tick(struct pool *, uint64_t now_ms);

/* No new leases; idle backends close now, leased ones when given back.
 * `emptied` is reported when none is left. */
void pool_stop(struct pool *);
/* Closes even the leased ones. */
void pool_kill(struct pool *);
void pool_fini(struct pool *);

/* --- for backend.c ------------------------------------------------------ */

void pool_backend_opened(struct backend *);
void pool_backend_failed(struct backend *, const struct error *);
void pool_backend_lost(struct backend *, const struct error *);
void pool_backend_closed(struct backend *);
/* It waits for the data of a COPY whose client is gone. */
void pool_backend_copies(struct backend *);

#endif

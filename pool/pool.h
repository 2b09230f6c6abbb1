/*
 * A pool: a bounded number of backends, and the sessions that wait for one.
 *
 * A session that needs a backend *wants* one; it gets a *lease*, the right to
 * one backend, when its turn comes, or an error when it has waited longer
 * than the limit. The session gives the lease back when the backend is ready
 * and in no transaction, or abandons it when its client is gone: then the
 * pool stops the running query, rolls back, and uses the backend again.
 *
 *     want ──► leased ──► released          (back to idle, or to who waits)
 *       │         ├─────► abandoned ──► cleaned ──► idle
 *       │         └─────► lost              (told by on_lost)
 *       └──► refused (queue timeout, backend down for good)
 *
 * Whose turn it is: each client user has a queue, served in the order of
 * arrival; the queues of a pool are served in rotation, so that a user with
 * a thousand sessions does not keep out one with two.
 *
 * A pool is of one server role in one database: its backends are alike. Pools
 * of one configured database share a `struct pool_bound`; see pool_open.c for
 * how they share it.
 *
 * The pool knows no kind of backend: it opens them through a pointer it was
 * given. The time is an argument: tests move it; chance is a number given at
 * the start. Everything runs on the loop thread.
 *
 * pool.c        states, leasing, time      pool_queue.c  who waits
 * pool_open.c   opening, back-off, shares  pool_clean.c  giving back
 * pool_verb.c   pause, resume, reconnect, kill, stop
 */
#ifndef WEIR_POOL_POOL_H
#define WEIR_POOL_POOL_H

#include <stdint.h>

#include "pool/backend.h"
#include "pool/report.h"

struct pool_limits {
	unsigned backends_min;	/* kept open once the pool is used or warm */
	uint64_t queue_timeout_ms;	/* 0: no limit */
	uint64_t reserve_timeout_ms;	/* so long one waits before the reserve
					   of the bound is used */
	uint64_t lifetime_ms;	/* 0: no limit */
	uint64_t idle_timeout_ms;	/* 0: no limit */
	uint64_t clean_timeout_ms;	/* to bring an abandoned one back */
	bool reset_on_release;	/* session mode: DISCARD ALL between clients */
	bool rotate;		/* strict_dev: not the one it had before */
	bool follow_primary;	/* only servers that can be written to are of
				   use: see pool_open.c */
};

/* What several pools share: the bound of their database. */
struct pool_bound {
	unsigned backends_max;
	unsigned reserve_max;	/* above it, for who has waited too long */
	unsigned pinned_max;	/* 0: backends_max */
	unsigned backends;	/* in every state */
	unsigned closing;	/* of these: places about to be free */
	unsigned pinned;
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

/* The waiting ones of one client user, the oldest first. */
struct pool_queue {
	struct list link;	/* in the rotation, while anybody waits here */
	struct list wants;
};

struct want {
	struct list link;	/* in its queue */
	struct list deadline_link;
	struct pool *pool;	/* NULL while not waiting */
	struct pool_queue *queue;	/* the user's; NULL: the pool's own.
					   Set by the holder, as are those
					   below */
	uint64_t deadline_ms;	/* refused at this time at the latest; 0: only
				   the queue timeout counts */
	uint64_t since_ms;
	uint64_t refuse_at_ms;	/* the earlier of the two; UINT64_MAX: never */
	uint64_t last_backend;	/* the id of the one it had last; 0: none */
	/* Called later, from the loop, never from inside pool_want(). The
	 * backend is the holder's from then on. */
	void (*on_leased)(struct want *, struct backend *);
	void (*on_refused)(struct want *, const struct error *);
	const struct lease_handlers *handlers;
	void *holder;
};

struct pool {
	uint32_t magic;
	const char *name;	/* "database/role", for people; owned */
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
	struct list rotation;	/* queues with wants; the first is next */
	struct list deadlines;	/* the same wants, the first to be refused
				   first */
	struct pool_queue queue;	/* of wants that name none */
	unsigned backend_count, opening_count, closing_count, waiting_count;
	unsigned pinned_count;

	uint64_t now_ms;	/* as last told */
	uint64_t retry_at_ms;	/* no opening before */
	uint64_t backoff_ms;	/* 0 while all is well */
	uint64_t chance;	/* the state of its dice; any number */
	unsigned round;		/* of failed openings: see note_failure() */
	unsigned generation;	/* a backend of an older one is closed when it
				   is free */
	struct error last_error;	/* why opening failed last */
	bool unsure;		/* a backend was lost and none opened since */
	bool stopping;
	bool started;		/* backends_min are wanted */
	bool paused;
	bool pause_told;	/* `paused` was reported */
};

void pool_init(struct pool *, const char *name, const struct pool_limits *,
	       struct pool_bound *, const struct pool_report *, void *context);
void pool_queue_init(struct pool_queue *);

/* Keeps backends_min open from the next tick on, not only once one has been
 * used. */
void pool_warm(struct pool *);

/* Asks for a lease. True: here it is. False: waiting; on_leased or on_refused
 * follows. Nobody of the same user who came later is served earlier. */
bool pool_want(struct pool *, struct want *, uint64_t now_ms,
	       struct backend **ret_backend);
/* Leaves the queue. Harmless when not in it. */
void pool_unwant(struct want *);

/* Gives a lease back: the backend is quiet and its status is 'I'. */
void pool_release(struct backend *, uint64_t now_ms);
/* Gives it back in whatever state: the client is gone. */
void pool_abandon(struct backend *, enum parting, uint64_t now_ms);

/* A leased backend cannot be shared any more, or can again. Said twice it
 * counts once; giving back the lease ends it. */
void pool_pin(struct backend *);
void pool_unpin(struct backend *);
/* Whether one more may be pinned without passing the limit. */
bool pool_may_pin(const struct pool *);

/* Timeouts, ages, openings whose time has come. Call a few times a second,
 * and when the report `wake` has asked for it. */
void pool_tick(struct pool *, uint64_t now_ms);

/* --- for the operator --------------------------------------------------- */

/* No new leases; who wants one waits, and its time runs. What is leased goes
 * on to its end, be it in the middle of a pipeline or a transaction. Free
 * backends are closed, as PgBouncer does, so that Postgres can be restarted;
 * `paused` is reported when none is left, perhaps from inside the call. */
void pool_pause(struct pool *, uint64_t now_ms);
void pool_resume(struct pool *, uint64_t now_ms);
/* Every backend that is open now is closed when it is next free. */
void pool_reconnect(struct pool *, uint64_t now_ms);
/* Closes all of them now, whose holders hear on_lost; paused from then on. */
void pool_kill_all(struct pool *, uint64_t now_ms);

/* --- the end ------------------------------------------------------------ */

/* No new leases; idle backends close now, leased ones when given back.
 * `emptied` is reported when none is left. */
void pool_stop(struct pool *);
/* Closes even the leased ones, whose holders hear nothing. */
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

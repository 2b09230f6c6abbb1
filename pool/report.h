/*
 * What the pool tells its owner. The pool decides and counts; the owner words
 * the log lines and keeps the metrics.
 */
#ifndef WEIR_POOL_REPORT_H
#define WEIR_POOL_REPORT_H

#include <stdint.h>

#include "protocol/error.h"

struct backend;
struct pool;

enum close_reason {
	CLOSE_LOST,		/* the far end went away */
	CLOSE_LIFETIME,		/* older than server_lifetime */
	CLOSE_IDLE,		/* unused for longer than server_idle_timeout */
	CLOSE_UNCLEAN,		/* could not be brought to a known state */
	CLOSE_EVICTED,		/* another role of the database needs it */
	CLOSE_SURPLUS,		/* more than pool_size, and nobody waits */
	CLOSE_OUTDATED,		/* a reconnect was asked for, or the primary is
				   elsewhere now */
	CLOSE_PAUSED,
	CLOSE_KILLED,		/* by the operator */
	CLOSE_STOPPING,
};

struct pool_report {
	void (*opened)(void *context, struct pool *, struct backend *);
	void (*open_failed)(void *context, struct pool *,
			    const struct error *, uint64_t retry_ms);
	void (*closed)(void *context, struct pool *, struct backend *,
		       enum close_reason);
	void (*leased)(void *context, struct pool *, uint64_t waited_ms);
	void (*queue_timeout)(void *context, struct pool *,
			      uint64_t waited_ms);
	/* The last backend of a stopping pool is gone. */
	void (*emptied)(void *context, struct pool *);
	/* The last backend of a paused pool is gone. NULL: nobody asks. */
	void (*paused)(void *context, struct pool *);
	/* pool_tick() is due at this time, or at once if that has passed, so
	 * that somebody is refused on time. NULL: a few times a second will
	 * do. */
	void (*wake)(void *context, struct pool *, uint64_t at_ms);
};

#endif

/*
 * Cancelling a query: a connection of its own to the same address as the
 * server's, over TLS if the server's is, on which nothing is said but the
 * CancelRequest. Postgres answers by closing it, after the signal was sent.
 *
 *     CONNECTING ─► ASKING (TLS?) ─► SECURING ─► SENT ─► done
 *         └────────────── plain ──────────────────┘
 *
 * libpq 15 would block and would not use TLS.
 */
#ifndef WEIR_POOL_POSTGRES_CANCEL_H
#define WEIR_POOL_POSTGRES_CANCEL_H

#include <libpq-fe.h>
#include <uv.h>

#include "protocol/bytes.h"

struct pg_cancel;

enum cancel_outcome {
	CANCEL_HEARD,		/* the server has taken it */
	CANCEL_NOT_SENT,
	CANCEL_UNKNOWN,		/* sent, but nothing came back in time: it may
				   still arrive */
};

typedef void (*pg_on_cancel)(void *context, enum cancel_outcome);

/* Starts to cancel what runs on `conn`, which is only looked at now. The
 * callback follows from the loop, once. NULL: it cannot be tried. */
struct pg_cancel *pg_cancel_start(uv_loop_t *, PGconn *conn, uint32_t pid,
				  struct slice key, struct buffer *shared,
				  pg_on_cancel, void *context);
/* Nobody waits for the outcome any more; it goes on by itself. Nulls the
 * pointer. */
void pg_cancel_forget(struct pg_cancel **);

#endif

/*
 * A server: one connection to Postgres, as a backend of a pool. libpq opens
 * it (open.h); then bytes are relayed on its socket as they are, plain or on
 * the TLS that libpq set up, and libpq sees it again only to be told that it
 * is over.
 *
 * A cancel goes to the same address on a connection of its own, over TLS if
 * this one is. Until that has been heard out, nothing new is sent here: a
 * cancel meant for one query must not meet the next one, perhaps another
 * client's.
 */
#ifndef WEIR_POOL_POSTGRES_SERVER_H
#define WEIR_POOL_POSTGRES_SERVER_H

#include <uv.h>

#include "pool/backend.h"
#include "pool/postgres/open.h"

/* Starts to open one. backend_opened() or backend_failed() follows from the
 * loop. NULL: the target cannot be read; the error says why. `shared` is the
 * worker's read buffer and must outlive it. */
struct backend *pg_server_open(uv_loop_t *, struct pool *,
			       const struct pg_target *,
			       struct buffer *shared, struct error *);

/* The process id of the server behind a "postgres" backend; 0: none yet. */
uint32_t pg_server_pid(const struct backend *);

#endif

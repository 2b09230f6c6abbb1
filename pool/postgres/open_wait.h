/*
 * Opening a connection to Postgres for somebody who may wait: a thread of its
 * own, or a tool. What open.h says of names, addresses, TLS and passwords
 * holds here too, but for the time limit, which is of all addresses together.
 */
#ifndef WEIR_POOL_POSTGRES_OPEN_WAIT_H
#define WEIR_POOL_POSTGRES_OPEN_WAIT_H

#include "pool/postgres/open.h"

/* NULL with an error when it failed, or when `given_up` said so, which is
 * asked several times a second. The caller closes it with PQfinish(). */
PGconn *pg_open_wait(const struct pg_target *,
		     bool (*given_up)(void *context), void *context,
		     struct error *);

#endif

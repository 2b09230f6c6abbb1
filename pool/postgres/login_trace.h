/*
 * libpq does not give away the key with which a query is cancelled, nor the
 * names of all parameters that a server reports; but it tells both to whoever
 * traces the connection (PQtrace). This listens to the trace of a login and
 * keeps just that.
 */
#ifndef WEIR_POOL_POSTGRES_LOGIN_TRACE_H
#define WEIR_POOL_POSTGRES_LOGIN_TRACE_H

#include <libpq-fe.h>
#include <stdio.h>

#include "protocol/bytes.h"

#define TRACE_LINE_BYTES_MAX 1024

struct login_trace {
	FILE *file;		/* what libpq writes to */
	size_t length;
	char line[TRACE_LINE_BYTES_MAX];	/* the one being heard */
	uint32_t pid;
	struct buffer cancel_key;	/* empty: not heard */
	struct buffer names;	/* of reported parameters, name\0name\0 */
};

/* Begins to listen; the struct must stay where it is. */
void login_trace_start(struct login_trace *, PGconn *);
/* The connection must still be open. What was heard stays until _fini. */
void login_trace_stop(struct login_trace *, PGconn *);
void login_trace_fini(struct login_trace *);

#endif

/*
 * Asking the server what a transaction has left behind.
 *
 * What a text shows only in part (a function, DO, CALL), or shows only to
 * have been tried (a lock that may be refused, a temporary table that may be
 * gone at commit), the server itself is asked when the transaction has ended:
 * the client has its ReadyForQuery by then, and the server is held until the
 * answer is there. What cannot travel pins the session to its server; once
 * the server says that it is gone the session is free again.
 */
#ifndef WEIR_PROXY_SESSION_PROBE_H
#define WEIR_PROXY_SESSION_PROBE_H

#include "proxy/session.h"

enum probe {
	PROBE_PINS = 1,		/* locks, cursors, temporary objects, channels */
	PROBE_SETTINGS = 2,	/* everything that was SET, however */
	PROBE_SEQUENCES = 4,	/* whether lastval() has an answer */
};

/* Asks what session->probe_due says; the lease is idle, in no transaction.
 * False: nothing is asked. */
bool probe_start(struct session *);
/* The answer, to the watch that probe_start() set. */
void probe_answered(struct session *, bool succeeded, struct slice rows);

#endif

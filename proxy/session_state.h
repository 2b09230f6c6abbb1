/*
 * What a session carries from backend to backend: its prepared statements and
 * its settings; and what cannot be carried, for which it is pinned to the
 * backend that has it (temporary tables, session locks, WITH HOLD cursors,
 * LISTEN, SQL-level PREPARE): then the lease does not end with the
 * transaction.
 *
 * A change counts when the server says it was done, so the statements that
 * make one are *watched*; a setting changed in a transaction that is rolled
 * back is as it was before, as in Postgres.
 */
#ifndef WEIR_PROXY_SESSION_STATE_H
#define WEIR_PROXY_SESSION_STATE_H

#include "proxy/session.h"

/* A token for EXPECT_WATCH: of a statement that is run. Takes over the
 * reference. */
uint32_t state_watch(struct session *, struct statement *);
/* The same of a Parse or Close, `message`. `name` is the client's and is
 * copied; none where at is NULL. `learned`: it changes what the backend is
 * held to know. */
uint32_t state_watch_name(struct session *, char message, struct statement *,
			  struct slice name, bool learned);
/* The watched message is done. */
void state_watched(struct session *, uint32_t token, bool succeeded);
/* It keeps its backend from now on. */
void state_pin(struct session *, enum pin);
/* A ReadyForQuery came: settles what was set in the transaction. */
void state_ready(struct session *, char status, bool undone);

/* Appends the SQL that brings the leased backend to the session's settings
 * and notes that it will be; false if nothing is to be done. */
bool state_replay(struct session *, struct buffer *sql);

/* The client left while it held this backend: what it left behind goes. */
void state_before_abandon(struct session *, struct backend *);
void state_fini(struct session *);

#endif

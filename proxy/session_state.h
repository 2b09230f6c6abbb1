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

/* A token for EXPECT_WATCH. Takes over the reference; `name` is copied. */
uint32_t state_watch(struct session *, struct statement *, struct slice name,
		     bool named);
/* The watched message is done. */
void state_watched(struct session *, char message, uint32_t token,
		   bool succeeded);
/* A ReadyForQuery came: settles what was set in the transaction. */
void state_ready(struct session *, char status, bool undone);

/* Appends the SQL that brings the leased backend to the session's settings
 * and notes that it will be; false if nothing is to be done. */
bool state_replay(struct session *, struct buffer *sql);

/* Whether the facts contain a deed of this kind. */
bool state_does(const struct statement *, enum session_deed_kind);

/* The client left while it held this backend: what it left behind goes. */
void state_before_abandon(struct session *, struct backend *);
void state_fini(struct session *);

#endif

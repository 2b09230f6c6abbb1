/*
 * What a session carries from backend to backend: its settings; and what
 * cannot be carried, for which it is pinned to the backend that has it
 * (temporary objects, session locks, WITH HOLD cursors, what currval
 * remembers): then the lease does not end with the transaction.
 *
 * A change counts when the server says it was done, so the statements that
 * make one are *watched*; a setting changed in a transaction that is rolled
 * back is as it was before, as in Postgres. What holds a session to its
 * server the server itself is asked (session_probe.h).
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
/* Of a Close that weir answers, of one of the client's names. */
uint32_t state_watch_close(struct session *, const struct prepared *);
/* The watched message is done; `told` is of a Describe. */
void state_watched(struct session *, uint32_t token, bool succeeded,
		   struct slice told);
/* The client's name of a statement that weir calls so, of a Parse or Close
 * that is under way; NULL: none. */
const char *state_name_under_way(const struct session *, struct slice name);
/* The unnamed statement is closed. */
void state_drop_unnamed(struct session *);
/* Whoever waits for this watch need not any more. */
void state_told(struct session *, uint32_t token);
/* The last watched message under way that may change what the name stands
 * for, or (of_settings) what is SET; 0: there is none. */
uint32_t state_unsettled(struct session *, struct slice name,
			 bool of_settings);
/* A ReadyForQuery came: settles what was done in the transaction. */
void state_ready(struct session *, char status, bool undone);

/* A text is to be run next; `statement` is what is known of it, or NULL. */
void state_sent(struct session *, struct slice text, struct statement *);
/* A portal is bound; and what it runs, if that must be followed: NULL where
 * it need not be. */
void state_bind(struct session *, struct slice portal, struct statement *);
struct statement *state_bound(struct session *, struct slice portal);

/* Appends the SQL that brings the leased backend to the session's settings
 * and notes that it will be; false if nothing is to be done. */
bool state_replay(struct session *, struct buffer *sql);
/* Whether the leased server shows, to this text, a custom parameter that this
 * session never set: nothing takes those out of a server again. */
bool state_shows_foreign(struct session *, struct slice text);

/* What the server says that the transaction left behind. */
void state_found_settings(struct session *, struct settings *);
void state_set_pins(struct session *, unsigned pins);

/* The client left while it held this backend: what it left behind goes. */
void state_before_abandon(struct session *, struct backend *);
void state_fini(struct session *);
/* When the worker has no session any more. */
void state_free_spare(struct worker *);

#endif

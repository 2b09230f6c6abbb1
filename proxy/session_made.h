/*
 * What a session has made and not every snapshot of the catalog shows yet:
 * from the text that makes it until each role of its database has a snapshot
 * that was begun after its transaction ended. The guard asks all of them, for
 * what one session makes another may be waiting for.
 *
 *     (none) ── DDL ──► OPEN ── the transaction ends ──► LINGERING ──► (none)
 *                        ▲             DDL                  │   new snapshots
 *                        └──────────────────────────────────┘
 *
 * Temporary objects stay as long as the session.
 */
#ifndef WEIR_PROXY_SESSION_MADE_H
#define WEIR_PROXY_SESSION_MADE_H

#include "proxy/session.h"

struct guard_overlay;

/* For the guard; NULL: nothing yet. */
struct guard_overlay *session_made_overlay(struct session *);
/* The text that was allowed makes something. */
void session_made_note(struct session *);
/* The text that was refused would have: what was noted of it ends as well. */
void session_made_refused(struct session *);
/* Its transaction is over. */
void session_made_end(struct session *);
/* What every snapshot shows by now is not waited for any longer, whoever has
 * made it. */
void session_made_settle(struct session *);
/* The session ends; what it made may still be under way. */
void session_made_leave(struct session *);

#endif

/*
 * What a session has made and no snapshot of the catalog shows yet: from the
 * text that makes it until a snapshot that was begun after its transaction
 * ended. The guard asks all of them, for what one session makes another may
 * be waiting for.
 *
 *     (none) ── DDL ──► OPEN ── the transaction ends ──► LINGERING ──► (none)
 *                        ▲             DDL                  │   a new snapshot
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
/* Whether a snapshot is awaited that may show it otherwise. */
bool session_made_lingers(const struct session *);
/* Its transaction is over. */
void session_made_end(struct session *);
/* The session ends; what it made may still be under way. */
void session_made_leave(struct session *);

#endif

/*
 * Around a client's ReadyForQuery: what it must have been told before (changed
 * parameters, notifications), what must be done before (a setting that RESET
 * went back to, a subscription), and what ends with it (the transaction's
 * state, the lease).
 *
 *     before_ready ──► passed ──► on_ready ──► probe? ──► lease ends
 *          └──► kept ──► done ──► said ──────────┘
 */
#ifndef WEIR_PROXY_SESSION_READY_H
#define WEIR_PROXY_SESSION_READY_H

#include "proxy/session.h"

/* As a lease says them; see pool/backend.h. */
bool ready_before(void *holder, char status, bool idle);
void ready_on(void *holder, char status, bool idle);

/* Notifications came in: they go out where they may. */
void ready_give_notifications(struct session *);
/* All that it listens to is heard. */
void ready_after_listen(struct session *);

#endif

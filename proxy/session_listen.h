/*
 * LISTEN and UNLISTEN of a session, with Postgres's transaction semantics: the
 * client's own statement runs on the server its transaction is on, and once
 * that has committed the session subscribes at the listening connection of its
 * database (pool/channel.h) and the server stops listening. The client's
 * ReadyForQuery waits for that, so that whatever is notified after it is heard.
 *
 * Notifications reach the client between its transactions.
 */
#ifndef WEIR_PROXY_SESSION_LISTEN_H
#define WEIR_PROXY_SESSION_LISTEN_H

#include "proxy/session.h"

/* The transaction did it; channel NULL: UNLISTEN *. */
void listen_deed(struct session *, bool on, const char *channel);
/* A text with these facts is to be run that LISTENs. */
void listen_sent(struct session *, const struct sql_facts *);
/* In front of a text that asks what is listened to: makes the server listen.
 * False: nothing was sent. */
bool listen_install(struct session *);
/* Only the first `kept` of the transaction's deeds stand. */
void listen_undo(struct session *, unsigned kept);
/* The transaction has committed. True: ReadyForQuery has to wait. */
bool listen_settle(struct session *);
/* The server listens to this, by what no text showed. */
void listen_found(struct session *, struct slice channel);
/* It subscribed to what is not heard yet. */
bool listen_waits(const struct session *);
/* It listens to something. */
bool listen_any(const struct session *);
void listen_fini(struct session *);

#endif

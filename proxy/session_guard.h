/*
 * What a session asks of its route's guard, and what operators hear of it:
 * one line and one count for each refusal, never a literal of the text.
 */
#ifndef WEIR_PROXY_SESSION_GUARD_H
#define WEIR_PROXY_SESSION_GUARD_H

#include "protocol/bytes.h"
#include "protocol/error.h"

struct session;

/* Whether the text may go to a server; if not, the error is for the client.
 * Always true where nothing is guarded. */
bool session_allows(struct session *, struct slice text, struct error *);

/* The same once more, when a lease has come since: how this very server reads
 * a text is known only now. */
bool session_still_allows(struct session *, struct slice text,
			  struct error *);

/* Whether the settings asked for at startup are such as a SET could make. */
bool session_allows_startup(struct session *, struct error *);

/* Whether the body of a function call message calls something harmless. */
bool session_allows_call(struct session *, struct slice body, struct error *);

#endif

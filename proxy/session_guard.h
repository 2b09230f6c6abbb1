/*
 * What a session asks of its route's guard, and what operators hear of it:
 * one line and one count for each refusal, never a literal of the text.
 */
#ifndef WEIR_PROXY_SESSION_GUARD_H
#define WEIR_PROXY_SESSION_GUARD_H

#include "protocol/bytes.h"
#include "protocol/error.h"

struct session;
struct statement;

enum permission {
	PERMISSION_GIVEN,
	PERMISSION_REFUSED,	/* the error is for the client */
	PERMISSION_LATER,	/* something has to be known first: the message
				   waits, and session_continue() follows */
};

/* Whether the text may go to a server. Given where nothing is guarded. */
enum permission session_permits(struct session *, struct slice text,
				struct error *);

/* The same once more, when a lease has come since: how this very server reads
 * a text is known only now. */
enum permission session_still_permits(struct session *, struct slice text,
				      struct error *);

/* Whether a statement that was permitted when it was prepared still is, for
 * its names mean what they do when it is bound. */
enum permission session_permits_bound(struct session *, struct statement *,
				      struct error *);

/* What serves the session has refused it by itself: the engine of a SQLite
 * file. `body` is of its ErrorResponse. */
void session_was_refused(struct session *, struct slice body);

/* Whether the settings asked for at startup are such as a SET could make. */
bool session_allows_startup(struct session *, struct error *);

/* Whether the body of a function call message calls something harmless. */
bool session_allows_call(struct session *, struct slice body, struct error *);

#endif

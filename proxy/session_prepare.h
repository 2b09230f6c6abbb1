/*
 * Prepared statements of a session, whatever server its transaction is on.
 *
 * By message: a client's name stands for a statement that many clients share,
 * under a name of weir's making. A server that does not know it, or that read
 * it before this client prepared it (the tables may have changed in between),
 * is told in the same write.
 *
 * By SQL: PREPARE, EXECUTE and DEALLOCATE speak of names, and so does the view
 * pg_prepared_statements. Before a text that does, the server is made to hold
 * what the client holds under just those names.
 */
#ifndef WEIR_PROXY_SESSION_PREPARE_H
#define WEIR_PROXY_SESSION_PREPARE_H

#include "proxy/session_relay.h"

/* A Parse of the client's that may go to a server, which is leased. */
enum step prepare_parse(struct session *, struct slice name, struct slice text,
			struct slice types, struct slice frame);

/* What Bind and Describe name. */
struct found {
	struct statement *statement;
	const char *name;	/* as the leased server knows it */
};

/* Makes the server know what the name stands for; false: there is none. */
bool prepare_find(struct session *, struct slice name,
		  struct found *ret_found);

/* A Close of a statement, answered without the server. */
void prepare_close(struct session *, struct slice name);

/* In front of a text (of facts that may be NULL): the names it speaks of. */
void prepare_names_for(struct session *, const struct statement *);

/* Runs a text of weir's own in front of what is sent next. */
void prepare_run(struct session *, const char *text);

#endif

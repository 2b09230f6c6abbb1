/*
 * Prepared statements of a session, whatever server its transaction is on.
 *
 * By message: a client's name stands for a statement that many clients share,
 * under a name of weir's making. A server that does not know it, or that read
 * it before this client prepared it (the tables may have changed in between),
 * is told in the same write; only where the client has been told columns, and
 * this server has not, the message waits until it is seen that they are the
 * same. Where they are not, the client gets Postgres's own error.
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

enum found {
	FOUND_KNOWN,	/* the leased server knows it, or is told */
	FOUND_WAIT,	/* not before more is heard of the server */
	FOUND_NOTHING,
	FOUND_CHANGED,	/* tables have changed since it was prepared */
};

struct found_statement {
	struct statement *statement;
	const char *name;	/* as the leased server knows it */
};

/* What Bind and Describe name. */
enum found prepare_find(struct session *, struct slice name,
			struct found_statement *ret_found);
/* The step for whatever is not known. */
enum step prepare_refuse(struct session *, enum found, struct slice name);
enum step prepare_refuse_describe(struct session *, enum found,
				  struct slice name);

/* A Close of a statement, answered without the server. */
enum step prepare_close(struct session *, struct slice name);

/* A Sync is sent next. */
void prepare_before_sync(struct session *);

/* In front of a text (of facts that may be NULL): the names it speaks of. */
void prepare_names_for(struct session *, const struct statement *);
/* While what the name stands for (or, of_settings, what is SET) depends on
 * something that is under way: STEP_WAIT. */
enum step prepare_wait(struct session *, struct slice name, bool of_settings);

/* What the server holds under names, by the rows of a probe. */
void prepare_found(struct session *, struct slice rows);

/* Runs a text of weir's own in front of what is sent next. */
void prepare_run(struct session *, const char *text);

/* The client's own names in an ErrorResponse: appends the whole message. */
void prepare_reword(struct session *, struct slice body, struct buffer *out);

#endif

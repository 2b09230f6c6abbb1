/*
 * Prepared statements in transaction mode. A client's name stands for a
 * *statement*: a text and its parameter types, shared by every client that
 * prepared the same. On a server a statement has a name of weir's making, and
 * each backend remembers which ones it knows; a Bind that meets a backend
 * which does not know its statement is preceded by a Parse, in the same write.
 *
 *   client's name ─► struct statement ─► "weir_17", known to some backends
 *
 * Reference counted; all on one worker's thread.
 */
#ifndef WEIR_POOL_STATEMENT_H
#define WEIR_POOL_STATEMENT_H

#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/sql_facts.h"

struct statements;
struct backend;

struct statement {
	uint64_t id;
	char name[32];		/* on servers */
	struct slice text;	/* owned by the statement, zero-ended */
	struct slice types;	/* the OIDs as in the Parse message, count
				   first */
	struct sql_facts *facts;	/* what it does to the session, or NULL
				   when it certainly does nothing */
	/* the rest is statement.c's */
	struct statements *all;
	struct arena arena;	/* of the facts */
	unsigned references;
};

/* Every statement of one worker. */
struct statements *statements_new(void);
void statements_free(struct statements **);

/* The statement of this text and types; the caller gets a reference. `types`
 * is the tail of a Parse body: count and OIDs. */
struct statement *statement_get(struct statements *, struct slice text,
				struct slice types);
struct statement *statement_ref(struct statement *);
void statement_unref(struct statement **);

/* --- what a backend knows ---------------------------------------------- */

struct known_statements;

enum knowledge {
	STATEMENT_UNKNOWN,
	STATEMENT_UNSURE,	/* a Parse or Close of it failed, or may yet:
				   to be closed and prepared again */
	STATEMENT_KNOWN,
};

/* Whether the backend knows it, or will when it reads what is sent next; the
 * statement counts as used now. */
enum knowledge statement_knowledge(struct backend *, const struct statement *);

/* A Parse of it is sent next. Where the backend knows `most` already the one
 * unused for longest is forgotten, and must be closed on the server: it is
 * the answer, with a reference for the caller; else NULL. */
struct statement *statement_learn(struct backend *, struct statement *,
				  unsigned most);
/* That Parse has succeeded; or what was sent of it has not. */
void statement_confirm(struct backend *, const struct statement *);
void statement_doubt(struct backend *, struct statement *);
void statement_forget(struct backend *, const struct statement *);
void known_statements_free(struct known_statements **);

/* --- a client's names --------------------------------------------------- */

struct statement_names;

struct statement *names_find(struct statement_names *, struct slice name);
/* Takes over the caller's reference. Replaces an older meaning. */
void names_put(struct statement_names **, struct slice name,
	       struct statement *);
bool names_remove(struct statement_names **, struct slice name);
void names_free(struct statement_names **);

#endif

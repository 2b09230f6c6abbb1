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
#include "protocol/sql_reading.h"

#define STATEMENT_NAME_PREFIX "weir_"

struct statements;
struct backend;
struct settings;
struct shape;

struct statement {
	uint64_t id;
	char name[32];		/* on servers */
	struct slice text;	/* owned by the statement, zero-ended */
	struct slice types;	/* the OIDs as in the Parse message, count
				   first */
	bool by_sql;		/* its text is PREPARE ... AS: it can only be
				   run, which gives it a client's own name */
	struct sql_facts *facts;	/* what it does to the session, or NULL
				   when it certainly does nothing */
	uint64_t judged;	/* the guard let it pass in this state of path
				   and catalog (session_guard.c); 0: in none */
	struct settings *context;	/* under which its text means what it
					   means */
	/* the rest is statement.c's */
	struct statements *all;
	struct arena arena;	/* of the facts, */
	struct sql_reading *reading;	/* or this one's are; or NULL */
	unsigned references;
};

/* Every statement of one worker. */
struct statements *statements_new(void);
void statements_free(struct statements **);

/* The statement of this text and types; the caller gets a reference. `types`
 * is the tail of a Parse body: count and OIDs. Texts are one statement only
 * where the settings give them one meaning, and of the same `moment`, which is
 * 0 but for those whose meaning is that of a moment. NULL for a reading: the
 * text is read here. */
struct statement *statement_get(struct statements *, struct slice text,
				struct slice types, struct settings *context,
				uint64_t moment, struct sql_reading *);
/* The statement of an SQL-level PREPARE, whose whole text is given. */
struct statement *statement_of_sql(struct statements *, struct slice text,
				   struct settings *context);
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

/* Whether the backend knows it, or will when it reads what is sent next, as
 * it was read `since` or later (see names_find); the statement counts as used
 * now. */
enum knowledge statement_knowledge(struct backend *, const struct statement *,
				   uint64_t since);

/* A Parse of it is sent next, as of `since`. Where the backend knows `most` already the one
 * unused for longest is forgotten, and must be closed on the server: it is
 * the answer, with a reference for the caller; else NULL. */
struct statement *statement_learn(struct backend *, struct statement *,
				  uint64_t since, unsigned most);
/* What the server said that came of it, or NULL; and when it was read. */
struct shape *statement_shape(struct backend *, const struct statement *,
			      uint64_t *ret_since);
void statement_set_shape(struct backend *, const struct statement *,
			 struct shape *);
/* That Parse has succeeded; or what was sent of it has not. */
void statement_confirm(struct backend *, const struct statement *);
void statement_doubt(struct backend *, struct statement *);
void known_statements_free(struct known_statements **);

/*
 * Statements that stand on a backend under a name of a client's own: what
 * SQL-level EXECUTE and DEALLOCATE speak of. Another client's of that name
 * may stand there, and goes first.
 */

/* Which statement stands there under this name, or NULL. *ret_sure is false
 * where something else of that name may stand there all the same. */
struct statement *statement_installed(const struct backend *, const char *name,
				      bool *ret_sure);
/* It stood there before this batch (see backend.batches) began. */
bool statement_stood(const struct backend *, const char *name,
		     const struct statement *, uint32_t batch);
/* From now on this one does; NULL: none. */
void statement_install(struct backend *, const char *name,
		       struct statement *);
/* It is known to stand there. */
void statement_settle(struct backend *, const char *name);
/* The batch that installed some has failed: nothing of it is sure. */
void statement_doubt_installed(struct backend *);
/* Where more than `most` stand there, forgets the one installed first, which
 * must be closed on the server: its name, for the caller to free; else NULL. */
char *statement_uninstall_oldest(struct backend *, unsigned most);
/* Visits every name under which something may stand there. */
void statement_each_installed(struct backend *,
			      void (*visit)(void *context, const char *name),
			      void *context);
/* And every statement it may know under a name of weir's. */
void statement_each_known(struct backend *,
			  void (*visit)(void *context, struct statement *),
			  void *context);

/* --- a client's names --------------------------------------------------- */

struct statement_names;

/*
 * What a name stands for. What a private server would hold was read when the
 * client prepared it, with the tables as they were then: on a shared server a
 * reading that is older than that must be made again, and is from `since` on.
 */
struct prepared {
	const char *name;
	struct statement *statement;
	uint64_t since;
	struct shape *shape;	/* as it was told then; NULL: not known */
};

/* Names count to this byte, as Postgres's NAMEDATALEN makes them. */
#define STATEMENT_NAME_BYTES_MAX 63

/* Valid until the names change; NULL: no such name. */
const struct prepared *names_find(struct statement_names *, struct slice name);
/* Takes over the caller's reference. Replaces an older meaning. */
void names_put(struct statement_names **, struct slice name,
	       struct statement *, uint64_t since);
/* If it still stands for what it did then. */
void names_set_shape(struct statement_names *, struct slice name,
		     uint64_t since, struct shape *);
bool names_remove(struct statement_names **, struct slice name);
void names_free(struct statement_names **);
void names_each(struct statement_names *,
		void (*visit)(void *context, const char *name,
			      const struct prepared *),
		void *context);

/* Tells times of reading apart; later is larger. */
uint64_t statements_time(struct statements *);

#endif

/*
 * What a text does, statement by statement: the one analysis that the guard
 * (what does it write), the pool (what session state does it touch) and the
 * SQLite road (may a reader run it) all read. Made once per text and cached
 * with it; plain data in an arena, no tree needed afterwards.
 */
#ifndef WEIR_PROTOCOL_SQL_FACTS_H
#define WEIR_PROTOCOL_SQL_FACTS_H

#include "protocol/arena.h"
#include "protocol/sql_tree.h"

enum deed {			/* what is done to a relation */
	DEED_READ,
	DEED_INSERT,
	DEED_UPSERT,		/* INSERT ... ON CONFLICT DO UPDATE */
	DEED_UPDATE,
	DEED_DELETE,
	DEED_MERGE,		/* a MERGE with an UPDATE or DELETE arm */
	DEED_TRUNCATE,
	DEED_COPY_IN,
	DEED_CREATE,		/* of a permanent relation of that name */
	DEED_CREATE_TEMP,	/* a temporary object that would shadow it */
	DEED_DROP,
	DEED_ALTER,		/* any DDL on it but the harmless list */
	DEED_RENAME,
	DEED_HARMLESS_DDL,	/* CREATE INDEX, ANALYZE, COMMENT, ... */
	DEED_LOCK,
};
const char *deed_name(enum deed);	/* "UPDATE", "DROP TABLE", ... */

struct relation_deed {
	enum deed deed;
	const char *schema;	/* NULL where the text gives none */
	const char *relation;
	int statement;		/* index in the text, from 0 */
};

enum transaction_deed {
	TRANSACTION_NONE,
	TRANSACTION_BEGIN,
	TRANSACTION_COMMIT,
	TRANSACTION_ROLLBACK,
	TRANSACTION_SAVEPOINT,
	TRANSACTION_RELEASE,
	TRANSACTION_ROLLBACK_TO,
	TRANSACTION_PREPARE,	/* two-phase and the like */
};

enum session_deed_kind {
	SESSION_SET,		/* SET name = ...; text replays it */
	SESSION_SET_LOCAL,
	SESSION_RESET,
	SESSION_RESET_ALL,
	SESSION_PREPARE,	/* SQL-level PREPARE name */
	SESSION_EXECUTE,
	SESSION_DEALLOCATE,
	SESSION_DEALLOCATE_ALL,
	SESSION_DISCARD,	/* name: "all", "plans", "temp", "sequences" */
	SESSION_LISTEN,
	SESSION_UNLISTEN,
	SESSION_TEMP,		/* CREATE TEMP anything */
	SESSION_CURSOR_HOLD,
	SESSION_LOAD,
	SESSION_LOCK_CALL,	/* pg_advisory_lock and its session kin */
	SESSION_SET_CONFIG_CALL,
	SESSION_SEQUENCE_CALL,	/* currval, lastval */
};

struct session_deed {
	enum session_deed_kind kind;
	int statement;
	const char *name;	/* setting, statement, channel; lower case as
				   the parser gives it; NULL where none */
	const char *text;	/* SESSION_SET: the statement's own text */
};

struct statement_facts {
	const char *tag;	/* Postgres's name of the node, for logs:
				   "SelectStmt" */
	enum transaction_deed transaction;
	bool reads_only;	/* no relation written, no DDL, no setting, no
				   session state, no call of a function that
				   is not a listed pure built-in */
	bool is_ddl;
	bool opaque;		/* DO, CALL, unlisted functions: what it does
				   cannot be told from the text */
	int first_deed;		/* index into deeds */
	int deed_count;
};

struct sql_facts {
	int statement_count;
	struct statement_facts *statements;
	int deed_count;
	struct relation_deed *deeds;
	int session_deed_count;
	struct session_deed *session_deeds;
	const char *forbidden;	/* a deed no guarded database may see, in
				   words ("DROP OWNED"), or NULL */
	int forbidden_statement;
	bool unlisted;		/* a statement kind the tables do not know:
				   the guard refuses it */
};

/* Parses and analyses. On failure the error is as sql_tree_new() says. */
bool sql_facts_read(struct slice text, struct arena *, struct sql_facts *,
		    struct error *);

/* The same for a tree the caller already has. */
bool sql_facts_of_tree(const struct sql_tree *, struct arena *,
		       struct sql_facts *, struct error *);

/*
 * Whether the text may touch session or transaction state at all, by a scan
 * for words, never by position: false means certainly not, so that texts
 * need no parsing where no table is guarded. Errs on the side of true.
 */
bool sql_may_touch_session(struct slice text);

#endif

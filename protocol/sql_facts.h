/*
 * What a text does, statement by statement: the one analysis that the guard
 * (what does it write), the pool (what session state does it touch) and the
 * SQLite road (may a reader run it) all read. Made once per text and cached
 * with it; plain data in an arena, no tree needed afterwards.
 *
 * Every kind of statement the grammar has is in a table (sql_facts_table.c);
 * one that is not is `unlisted`, and the guard refuses it.
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
	DEED_CREATE_TEMP,	/* something that would, or may, shadow that
				   name: a temporary object, a rename to it */
	DEED_DROP,
	DEED_ALTER,		/* any DDL on it but the harmless list */
	DEED_RENAME,
	DEED_HARMLESS_DDL,	/* CREATE INDEX, ANALYZE, COMMENT, ... */
	DEED_ENABLE,		/* besides an ALTER: a trigger or a rule on it
				   that may have been disabled; or checks and
				   indexes are computed for all its rows */
	DEED_LOCK,		/* row or table locks that need more than
				   SELECT and INSERT: FOR UPDATE, LOCK */
};
const char *deed_name(enum deed);	/* "UPDATE", "TRUNCATE", ... */

struct relation_deed {
	enum deed deed;
	const char *schema;	/* NULL where the text gives none */
	const char *relation;	/* NULL: everything in the schema */
	const char *command;	/* in words: "ALTER TABLE" */
	int statement;		/* index in the text, from 0 */
	bool deferred;		/* its name is looked up when it runs, not now
				   (PREPARE, a function's body) */
	bool cascade;		/* DROP, TRUNCATE: with CASCADE */
	/* READ: a foreign key to it is made; and by that what is done to it
	 * is done to the statement's own table too */
	bool referred, acting;
	/* ALTER: a trigger is made that may change what an UPDATE writes */
	bool moving;
	/* An index is made of its values, or they are counted, by code that
	 * their types may bring along */
	bool rebuilt;
	/* What else is done to it, as bits 1 << deed: an UPSERT inserts, a
	 * MERGE does what its arms do, an ALTER may enable. */
	uint32_t also;
	/* UPDATE, UPSERT, MERGE: the columns that are assigned; RENAME of a
	 * column: that one. NULL-ended; NULL where they cannot be told. */
	const char *const *columns;
};

/* A function that is called, by whatever spelling: in an expression, by CALL,
 * by a trigger, cast or aggregate that is made; a type that values may become.
 * Those of pg_catalog by their full name are not among them. */
struct call_deed {
	const char *schema;	/* NULL where the text gives none */
	const char *name;
	int statement;
	bool deferred;
	bool listed;		/* one of Postgres's own has that name, or it
				   is no function's */
	bool attribute;		/* (x).name: a column, or a function of x */
};

/* DDL on something that is no relation. */
enum object_kind {
	OBJECT_OF_FUNCTION,	/* and procedures, aggregates */
	OBJECT_OF_TYPE,		/* and domains */
	OBJECT_OF_EXTENSION,
	OBJECT_OF_OTHER_KIND,	/* name NULL */
};

struct object_deed {
	enum object_kind kind;
	enum deed deed;		/* CREATE OR REPLACE, ALTER, DROP, RENAME;
				   HARMLESS_DDL: what can only be new */
	const char *schema, *name;
	const char *command;
	int statement;
	bool cascade;
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
	SESSION_RESET,		/* RESET name, SET name TO DEFAULT */
	SESSION_RESET_ALL,
	SESSION_PREPARE,	/* SQL-level PREPARE name; text does it again */
	SESSION_EXECUTE,
	SESSION_DEALLOCATE,
	SESSION_DEALLOCATE_ALL,
	SESSION_DISCARD,	/* name: "all", "plans", "temp", "sequences" */
	SESSION_LISTEN,
	SESSION_UNLISTEN,	/* name NULL: all */
	SESSION_TEMP,		/* CREATE TEMP anything */
	SESSION_CURSOR_HOLD,
	SESSION_LOAD,
	SESSION_LOCK_CALL,	/* pg_advisory_lock and its session kin */
	SESSION_SET_CONFIG_CALL,	/* set_config(name, text, ...); both
					   NULL where they are no constants */
	SESSION_SEQUENCE_CALL,	/* currval, lastval */
	SESSION_SETVAL_CALL,	/* setval, after which currval answers */
	SESSION_NAMES_READ,	/* from pg_prepared_statements */
	SESSION_CHANNELS_READ,	/* by pg_listening_channels() */
	SESSION_SEED_CALL,	/* setseed, SET seed */
	SESSION_CHAIN,		/* COMMIT or ROLLBACK AND CHAIN */
	SESSION_UNREAD,		/* whatever a text does that cannot be read */
	SESSION_SAVEPOINT,	/* and its end, and the way back to it: what
				   was SET behind it is undone */
	SESSION_RELEASE,
	SESSION_ROLLBACK_TO,
};

/*
 * Settings are named in lower case, and as the server names them: SET NAMES
 * sets client_encoding, SET TIME ZONE timezone, SET ROLE role, SET SESSION
 * AUTHORIZATION session_authorization, SET SCHEMA search_path; SET SESSION
 * CHARACTERISTICS sets default_transaction_isolation and so on, one deed
 * each; SET TRANSACTION is SESSION_SET_LOCAL of "transaction".
 */
struct session_deed {
	enum session_deed_kind kind;
	int statement;
	const char *name;	/* setting, statement, cursor, channel,
				   function; NULL where none */
	const char *text;	/* SESSION_SET, SESSION_PREPARE: the
				   statement's own text */
	bool local;		/* set_config(..., true) */
	bool sure;		/* set_config(): it is called, and so */
	bool deferred;		/* done when what is PREPAREd here runs */
};

/* Code whose effect the tree does not show: DO, CREATE FUNCTION. */
struct code_deed {
	int statement;
	const char *command;	/* "DO", "CREATE FUNCTION" */
	const char *language;	/* NULL: none given */
	const char *body;	/* NULL: none given */
};

struct statement_facts {
	const char *tag;	/* Postgres's name of the node, for logs:
				   "SelectStmt" */
	enum transaction_deed transaction;
	bool reads_only;	/* no relation written, no row locked, no DDL,
				   no setting, no session state, no call of a
				   function that is not a listed pure one */
	bool is_ddl;
	bool opaque;		/* DO, CALL, unlisted functions: what it does
				   cannot be told from the text */
	int first_deed;		/* index into deeds */
	int deed_count;
};

/*
 * Reads are recorded too, for every name in FROM: names of CTEs are among
 * them, since only the server can tell which is meant.
 */
struct sql_facts {
	int statement_count;
	struct statement_facts *statements;
	int deed_count;
	struct relation_deed *deeds;
	int session_deed_count;
	struct session_deed *session_deeds;
	int code_count;
	struct code_deed *codes;
	int call_count;
	struct call_deed *calls;
	int operator_count;
	struct call_deed *operators;	/* by their symbols, applied in the text
					   or by what it says otherwise */
	int object_count;
	struct object_deed *objects;
	int with_count;
	const char **withs;	/* names of CTEs, anywhere in the text; sorted */
	const char *forbidden;	/* the first deed no guarded database may
				   see, in words ("DROP OWNED"), or NULL */
	int forbidden_statement;
	bool unlisted;		/* a statement kind the tables do not know:
				   the guard refuses it */
};

/* Of a text that does more the facts are not kept: 54001. A megabyte of short
 * INSERTs takes half of it. */
#define SQL_FACTS_BYTES_MAX ((size_t)16 << 20)

/* Parses and analyses. On failure the error is as sql_tree_new() says. */
bool sql_facts_read(struct slice text, struct arena *, struct sql_facts *,
		    struct error *);

/* The same for a tree the caller already has. */
bool sql_facts_of_tree(const struct sql_tree *, struct arena *,
		       struct sql_facts *, struct error *);

/*
 * Whether the text may have session deeds, or may be opaque, by a scan for
 * words: false means certainly not, so that texts need no parsing where no
 * table is guarded. Errs on the side of true. Transactions are not looked for:
 * ReadyForQuery tells of them. What triggers, defaults, operators and views do
 * no text shows.
 */
bool sql_may_touch_session(struct slice text);

/* One statement that reads or writes rows, and nothing in front of it: nothing
 * that a session holds ends by it, but by what it calls. */
bool sql_is_plain_data(struct slice text);

/* The same, and its rows come as it runs. */
bool sql_is_plain_read(struct slice text);

/* Whether the text may call nextval(), also by the default of a column: it
 * inserts or copies, or calls what is not known. By words, as above. */
bool sql_may_advance_sequence(struct slice text);

/* Whether a literal in the text may stand for the time it is read at: 'now',
 * 'today' and their kin. By words, as above. */
bool sql_may_read_clock(struct slice text);

/*
 * Whether a client_encoding can be read by a parser that takes every byte
 * above 127 for a letter: no second byte of a character looks like a quote
 * or a backslash. False for SJIS, BIG5, GBK, GB18030, UHC, JOHAB and what is
 * not known.
 */
bool sql_encoding_is_safe(const char *name);

/* Whether the text does anything to its session that those behind it may see,
 * or may do. */
bool sql_facts_touch_session(const struct sql_facts *);

/* Whether the facts name that CTE. */
bool sql_facts_has_with(const struct sql_facts *, const char *name);

/* Whether a function, by its bare name, is one of Postgres's own that leaves
 * nothing behind in session or transaction. */
bool sql_function_is_pure(const char *name);
/* Those of Postgres's own that can do harm when they are called, one after
 * another; NULL: no more. */
const char *sql_function_judged_by_call(size_t index);
/* Extensions whose functions do no harm, one after another; NULL: no more. */
const char *sql_extension_known(size_t index);
/* Whether it is one of Postgres's own that the tables know, pure or not. */
bool sql_function_is_listed(const char *name);

/* What a statement is called: "ALTER TABLE"; "this statement" when the tables
 * do not know it. */
struct Node;
const char *sql_command(const struct Node *);

#endif

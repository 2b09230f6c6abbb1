/*
 * The part of PL/pgSQL that migrations write in DO: SQL statements, blocks
 * with EXCEPTION, IF, PERFORM, EXECUTE, RAISE (Postgres manual, "PL/pgSQL").
 * Variables, loops and the rest are refused with 0A000 by their names.
 *
 * The text is read as Postgres reads it, by statements that end with a
 * semicolon outside of parentheses; what an SQL statement means is found when
 * it is run, but its grammar is checked here, before anything has run.
 */
#ifndef WEIR_PROTOCOL_PLPGSQL_H
#define WEIR_PROTOCOL_PLPGSQL_H

#include "protocol/arena.h"
#include "protocol/error.h"

#define PLPGSQL_DEPTH_MAX 50

enum plpgsql_kind {
	PLPGSQL_SQL, /* `text` is the statement */
	PLPGSQL_PERFORM, /* `text` is a SELECT whose rows are dropped */
	PLPGSQL_EXECUTE, /* `text` SELECTs the statement's text */
	PLPGSQL_IF, /* `text` SELECTs the condition */
	PLPGSQL_RAISE,
	PLPGSQL_BLOCK,
};

/* A list of statements; all slices are texts that can be planned. */
struct plpgsql_statement {
	enum plpgsql_kind kind;
	struct slice text;
	struct plpgsql_statement *body; /* of BLOCK, and of THEN */
	struct plpgsql_statement *otherwise; /* ELSE; ELSIF is an IF there */
	struct plpgsql_handler *handlers; /* of BLOCK, or NULL */
	const char *level; /* of RAISE: NOTICE, ERROR ... */
	const char *format; /* with % for each argument */
	struct plpgsql_argument *arguments;
	struct plpgsql_statement *next;
};

struct plpgsql_argument {
	struct slice text; /* SELECTs the value, as text */
	struct plpgsql_argument *next;
};

/* WHEN state OR state THEN body. */
struct plpgsql_handler {
	struct plpgsql_state *states;
	struct plpgsql_statement *body;
	struct plpgsql_handler *next;
};

struct plpgsql_state {
	char sqlstate[6]; /* "": OTHERS */
	struct plpgsql_state *next;
};

/* The outermost block; NULL with error. It lives in the arena. */
struct plpgsql_statement *plpgsql_parse(struct slice text, struct arena *,
					struct error *);

/* The first handler for this error, or NULL. */
const struct plpgsql_handler *
plpgsql_handler_for(const struct plpgsql_statement *block,
		    const char *sqlstate);

#endif

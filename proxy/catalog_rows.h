/*
 * A database's catalog as its rows tell it: relations, functions, types and
 * what stands between them. Read from the answer to catalog_sql_load(), in an
 * arena; catalog_derive.c concludes from it.
 */
#ifndef WEIR_PROXY_CATALOG_ROWS_H
#define WEIR_PROXY_CATALOG_ROWS_H

#include <uthash.h>

#include "protocol/arena.h"
#include "proxy/catalog_derive.h"

enum thing_kind {		/* what has an OID */
	THING_RELATION,
	THING_FUNCTION,
	THING_TYPE,
	THING_OPERATOR,
	THING_SCHEMA,
	THING_EXTENSION,
	THING_KINDS,
};

struct thing {
	uint32_t oid;
	enum thing_kind kind;
	const char *schema, *name;
	char letter;		/* of its relkind or prokind, 'i': one of
				   Postgres's own functions; 'x': an operator
				   only for types of users; 'c': a type that
				   constants become one of by themselves */
	UT_hash_handle hh;

	/* a relation */
	bool guarded;		/* configured */
	bool updatable;		/* a view that rows can be changed through */
	bool of_catalog;	/* these are rows of a system catalog */
	bool family;		/* a child or partition of a guarded one */
	struct edge *movers;	/* MOVE edges of it, by `beside` */

	/* a function */
	const char *language;
	const char *body;	/* NULL: not to be read */
	bool plain_settings;
	bool trusted;		/* of an extension that is */
	bool unproven;
	bool needed;		/* a guarded table's triggers or defaults run
				   it */

	/* what is concluded */
	uint32_t refused, cascading;
	bool any_column;	/* of an UPDATE that is refused */
	struct name *columns;	/* else these */
	const struct thing *table;	/* the guarded one in danger */
	const char *through;
	bool changed;		/* since the snapshot was told last */
};

struct name {
	const char *text;
	struct name *next;
};

enum edge_kind {
	EDGE_INHERITS,		/* parent, child; 't': a partition */
	EDGE_VIEW,		/* view, what it reads */
	EDGE_KEY,		/* referencing, referenced; two letters: what
				   ON DELETE and ON UPDATE do */
	EDGE_CALL,		/* function, function */
	EDGE_USE,		/* relation, function or type; 'r', 'w' or 'i':
				   catalog_sql.c says when it runs */
	EDGE_TRIGGER,		/* relation, function of it, or function or
				   type of its WHEN; `number`: its type; the
				   second letter 'D': it is disabled */
	EDGE_MOVE,		/* relation, function of a trigger that may
				   change its rows before an UPDATE; NULL:
				   Postgres's own. `name`: the function's,
				   `text`: what it is where it is not written
				   in SQL; `from_columns`: of whose UPDATE,
				   `to_columns`: that it is told to assign */
	EDGE_RULE,		/* relation; letter: its event; the second as
				   of a trigger */
	EDGE_TYPE_CALL,		/* type, function */
	EDGE_SORT,		/* type, function that compares its values */
	EDGE_OPERATOR,		/* operator, its function */
	EDGE_OPERAND,		/* type, operator that only such values make
				   one of the users' */
	EDGE_COLUMN,		/* relation, its column's type */
	EDGE_VALUE,		/* function, the type of what it takes, gives
				   or names */
	EDGE_CONTENT,		/* type, what it is made of */
	EDGE_NEED,		/* what a guarded table needs, the table; 't':
				   the table is a member of it */
	EDGE_PART,		/* index or sequence, the table */
	EDGE_KINDS,
};

struct edge {
	struct edge *next;
	struct thing *from, *to;	/* NULL: not of a user's making */
	const char *name;
	char letters[2];
	unsigned number;
	const char *text;
	bool named;		/* of a MOVE: `to_columns` are all it assigns */
	struct edge *beside;
	/* A key's, a trigger's; NULL: none, or not known. */
	struct name *from_columns, *to_columns;
};

struct catalog_rows {
	struct arena arena;
	struct thing *things[THING_KINDS];	/* by OID */
	struct edge *edges[EDGE_KINDS];
	struct catalog_load *load;	/* where findings are counted */
};

/* False: these are not the rows that were asked for. */
bool catalog_rows_read(struct catalog_rows *, struct slice messages);
void catalog_rows_fini(struct catalog_rows *);

struct thing *catalog_rows_find(const struct catalog_rows *, enum thing_kind,
				uint32_t oid);

#endif

/*
 * What the files that print queries share: view_text.c is the query and its
 * clauses, view_text_from.c what it reads from, view_text_call.c the calls
 * and subqueries inside its expressions. Layout is that of ruleutils.c.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_VIEW_TEXT_INNER_H
#define WEIR_PROTOCOL_DIALECT_VIEW_TEXT_INNER_H

#include "protocol/dialect/ddl_text_piece.h"

struct view_column {
	const char *name;
	uint32_t type;		/* 0: not known */
};

/* What stands in FROM under a name. */
struct view_range {
	const char *name;	/* as it is printed */
	const char *alias;	/* as it is written */
	int count;
	struct view_column *columns;
};

struct view_scope {
	const struct view_scope *parent;
	struct view_range ranges[32];
	int count;
};

/* A WITH query that may be named. */
struct view_with {
	const struct view_with *next;
	struct view_range range;
};

struct view_print {
	struct ddl_text text;	/* how its expressions are printed */
	const struct schema *schema;
	const char *const *path;
	const struct view_scope *scope;
	const struct view_with *with;
	List *windows;		/* of WINDOW */
	int indent;		/* Postgres's indentLevel */
	bool failed;
};

struct view_query {
	struct buffer *out;
	struct view_column *columns;	/* what it gives */
	int count;
	const char *const *names;	/* what its columns shall be called, or
					   NULL */
};

/* How far its lines are indented. */
int view_indent(const struct view_print *);
/* A new line, indented; then the words. */
void view_line(const struct view_print *, struct buffer *, int plus,
	       const char *words);
/* view_text.c: a whole query; false: it cannot be printed. */
bool view_select(struct view_print *, SelectStmt *, struct view_query *);
/* An expression in what the scope sees. */
struct piece view_piece(struct view_print *, Node *);

/* view_text_from.c */
bool view_from(struct view_print *, List *items, struct view_scope *,
	       struct buffer *);
/* The range and the column a reference means; false: none. */
bool view_find(const struct view_print *, const ColumnRef *,
	       const struct view_range **, const struct view_column **);

/* view_text_call.c, which ddl_text asks */
struct piece view_column(struct view_print *, ColumnRef *);
/* The arguments have been printed; `first` is the type of the first. */
struct piece view_finish_call(struct view_print *, FuncCall *,
			      const char *name, const char *arguments,
			      uint32_t first);
struct piece view_sublink(struct view_print *, SubLink *);
const char *view_window(struct view_print *, WindowDef *);
const char *view_sort_list(struct view_print *, List *sorts,
			   const struct view_query *, List *targets,
			   bool by_number);

#endif

/*
 * An expression as Postgres prints it (pg_get_expr): what is kept of DEFAULT,
 * CHECK, index and generation expressions. A parse tree has lost the source
 * text, and the text alone would not do: Postgres shows each literal with
 * the type it was given, and Alembic compares by it.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_DDL_TEXT_H
#define WEIR_PROTOCOL_DIALECT_DDL_TEXT_H

#include "protocol/dialect/schema.h"
#include "protocol/error.h"

struct compile_state;
struct type_settings;
struct view_print;

struct ddl_text {
	struct arena *arena;
	const struct schema *schema;	/* NULL: names of the user's types
					   are printed as they are written */
	const struct schema_table *table;	/* whose columns are meant, or
						   NULL: literals stay bare */
	struct compile_state *state;	/* of a first printing: says what
					   operators and functions take */
	bool pretty;		/* as few parentheses as pg_get_expr(.., true)
				   prints */
	const struct type_settings *types;	/* literals are shown as their
					   types print them; NULL: as written */
	const char *const *path;	/* names are qualified where it does not
					   find them; NULL: it is public */
	const char *from, *to;	/* rename this column, or NULL */
	const struct schema_enum *type_from;	/* and this type */
	const char *type_to;
	struct view_print *view;	/* a view's query (view_text.h) is what
					   it is part of, or NULL */
	struct error *error;
	int depth;
};

/* `type` is what a bare literal becomes (the column's for DEFAULT); 0: it
 * stays as it is. NULL: the error is filled (0A000: a subquery). */
const char *ddl_text_print(struct ddl_text *, struct Node *, uint32_t type);

/* The same for a text that was printed before: to rename a column in it or
 * to make it pretty. Texts that cannot be read come back as they are. */
const char *ddl_text_again(struct ddl_text *, const char *text);

/* Whether it looks like a call: an index key needs no parentheses then. */
bool ddl_text_is_call(const char *text);

/* Every column an expression names is visited. */
typedef void ddl_text_visit(const char *column, void *context);
void ddl_text_columns(const char *text, ddl_text_visit *, void *context);

#endif

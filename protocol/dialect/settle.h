/*
 * What a view's text must say for good: in which schema a name was found, whose
 * column or which output it was, for which columns a star stood. Postgres keeps a view as a tree and need not
 * ask again; we keep text, so while a view is made, reading its query notes
 * both here, as edits of that text.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_SETTLE_H
#define WEIR_PROTOCOL_DIALECT_SETTLE_H

#include "protocol/dialect/expr.h"

struct text_edit {
	int at;			/* where in compile_state.text */
	int length;		/* what is replaced */
	const char *text;
};

struct text_edits {
	struct text_edit *items;	/* by place */
	int count, capacity;
};

/* Nothing where no edits are collected. */
void settle_table(struct compile_state *, const struct RangeVar *,
		  const struct schema_table *);
void settle_type(struct compile_state *, const struct TypeName *);
/* The literal that names an object; false: it is written in a way that cannot
 * be replaced. */
bool settle_literal(struct compile_state *, const char *text, uint32_t type,
		    uint32_t oid, int location);
/* The name of a column alone, found at `owner`, seen from `scope`. */
void settle_column(struct compile_state *, struct scope *scope,
		   const struct scope *owner, const struct range *,
		   const struct range_column *, int location);
/* The name of an output in GROUP BY, by its position from 1. */
void settle_output(struct compile_state *, const struct ColumnRef *name,
		   int position);
/* `range` NULL: all that a bare star sees. */
void settle_star(struct compile_state *, const struct scope *,
		 const struct ColumnRef *, const struct range *range);

/* The text with the edits made. */
const char *settle_text(struct arena *, const char *text,
			const struct text_edits *);

#endif

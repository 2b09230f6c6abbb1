/*
 * A view's query as Postgres prints it (pg_get_viewdef): laid out, with every
 * column under its table's name and every literal under its type. A query
 * with something that cannot be printed so is left as it was written.
 */
#ifndef WEIR_PROTOCOL_DIALECT_VIEW_TEXT_H
#define WEIR_PROTOCOL_DIALECT_VIEW_TEXT_H

#include "protocol/dialect/schema.h"

/* With its semicolon; NULL: it cannot be printed. Names that the path finds
 * stay without their schema; pretty: with as few parentheses as psql shows. */
const char *view_text_print(struct arena *, const struct schema *,
			    const char *const *path,
			    const struct schema_table *view, bool pretty);

#endif

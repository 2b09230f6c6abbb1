/*
 * What the columns of an index are called: as the table's columns they are
 * made of, or as a SELECT would call the expression; counted where a name is
 * there already. The index itself is called after them.
 */
#ifndef WEIR_PROTOCOL_DIALECT_INDEX_NAME_H
#define WEIR_PROTOCOL_DIALECT_INDEX_NAME_H

#include "protocol/arena.h"
#include "protocol/dialect/schema.h"

/* Those of an index that is there, as many as it has columns. */
const char **index_column_names(struct arena *, const struct schema_table *,
				const struct schema_index *);
/* Counts names that are there twice: "a", "a1". */
void index_tell_apart(struct arena *, const char **names, int count);
const char *index_join_names(struct arena *, const char *const *names,
			     int count);	/* "a_a1" */

#endif

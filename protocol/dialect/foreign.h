/*
 * Columns that other programs keep in forms of their own
 * (protocol/foreign_value.h), as SQLite text: what reads one into weir's form
 * and what writes it back. A column in weir's own form is printed plainly.
 */
#ifndef WEIR_PROTOCOL_DIALECT_FOREIGN_H
#define WEIR_PROTOCOL_DIALECT_FOREIGN_H

#include "protocol/dialect/schema.h"

/* `prefix` is "", or ends in a dot: "_t1.". */
const char *foreign_read_sql(struct arena *, const struct schema_column *,
			     const char *prefix);
const char *foreign_write_sql(struct arena *, const struct schema_column *,
			      const char *sql);

/*
 * "column = value" and "column IN (values)" that SQLite can answer from an
 * index, which it cannot where the column stands inside a function: the value
 * is put in every form that the column could have it in. Values are in weir's
 * own form. NULL: it is no such column, or there are too many forms.
 */
struct expr;
const char *foreign_equal_sql(struct arena *, struct expr *const *operands);
const char *foreign_in_sql(struct arena *, const struct expr *column,
			   const char *const *values, int count);

#endif

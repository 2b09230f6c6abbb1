/* The kinds of FROM items that have files of their own. */
#ifndef WEIR_PROTOCOL_DIALECT_FROM_H
#define WEIR_PROTOCOL_DIALECT_FROM_H

#include "protocol/dialect/expr.h"

struct range *range_of_query(struct compile_state *, const char *name,
			     const char *alias, const struct compiled_column *,
			     int count);
/* 0A000 where a lateral item looks out of its join's parentheses. */
bool stays_inside(struct compile_state *, const struct scope *,
		  const struct loose_column *, const struct loose_column *end);
const char *from_function(struct compile_state *, struct scope *,
			  struct RangeFunction *);
const char *from_join(struct compile_state *, struct scope *,
		      struct JoinExpr *);

#endif

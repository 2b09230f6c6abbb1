/* What the files for calls share: plain ones, aggregates, sets. */
#ifndef WEIR_PROTOCOL_DIALECT_EXPR_CALL_H
#define WEIR_PROTOCOL_DIALECT_EXPR_CALL_H

#include "protocol/dialect/expr.h"

#define CALL_ARGUMENTS_MAX 100

/* information_schema's helper, which pgjdbc calls: (x, n) for each element. */
#define EXPAND_ARRAY "_pg_expandarray"

/* 42883, or 42725 where several fit alike. */
void no_function(struct compile_state *, const char *name,
		 struct expr **arguments, int count, int location,
		 bool ambiguous);

struct expr *read_aggregate(struct compile_state *, struct scope *,
			    struct FuncCall *, const char *name);
struct expr *read_set_call(struct compile_state *, struct scope *,
			   struct FuncCall *, const struct call_row *,
			   struct expr **arguments, int count,
			   uint32_t result);
struct expr *expand_array(struct compile_state *, struct scope *,
			  struct FuncCall *, struct expr *array);

#endif

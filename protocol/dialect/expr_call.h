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
/* " FILTER (WHERE ...)" or ""; NULL: failed. */
const char *aggregate_filter(struct compile_state *, struct scope *,
			     struct FuncCall *, struct expr *aggregate);

/* aggregate.c: rows in an order of the aggregate's own */
bool aggregate_is_sorted(const struct FuncCall *, const struct call_row *);
/* What pg_sort() must know. `given` are the arguments before they were
 * coerced. */
bool aggregate_order(struct compile_state *, struct scope *, struct FuncCall *,
		     struct expr **given, struct expr **arguments, int count,
		     const char **ret_order);
/* "pg_array_agg(x, 23)" as pg_sort() is told. */
const char *aggregate_print_sorted(struct compile_state *, const char *printed,
				   const char *order);
/* ... WITHIN GROUP (ORDER BY ...) */
struct expr *read_ordered_set(struct compile_state *, struct scope *,
			      struct FuncCall *, const char *name);

struct expr *read_set_call(struct compile_state *, struct scope *,
			   struct FuncCall *, const struct call_row *,
			   struct expr **arguments, int count,
			   uint32_t result);
struct expr *expand_array(struct compile_state *, struct scope *,
			  struct FuncCall *, struct expr *array);

#endif

/* In which order the parts of a WITH that changes data run. */
#ifndef WEIR_PROTOCOL_DIALECT_WITH_ORDER_H
#define WEIR_PROTOCOL_DIALECT_WITH_ORDER_H

#include "protocol/dialect/compile_state.h"

struct CommonTableExpr;
struct WithClause;

struct with_order {
	int *places;		/* in the clause */
	int count;
	int read_count;		/* the rest runs behind the statement */
};

/* Of the WITH of state->statement. What is not in the list does not run. */
bool with_order(struct compile_state *, struct WithClause *,
		struct with_order *ret_order);

/* Whether the query of a WITH item names the item itself. */
bool cte_reads_itself(struct compile_state *, struct CommonTableExpr *,
		      bool *ret_reads);
/* That one which does, both arms of a UNION, names itself where it may: 42P19
 * (with_recursive.c). */
bool check_recursion(struct compile_state *, struct CommonTableExpr *);

#endif

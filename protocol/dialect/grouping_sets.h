/* GROUPING SETS: see grouping_sets.c. Include protocol/sql_nodes.h first. */
#ifndef WEIR_PROTOCOL_DIALECT_GROUPING_SETS_H
#define WEIR_PROTOCOL_DIALECT_GROUPING_SETS_H

#include "protocol/dialect/expr.h"

#define GROUPING_SETS_MAX 64

/* What is grouped by at once, as the grammar has it. */
struct group_set {
	struct Node **nodes;
	int count;
};

bool has_grouping_sets(struct List *group_clause);
/* All groupings, and everything that any of them groups by. */
bool expand_grouping_sets(struct compile_state *, struct List *group_clause,
			  struct group_set **ret_sets, int *ret_count,
			  struct group_set *ret_all);
struct expr *read_grouping_call(struct compile_state *, struct scope *,
				struct GroupingFunc *);

#endif

/* One SELECT while it is read, for select.c and select_grouping.c. Include
 * protocol/sql_nodes.h first. */
#ifndef WEIR_PROTOCOL_DIALECT_SELECT_WORK_H
#define WEIR_PROTOCOL_DIALECT_SELECT_WORK_H

#include "protocol/dialect/grouping_sets.h"
#include "protocol/dialect/select.h"

struct select_work {
	SelectStmt *select;
	struct scope scope;
	struct expr_list targets;
	const char *from;	/* " FROM ... WHERE ..." */
	const char *where;
	const char *group;
	const char *having;
	int sets_in_groups;
	struct expr *having_expr;
	struct expr_list order;	/* keys of ORDER BY */
	int *positions;		/* of each key in the select list, -1: none */
	const struct group_set *set;	/* of GROUPING SETS, or NULL */
	const struct group_set *all;	/* what all of them group by */
};

/* In the order in which names become visible; false: failed. */
bool select_read_from(struct compile_state *, struct select_work *);
bool select_read_grouping(struct compile_state *, struct select_work *);
bool select_read_lists(struct compile_state *, struct select_work *);
/* FROM with the set-returning calls of the select list joined to it. */
const char *select_join_sets(struct compile_state *, struct scope *,
			     const char *from);
/* FOR UPDATE of rows that are none of a table's. */
bool select_check_locks(struct compile_state *, const struct select_work *);

bool grouping_draft(struct compile_state *, struct scope *parent,
		    struct SelectStmt *, struct draft **ret_draft);

#endif

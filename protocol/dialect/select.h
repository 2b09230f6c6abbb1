/* What select.c and its companions for DISTINCT ON and LIMIT share. */
#ifndef WEIR_PROTOCOL_DIALECT_SELECT_H
#define WEIR_PROTOCOL_DIALECT_SELECT_H

#include "protocol/dialect/expr.h"

struct draft *draft_new(struct compile_state *);
/* A query with FOR UPDATE or its kin takes the writer. */
void note_locks(struct compile_state *, struct SelectStmt *);
bool distinct_on(struct compile_state *, struct scope *, struct SelectStmt *,
		 const struct expr_list *order, const char *limit,
		 struct draft *);
const char *print_distinct_on(struct compile_state *, const struct draft *,
			      const char *outputs);
bool is_with_ties(const struct SelectStmt *);
bool with_ties(struct compile_state *, struct scope *, struct SelectStmt *,
	       const struct expr_list *order, const int *positions,
	       struct draft *);
const char *print_with_ties(struct compile_state *, const struct draft *,
			    const char *outputs);

#endif

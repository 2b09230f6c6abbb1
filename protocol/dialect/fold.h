/*
 * What Postgres computes while it plans: calls of immutable functions whose
 * arguments are constants. Where one fails the statement fails, be there rows
 * or not, and before a sequence counts. Here they are found; whoever runs the
 * statement computes them first (struct compiled, `constants`).
 *
 * Not all are found, but of what is found Postgres computes everything:
 * nothing of a subquery, which may turn out not to be needed, and nothing
 * behind a condition that may turn out to be constant. Parameters are no
 * constants: Postgres itself takes them for such or not, by how often it has
 * seen the statement.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_FOLD_H
#define WEIR_PROTOCOL_DIALECT_FOLD_H

#include "protocol/dialect/expr.h"
#include "protocol/dialect/operator_table.h"

struct folded;

/* What was found before something that may not be computed is read. */
struct fold_mark {
	bool is_set;
	struct folded *folded;
	struct error *late;
};

/* Each takes the finished expression and what it is made of. */
void fold_operator(struct compile_state *, const struct operator_row *,
		   struct expr **operands, struct expr *);
void fold_call(struct compile_state *, const struct call_row *,
	       struct expr **arguments, int count, struct expr *);
void fold_cast(struct compile_state *, struct expr *from, struct expr *);
/* Of truths: only whether it `varies`. */
void fold_bool(struct expr **items, int count, struct expr *);

/* What is read from here on counts only if `test` cannot become a constant. */
void fold_behind(const struct compile_state *, struct fold_mark *,
		 const struct expr *test);
void fold_end(struct compile_state *, const struct fold_mark *);

/* "SELECT ..." of all that was found, in this order; NULL: nothing. */
const char *fold_print(struct compile_state *);

#endif

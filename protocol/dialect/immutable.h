/*
 * What must say the same of the same values for ever: keys and predicates of
 * indexes, generated columns. While such an expression is compiled, every
 * function, operator and cast that it uses is looked up in Postgres's own
 * catalogs, as contain_mutable_functions() does there; what depends on
 * settings or on the clock is remembered in state->is_mutable.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_IMMUTABLE_H
#define WEIR_PROTOCOL_DIALECT_IMMUTABLE_H

#include "protocol/dialect/expr.h"
#include "protocol/dialect/operator_table.h"

/* Nothing where nobody asks. */
void immutable_note_call(struct compile_state *, const struct call_row *,
			 struct expr **arguments, int count);
void immutable_note_operator(struct compile_state *,
			     const struct operator_row *);
void immutable_note_cast(struct compile_state *, uint32_t from, uint32_t to);

/* Whether it is, by itself. */
bool call_is_immutable(const struct call_row *);

/* Of an expression by itself, whatever it is assigned to: 42P17 with `message`
 * if it is not. `what` is as for compile_value_expr(). */
bool check_immutable(struct compile_state *, struct Node *,
		     const struct schema_table *table, const char *what,
		     const char *message);

#endif

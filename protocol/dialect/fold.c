#include "protocol/sql_nodes.h"

#include "protocol/dialect/fold.h"

#include "protocol/dialect/immutable.h"

#define FOLDED_MAX 500		/* SQLite's columns are limited, too */

struct folded {
	struct folded *before;
	const char *sql;
	int number;
};

static bool is_inside(const struct folded *folded, struct expr **items,
		      int count)
{
	for (int i = 0; folded != NULL && i < count; i++) {
		if (items[i] != NULL && items[i]->sql == folded->sql)
			return true;
	}
	return false;
}

/* What is a part of it needs no word of its own. */
static void remember(struct compile_state *state, struct expr **items,
		     int count, const char *sql)
{
	struct folded *folded;

	while (is_inside(state->folded, items, count))
		state->folded = state->folded->before;
	if (state->query_depth > state->fold_depth ||
	    (state->folded != NULL && state->folded->number == FOLDED_MAX))
		return;
	folded = arena_alloc(state->arena, sizeof(*folded));
	folded->before = state->folded;
	folded->sql = sql;
	folded->number = folded->before ? folded->before->number + 1 : 1;
	state->folded = folded;
}

/* --- what is constant ----------------------------------------------------------- */

/* Whose casts into one another depend on nothing. */
static bool is_plain(uint32_t type)
{
	switch (type) {
	case OID_BOOL: case OID_INT2: case OID_INT4: case OID_INT8:
	case OID_NUMERIC: case OID_FLOAT4: case OID_FLOAT8: case OID_TEXT:
	case OID_VARCHAR: case OID_BPCHAR:
		return true;
	default:
		return false;
	}
}

/* Whose operators do. */
static bool is_steady(uint32_t type)
{
	return is_plain(type) || type == OID_BYTEA || type == OID_DATE ||
	       type == OID_TIME || type == OID_TIMESTAMP ||
	       type == OID_INTERVAL;
}

static bool are_constant(struct expr **items, int count)
{
	for (int i = 0; i < count; i++) {
		if (!items[i]->is_constant)
			return false;
	}
	return count > 0;
}

/* A column is no constant, nor is what a function makes of it, save of NULL
 * and it. */
static bool do_vary(struct expr **items, int count)
{
	bool vary = false;

	for (int i = 0; i < count; i++) {
		vary |= items[i]->varies;
		if (!items[i]->varies &&
		    !(items[i]->is_constant && items[i]->not_null))
			return false;
	}
	return vary;
}

/* Those that never fail. */
static bool is_comparison(const char *name)
{
	return name[strspn(name, "<>=")] == '\0';
}

void fold_operator(struct compile_state *state, const struct operator_row *row,
		   struct expr **operands, struct expr *expr)
{
	int first = operands[0] == NULL;

	expr->varies = do_vary(operands + first, 2 - first);
	expr->is_constant = is_steady(row->right) && is_steady(expr->type) &&
			    (first || is_steady(row->left)) &&
			    are_constant(operands + first, 2 - first);
	if (expr->is_constant && !is_comparison(row->name))
		remember(state, operands, 2, expr->sql);
}

void fold_call(struct compile_state *state, const struct call_row *row,
	       struct expr **arguments, int count, struct expr *expr)
{
	expr->varies = do_vary(arguments, count);
	expr->is_constant = are_constant(arguments, count) &&
			    call_is_immutable(row);
	if (expr->is_constant)
		remember(state, arguments, count, expr->sql);
}

void fold_cast(struct compile_state *state, struct expr *from,
	       struct expr *expr)
{
	expr->is_constant = from->is_constant && is_plain(from->type) &&
			    is_plain(expr->type);
	if (expr->is_constant)
		remember(state, &from, 1, expr->sql);
}

void fold_bool(struct expr **items, int count, struct expr *expr)
{
	expr->varies = count > 0;
	for (int i = 0; i < count; i++)
		expr->varies &= items[i]->varies;
}

/* --- what may not be computed ----------------------------------------------------- */

void fold_behind(const struct compile_state *state, struct fold_mark *mark,
		 const struct expr *test)
{
	if (!mark->is_set && !test->varies)
		*mark = (struct fold_mark){ true, state->folded, state->late };
}

void fold_end(struct compile_state *state, const struct fold_mark *mark)
{
	if (!mark->is_set)
		return;
	state->folded = mark->folded;
	state->late = mark->late;
}

/* --- all of it --------------------------------------------------------------------- */

const char *fold_print(struct compile_state *state)
{
	const struct folded *all[FOLDED_MAX];
	struct buffer sql = { 0 };
	const char *text;
	int count = 0;

	for (const struct folded *at = state->folded; at != NULL;
	     at = at->before)
		all[count++] = at;
	if (count == 0)
		return NULL;
	buffer_put_text(&sql, "SELECT ");
	while (count-- > 0) {
		buffer_put_text(&sql, all[count]->sql);
		buffer_put_text(&sql, count > 0 ? ", " : "");
	}
	text = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return text;
}

/* AND, OR and NOT. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/fold.h"

struct expr *join_bool(struct compile_state *state, struct expr **items,
		       int count, const char *word)
{
	struct expr *expr = expr_new(state, OID_BOOL, "");
	struct buffer sql = { 0 };

	for (int i = 0; i < count; i++) {
		buffer_put_text(&sql, i == 0 ? "(" : word);
		buffer_put_text(&sql, items[i]->sql);
		expr_inherit(expr, items[i]);
	}
	buffer_put_text(&sql, ")");
	expr->sql = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	fold_bool(items, count, expr);
	return expr;
}

const char *as_condition(const struct expr *expr)
{
	return expr->condition_for == expr->sql ? expr->condition : expr->sql;
}

/* Only functions of ours fail. */
static bool may_fail(const char *sql)
{
	while ((sql = strstr(sql, "pg_")) != NULL) {
		sql += strspn(sql, "abcdefghijklmnopqrstuvwxyz0123456789_");
		if (*sql == '(')
			return true;
	}
	return false;
}

#define LAZY_BYTES_MAX 2000	/* it stands there twice */
#define LAZY_MAX 100		/* each one level deeper */

static bool is_lazy(const char *sql)
{
	return strlen(sql) <= LAZY_BYTES_MAX && may_fail(sql);
}

/*
 * Asked for the value of AND and OR, SQLite computes both sides. Postgres
 * does not compute the right one where the left one decides, and "b <> 0 AND
 * a / b > 1" relies on it. NULL decides nothing, save that the result is not
 * what the right side alone would be.
 */
static const char *print_lazily(struct compile_state *state,
				struct expr **items, int count, bool is_and)
{
	int decides = is_and ? 0 : 1, lazy = 0;
	struct buffer sql = { 0 };
	const char *text;

	buffer_put_text(&sql, items[0]->sql);
	for (int i = 1; i < count; i++) {
		const char *next = items[i]->sql;

		if (lazy == LAZY_MAX || !is_lazy(next)) {
			buffer_printf(&sql, " %s %s", is_and ? "AND" : "OR",
				      next);
			continue;
		}
		lazy++;
		text = arena_text(state->arena, buffer_cstring(&sql));
		buffer_clear(&sql);
		buffer_printf(&sql, "CASE %s WHEN %d THEN %d WHEN %d THEN %s ELSE nullif(%s, %d) END",
			      text, decides, decides, !decides, next, next,
			      !decides);
	}
	text = arena_printf(state->arena, "(%s)", buffer_cstring(&sql));
	buffer_fini(&sql);
	return text;
}

static struct expr *read_and_or(struct compile_state *state,
				struct expr **items, int count, bool is_and)
{
	struct expr *expr = join_bool(state, items, count,
				      is_and ? " AND " : " OR ");
	struct buffer condition = { 0 };

	for (int i = 0; i < count; i++) {
		buffer_put_text(&condition, i == 0 ? "(" : is_and ? " AND " :
				" OR ");
		buffer_put_text(&condition, as_condition(items[i]));
	}
	buffer_put_text(&condition, ")");
	expr->condition = arena_text(state->arena, buffer_cstring(&condition));
	buffer_fini(&condition);
	expr->sql = print_lazily(state, items, count, is_and);
	expr->condition_for = expr->sql;
	return expr;
}

struct expr *read_bool(struct compile_state *state, struct scope *scope,
		       BoolExpr *node)
{
	static const char *const names[] = { "AND", "OR", "NOT" };
	int count = list_length(node->args);
	struct expr **items = arena_alloc(state->arena, sizeof(*items) *
					  (size_t)count);
	bool is_condition = scope != NULL && node->boolop == AND_EXPR &&
			    scope->condition == (Node *)node;
	struct fold_mark mark = { .is_set = false };
	struct expr *expr;

	for (int i = 0; i < count; i++) {
		Node *item = list_nth(node->args, i);

		if (is_condition)
			scope->condition = item;
		items[i] = expr_read(state, scope, item);
		if (items[i] == NULL)
			return NULL;
		items[i] = coerce_boolean(state, items[i],
					  names[node->boolop]);
		if (items[i] == NULL)
			return NULL;
		fold_behind(state, &mark, items[i]);
	}
	fold_end(state, &mark);
	if (node->boolop != NOT_EXPR)
		return read_and_or(state, items, count,
				   node->boolop == AND_EXPR);
	expr = expr_new(state, OID_BOOL,
			arena_printf(state->arena, "(NOT %s)", items[0]->sql));
	expr->condition = arena_printf(state->arena, "(NOT %s)",
				       as_condition(items[0]));
	expr->condition_for = expr->sql;
	expr_inherit(expr, items[0]);
	fold_bool(items, 1, expr);
	return expr;
}

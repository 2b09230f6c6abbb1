/*
 * How deep expressions may be: SQLite's parser has a stack of 100 symbols, and
 * a call inside a call inside a call takes three to five each. What would be
 * too deep is taken apart: an operand becomes an item of its own,
 *
 *      (SELECT f(_e2.value) FROM pg_let(<operand>) AS _e1,
 *                                pg_let(g(_e1.value)) AS _e2)
 *
 * which no longer nests. The operands of functions and operators are always
 * computed, so computing them first changes nothing.
 */
#include "protocol/sql_nodes.h"

#include <ctype.h>

#include "protocol/dialect/expr.h"

#define NESTING_MAX 40		/* symbols of one operand */
#define LETS_MAX 60		/* SQLite joins 64 tables */
#define LEVELS_MAX 512

struct level {
	int cost;
	bool begun;		/* something stands before */
	bool listed;		/* a comma has come */
};

struct walk {
	struct level levels[LEVELS_MAX];
	int depth;
	int cost;
	int most;
};

static void enter(struct walk *walk, int cost)
{
	if (walk->depth + 1 < LEVELS_MAX)
		walk->depth++;
	walk->levels[walk->depth] = (struct level){ cost, false, false };
	walk->cost += cost;
}

static void add_cost(struct walk *walk, int cost)
{
	walk->levels[walk->depth].cost += cost;
	walk->cost += cost;
}

static void leave(struct walk *walk)
{
	walk->cost -= walk->levels[walk->depth].cost;
	if (walk->depth > 0)
		walk->depth--;
	walk->levels[walk->depth].begun = true;
}

static const char *skip_quoted(const char *at)
{
	char quote = *at++;

	while (*at != '\0' && *at != quote)
		at++;
	return *at == '\0' ? at : at + 1;
}

static const char *take_word(struct walk *walk, const char *at)
{
	size_t length = 0;

	while (isalnum((unsigned char)at[length]) || at[length] == '_')
		length++;
	if (length == 4 && strncmp(at, "CASE", 4) == 0)
		enter(walk, 6);
	else if (length == 3 && strncmp(at, "END", 3) == 0)
		leave(walk);
	else if (length == 6 && strncmp(at, "SELECT", 6) == 0)
		add_cost(walk, 6);
	walk->levels[walk->depth].begun = true;
	return at + length;
}

static const char *take_sign(struct walk *walk, const char *at)
{
	struct level *level = &walk->levels[walk->depth];

	if (*at == '(') {
		enter(walk, level->begun ? 3 : 1);
	} else if (*at == ')') {
		leave(walk);
	} else if (*at == ',') {
		if (!level->listed)
			add_cost(walk, 2);
		level->listed = true;
		level->begun = false;
	} else if (*at != ' ') {
		level->begun = true;
	}
	return at + 1;
}

/* About how many symbols SQLite's parser stacks up for it. */
static int nesting_of(struct compile_state *state, const char *sql)
{
	struct walk *walk = arena_alloc(state->arena, sizeof(*walk));

	while (*sql != '\0') {
		if (*sql == '\'' || *sql == '"') {
			walk->levels[walk->depth].begun = true;
			sql = skip_quoted(sql);
		} else if (isalpha((unsigned char)*sql) || *sql == '_') {
			sql = take_word(walk, sql);
		} else {
			sql = take_sign(walk, sql);
		}
		if (walk->cost > walk->most)
			walk->most = walk->cost;
	}
	return walk->most;
}

/* Whether the operand was taken apart, and is still as it was then. */
static bool is_apart(const struct expr *operand)
{
	return operand->lets != NULL && operand->lets_for == operand->sql;
}

static bool may_be_cut(const struct compile_state *state,
		       const struct expr *operand)
{
	return operand != NULL && operand->kind == EXPR_VALUE &&
	       operand->sql != NULL && !operand->aggregates &&
	       !operand->windows && strlen(operand->sql) > NESTING_MAX &&
	       (!state->parameters_refused || state->view_depth > 0);
}

static void add_lets(struct compile_state *state, struct nesting *nesting,
		     const char *lets, int count)
{
	nesting->lets = nesting->lets == NULL ? lets :
		arena_printf(state->arena, "%s, %s", nesting->lets, lets);
	nesting->count += count;
}

static struct expr *cut(struct compile_state *state, struct nesting *nesting,
			struct expr *operand)
{
	struct expr *copy;
	const char *body = is_apart(operand) ? operand->body : operand->sql;
	const char *alias;
	bool deep = nesting_of(state, body) > NESTING_MAX;

	if (!is_apart(operand) && !deep)
		return operand;
	if (nesting->count + operand->let_count + 1 > LETS_MAX)
		return operand;
	copy = arena_alloc(state->arena, sizeof(*copy));
	*copy = *operand;
	copy->lets = NULL;
	copy->sql = body;
	if (is_apart(operand))
		add_lets(state, nesting, operand->lets, operand->let_count);
	if (!deep)
		return copy;
	alias = arena_printf(state->arena, "_e%d", ++state->alias_count);
	add_lets(state, nesting, arena_printf(state->arena,
		 "pg_let(%s) AS %s", body, alias), 1);
	copy->sql = arena_printf(state->arena, "%s.value", alias);
	return copy;
}

void nesting_open(struct compile_state *state, struct nesting *nesting,
		  struct expr **operands, int count)
{
	*nesting = (struct nesting){ NULL, 0 };
	for (int i = 0; i < count; i++) {
		if (may_be_cut(state, operands[i]))
			operands[i] = cut(state, nesting, operands[i]);
	}
}

void nesting_close(struct compile_state *state, const struct nesting *nesting,
		   struct expr *expr)
{
	if (nesting->lets == NULL || expr->sql == NULL)
		return;
	expr->body = expr->sql;
	expr->lets = nesting->lets;
	expr->let_count = nesting->count;
	expr->sql = arena_printf(state->arena, "(SELECT %s FROM %s)",
				 expr->body, expr->lets);
	expr->lets_for = expr->sql;
}

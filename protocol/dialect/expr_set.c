/* Set-returning calls in a select list: they join the FROM. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr_call.h"

/* The FROM item of a set-returning call; the same call twice is one. */
static struct set_call *add_set_call(struct compile_state *state,
				     struct scope *scope, const char *sql)
{
	struct set_call **end = &scope->set_calls;

	while (*end != NULL && strcmp((*end)->sql, sql) != 0)
		end = &(*end)->next;
	if (*end == NULL) {
		*end = arena_alloc(state->arena, sizeof(**end));
		(*end)->alias = new_alias(state);
		(*end)->sql = sql;
	}
	return *end;
}

static bool sets_allowed(struct compile_state *state, struct scope *scope,
			 FuncCall *call)
{
	if (scope != NULL && scope->sets_allowed)
		return true;
	return compile_fail(state, call->location,
			    SQLSTATE_FEATURE_NOT_SUPPORTED,
			    scope != NULL && scope->no_sets != NULL ?
			    "set-returning functions are not allowed in %s" :
			    "set-returning functions are not supported here on SQLite%s",
			    scope != NULL && scope->no_sets != NULL ?
			    scope->no_sets : "");
}

/* unnest() in a select list: it joins the FROM, and here stands its value. */
struct expr *read_set_call(struct compile_state *state,
				  struct scope *scope, FuncCall *call,
				  const struct call_row *row,
				  struct expr **arguments, int count,
				  uint32_t result)
{
	struct set_call *set;
	struct expr *expr;
	const char *sql;

	if (!sets_allowed(state, scope, call))
		return NULL;
	if (result == OID_RECORD) {
		compile_fail(state, call->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "%s() in a select list is not supported on SQLite",
			     row->name);
		error_hint(state->error, "Call it in FROM.");
		return NULL;
	}
	sql = print_call(state, row->print, arguments, count, result);
	if (sql == NULL)
		return NULL;
	set = add_set_call(state, scope, sql);
	/* What made the rows is no column of theirs: the value stands for
	 * itself in GROUP BY. */
	expr = expr_new(state, result, arena_printf(state->arena, "%s.value",
						    set->alias));
	for (int i = 0; i < count; i++)
		expr_inherit(expr, arguments[i]);
	return expr;
}

struct expr *expand_array(struct compile_state *state,
				 struct scope *scope, FuncCall *call,
				 struct expr *array)
{
	uint32_t element = type_element(state->schema, array->type);
	struct expr *row = expr_new(state, OID_RECORD, "");
	struct set_call *set;

	if (element == 0 || !sets_allowed(state, scope, call)) {
		if (element == 0)
			no_function(state, EXPAND_ARRAY, &array, 1,
				    call->location, false);
		return NULL;
	}
	set = add_set_call(state, scope, arena_printf(state->arena,
		"pg_unnest(%s, %u)", array_text(state, array), element));
	row->kind = EXPR_ROW;
	row->item_count = 2;
	row->items = arena_alloc(state->arena, sizeof(*row->items) * 2);
	row->names = arena_alloc(state->arena, sizeof(*row->names) * 2);
	row->items[0] = expr_new(state, element, arena_printf(state->arena,
		"%s.value", set->alias));
	row->items[1] = expr_new(state, OID_INT4, arena_printf(state->arena,
		"%s.ordinality", set->alias));
	row->names[0] = "x";
	row->names[1] = "n";
	return row;
}

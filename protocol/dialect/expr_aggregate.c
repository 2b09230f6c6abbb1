/* Aggregate and window calls: DISTINCT, FILTER, OVER. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr_call.h"

static const char *enum_label(struct compile_state *state, const char *sql,
			      uint32_t type)
{
	const struct schema_enum *labels = schema_enum_by_oid(state->schema,
							      type);
	const char *out = arena_printf(state->arena, "(CASE %s", sql);

	for (int i = 0; labels != NULL && i < labels->label_count; i++)
		out = arena_printf(state->arena, "%s WHEN %d THEN %s", out,
				   i + 1, print_text(state->arena,
						     labels->labels[i]));
	return arena_printf(state->arena, "%s END)", out);
}

static bool check_aggregate(struct compile_state *state, const struct scope *scope,
			    const FuncCall *call)
{
	if (scope == NULL || scope->no_aggregates != NULL)
		return compile_fail(state, call->location, SQLSTATE_GROUPING,
				    "aggregate functions are not allowed in %s",
				    scope == NULL ? "this context" :
				    scope->no_aggregates);
	return true;
}

/* Asked when all of the outer aggregate is read: what else is wrong inside of
 * it counts more. */
static bool check_nested(struct compile_state *state, const struct scope *scope)
{
	return scope->nested == NULL ||
	       compile_fail(state, scope->nested->location, SQLSTATE_GROUPING,
			    "aggregate function calls cannot be nested");
}

const char *aggregate_filter(struct compile_state *state, struct scope *scope,
			     FuncCall *call, struct expr *expr)
{
	struct expr *condition;
	bool in_aggregate;

	if (call->agg_filter == NULL)
		return "";
	in_aggregate = scope->in_aggregate;
	scope->in_aggregate = true;
	condition = expr_condition(state, scope, call->agg_filter, "FILTER");
	scope->in_aggregate = in_aggregate;
	if (condition == NULL || !check_nested(state, scope))
		return NULL;
	expr_inherit(expr, condition);
	return arena_printf(state->arena, " FILTER (WHERE %s)",
			    condition->sql);
}

/* DISTINCT goes behind the aggregate's own parenthesis, the last of those
 * before its first argument, a CAST being no aggregate:
 * "pg_cast(pg_float_sum(DISTINCT $1)", "pg_numeric_sum(DISTINCT CAST($1". */
static const char *put_distinct(struct compile_state *state, const char *print)
{
	static const char cast[] = "CAST(";
	size_t width = sizeof(cast) - 1;
	const char *open = strchr(print, '$');

	while (open != NULL && open > print &&
	       (open[-1] != '(' ||
		((size_t)(open - print) >= width &&
		 memcmp(open - width, cast, width) == 0)))
		open--;
	if (open == NULL)
		return print;
	return arena_printf(state->arena, "%.*sDISTINCT %s",
			    (int)(open - print), print, open);
}

/* min() and max() find the same among the distinct. */
static bool is_extreme(const struct call_row *row)
{
	return strcmp(row->name, "min") == 0 || strcmp(row->name, "max") == 0;
}

/* A table's column has no two values that are equal and look different: no -0,
 * and all texts of one length. SQLite's own min() and max() may use its index. */
static bool looks_alike(const struct expr *column)
{
	return column->table != 0 && !column->is_computed &&
	       column->column_sql == column->sql &&
	       (column->type == OID_FLOAT4 || column->type == OID_FLOAT8 ||
		(column->type == OID_BPCHAR && column->typmod >= 0));
}

/* An aggregate of SQLite's own. */
static bool is_lite(const char *print)
{
	return strncmp(print, "pg_", 3) != 0;
}

static const char *print_extreme(struct compile_state *state,
				 const struct call_row *row,
				 const struct expr *argument)
{
	return !is_lite(row->print) && looks_alike(argument) ?
	       arena_printf(state->arena, "%s($1)", row->name) : row->print;
}

/* The template in two halves: FILTER and OVER stand between them. */
static const char *print_aggregate(struct compile_state *state,
				   const char *print, struct expr **arguments,
				   int count, uint32_t result,
				   const char *order, const char *between)
{
	const char *split = strstr(print, "$o");
	const char *head, *tail = "";

	if (split != NULL) {
		tail = print_call(state, split + 2, arguments, count, result);
		print = arena_dup(state->arena,
				  slice_make(print, (size_t)(split - print)));
	}
	head = print_call(state, print, arguments, count, result);
	if (head == NULL || tail == NULL)
		return NULL;
	if (order != NULL)
		head = aggregate_print_sorted(state, head, order);
	return arena_printf(state->arena, "%s%s%s", head, between, tail);
}

static const char *modifiers(struct compile_state *state, struct scope *scope,
			     FuncCall *call, struct expr *expr, bool *ret_moves)
{
	const char *filter = aggregate_filter(state, scope, call, expr);
	const char *over;

	if (filter == NULL || call->over == NULL)
		return filter;
	over = print_window(state, scope, call->over, expr, ret_moves);
	return over == NULL ? NULL :
	       arena_printf(state->arena, "%s OVER %s", filter, over);
}

static struct expr *finish_aggregate(struct compile_state *state,
				     struct scope *scope, FuncCall *call,
				     const struct call_row *row,
				     struct expr **arguments, int count,
				     uint32_t result, const char *order)
{
	struct expr *expr = expr_new(state, result, "");
	bool is_label = row->print[0] == '$' && row->print[1] == 'm';
	const char *print = is_label ? row->print + 2 : row->print;
	const char *between, *sql;
	bool moves = false;

	if (is_extreme(row) && !is_label && order == NULL)
		print = print_extreme(state, row, arguments[0]);
	for (int i = 0; i < count; i++) {
		expr_inherit(expr, arguments[i]);
		if (call->agg_distinct &&
		    !check_equals(state, arguments[i], call->location))
			return NULL;
	}
	/* min() and max() go by the first collation they find. */
	if (is_extreme(row) ? strstr(arguments[0]->sql, " COLLATE ") != NULL :
	    call->agg_distinct && order == NULL) {
		struct expr *copy = arena_alloc(state->arena, sizeof(*copy));

		*copy = *arguments[0];
		copy->sql = collated(state, copy->sql, copy->type);
		arguments[0] = copy;
	}
	if (call->agg_distinct && order == NULL && !is_extreme(row))
		print = put_distinct(state, print);
	between = modifiers(state, scope, call, expr, &moves);
	if (moves && row->flags & CALL_MOVES && !is_lite(print))
		print = moving_print(state->arena, print);
	sql = between == NULL ? NULL :
	      print_aggregate(state, print, arguments, count, result, order,
			      between);
	if (sql == NULL)
		return NULL;
	expr->windows = call->over != NULL;
	/* pg_sort() without rows does not know what it sorts for. */
	if (order != NULL && strcmp(row->name, "regr_count") == 0)
		sql = arena_printf(state->arena, "ifnull(%s, 0)", sql);
	expr->sql = is_label ? enum_label(state, sql, result) : sql;
	expr->not_null = strcmp(row->name, "count") == 0;
	return expr;
}

/* An aggregate of an outer query's columns is that query's, which must allow
 * it; it stays where it stands, SQLite sees it alike. */
static bool settle_level(struct compile_state *state, struct reach *reach,
			 FuncCall *call, bool nested,
			 struct loose_column *before, struct expr *expr)
{
	struct scope *scope = reach->own || reach->nearest == NULL ?
			      reach->scope : reach->nearest;
	struct loose_column **link = &state->outer;

	if (scope != reach->scope)
		nested = scope->in_aggregate;
	if (!check_aggregate(state, scope, call))
		return false;
	if (nested && scope->nested == NULL)
		scope->nested = call;
	scope->aggregates_seen = true;
	expr->loose = NULL;
	expr->aggregates = scope == reach->scope;
	if (expr->aggregates)
		return true;
	if (reach->scope->no_aggregates != NULL || call->agg_star)
		return compile_fail(state, call->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "an aggregate of an outer query is not supported here on SQLite");
	while (*link != NULL && *link != before) {
		if ((*link)->scope == scope)
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
	return true;
}

static struct expr *read_call_over_rows(struct compile_state *state,
					struct scope *scope, FuncCall *call,
					const char *name)
{
	struct expr **arguments, **given;
	const struct call_row *row;
	const char *order = NULL;
	uint32_t result;
	int count;

	if (call->over != NULL && (scope == NULL || scope->no_windows != NULL)) {
		compile_fail(state, call->location, "42P20",
			     "window functions are not allowed in %s",
			     scope == NULL ? "this context" :
			     scope->no_windows);
		return NULL;
	}
	if (!read_arguments(state, scope, call, &arguments, &count))
		return NULL;
	given = arena_alloc(state->arena, sizeof(*given) * (size_t)(count + 1));
	memcpy(given, arguments, sizeof(*given) * (size_t)count);
	row = call_choose(state, name, arguments, &count, call->location,
			  &result);
	if (row == NULL)
		return NULL;
	if (call->over == NULL && (row->flags & CALL_WINDOW)) {
		compile_fail(state, call->location, "42809",
			     "window function %s requires an OVER clause",
			     name);
		return NULL;
	}
	if (count == 0 && !call->agg_star && (row->flags & CALL_AGGREGATE)) {
		compile_fail(state, call->location, "42809",
			     "%s(*) must be used to call a parameterless aggregate function",
			     name);
		return NULL;
	}
	if (call->over != NULL && call->agg_order != NIL) {
		compile_fail(state, call->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "aggregate ORDER BY is not implemented for window functions");
		return NULL;
	}
	if (call->over != NULL && call->agg_distinct) {
		compile_fail(state, call->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "DISTINCT is not implemented for window functions");
		return NULL;
	}
	if (aggregate_is_sorted(call, row) &&
	    !aggregate_order(state, scope, call, given, arguments, count,
			     &order))
		return NULL;
	return finish_aggregate(state, scope, call, row, arguments, count,
				result, order);
}

struct expr *read_aggregate(struct compile_state *state, struct scope *scope,
			    FuncCall *call, const char *name)
{
	struct reach reach = { state->reach, scope, false, NULL };
	struct loose_column *before = state->outer;
	struct expr *expr;
	bool nested;

	if (call->over != NULL && !call->agg_within_group)
		return read_call_over_rows(state, scope, call, name);
	if (scope == NULL) {
		check_aggregate(state, scope, call);
		return NULL;
	}
	nested = scope->in_aggregate;
	scope->in_aggregate = true;
	state->reach = &reach;
	expr = call->agg_within_group ?
	       read_ordered_set(state, scope, call, name) :
	       read_call_over_rows(state, scope, call, name);
	state->reach = reach.around;
	scope->in_aggregate = nested;
	if (expr == NULL ||
	    !settle_level(state, &reach, call, nested, before, expr) ||
	    (!nested && !check_nested(state, scope)))
		return NULL;
	return expr;
}

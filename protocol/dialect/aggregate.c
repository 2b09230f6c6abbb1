/*
 * Aggregates over rows in an order of their own: ORDER BY and DISTINCT inside
 * the parentheses, and WITHIN GROUP. SQLite 3.40 has neither; pg_sort() keeps
 * the rows of a group, sorts them, and hands them to the aggregate it names
 * (pool/sqlite/function_sorted.c).
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr_call.h"

/* What pg_sort() is told: how, and ", key" for each key. */
struct order {
	const char *spec;
	const char *keys;
	int count;
};

#define KEYS_MAX 30		/* with the arguments below SQLite's 100 */

/* Those to which the order of their rows matters, or what is distinct: sums
 * of floats differ in their last digits. */
static bool keeps_order(const struct call_row *row)
{
	static const char *const names[] = {
		"array_agg", "string_agg", "json_agg", "jsonb_agg",
		"json_object_agg", "jsonb_object_agg",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(row->name, names[i]) == 0)
			return true;
	}
	return strncmp(row->print, "pg_float", 8) == 0;
}

bool aggregate_is_sorted(const FuncCall *call, const struct call_row *row)
{
	const char *open = strchr(row->print, '(');

	if (strncmp(row->print, "pg_", 3) != 0 || open == NULL ||
	    open[1] != '$')
		return false;
	return call->agg_order != NIL ||
	       (call->agg_distinct && keeps_order(row));
}

static bool add_key(struct compile_state *state, struct order *order,
		    const struct expr *key, bool down, bool nulls_first)
{
	bool is_enum = schema_enum_by_oid(state->schema, key->type) != NULL;

	if (++order->count > KEYS_MAX)
		return compile_fail(state, key->location,
				    SQLSTATE_LIMIT_EXCEEDED,
				    "too many keys to sort an aggregate by");
	order->spec = arena_printf(state->arena, "%s%u%c%c;", order->spec,
				   is_enum ? OID_INT4 : key->type,
				   down ? 'd' : 'a', nulls_first ? 'f' : 'l');
	order->keys = arena_printf(state->arena, "%s, %s", order->keys,
				   is_enum ?
				   enum_place(state, key->sql, key->type) :
				   key->sql);
	return true;
}

static bool add_sort(struct compile_state *state, struct order *order,
		     SortBy *sort, const struct expr *key)
{
	bool down = sort->sortby_dir == SORTBY_DESC;

	if (sort->sortby_dir == SORTBY_USING)
		down = strcmp(operator_name(sort->useOp), ">") == 0;
	return add_key(state, order, key, down,
		       sort->sortby_nulls == SORTBY_NULLS_DEFAULT ? down :
		       sort->sortby_nulls == SORTBY_NULLS_FIRST);
}

static struct expr *read_key(struct compile_state *state, struct scope *scope,
			     Node *node)
{
	struct expr *key = expr_read(state, scope, node);

	return key == NULL ? NULL : settle(state, key);
}

/* DISTINCT sorts by what is distinct, so nothing else can be sorted by. */
static bool is_argument(const struct expr *key, struct expr **arguments,
			int count)
{
	for (int i = 0; i < count; i++) {
		if (arguments[i]->sql != NULL &&
		    strcmp(arguments[i]->sql, key->sql) == 0)
			return true;
	}
	return false;
}

static bool read_order(struct compile_state *state, struct scope *scope,
		       FuncCall *call, struct expr **given, int count,
		       struct order *order)
{
	ListCell *cell;

	foreach(cell, call->agg_order) {
		SortBy *sort = lfirst(cell);
		struct expr *key = read_key(state, scope, sort->node);

		if (key == NULL || !check_sorts(state, key, key->location))
			return false;
		if (call->agg_distinct && !is_argument(key, given, count))
			return compile_fail(state, expr_location(sort->node),
					    "42P10",
					    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list");
		if (!add_sort(state, order, sort, key))
			return false;
	}
	return true;
}

bool aggregate_order(struct compile_state *state, struct scope *scope,
		     FuncCall *call, struct expr **given,
		     struct expr **arguments, int count,
		     const char **ret_order)
{
	struct order order = { call->agg_distinct ? "d" : "a", "", 0 };
	bool read = read_order(state, scope, call, given, count, &order);

	for (int i = 0; read && call->agg_distinct && i < count; i++)
		read = add_key(state, &order, arguments[i], false, false);
	*ret_order = arena_printf(state->arena, "'%s'%s", order.spec,
				  order.keys);
	return read;
}

const char *aggregate_print_sorted(struct compile_state *state,
				   const char *printed, const char *order)
{
	const char *open = strchr(printed, '(');

	return arena_printf(state->arena, "pg_sort('%.*s', %s, %s",
			    (int)(open - printed), printed, order, open + 1);
}

/* --- WITHIN GROUP ------------------------------------------------------------ */

static struct expr *no_ordered_set(struct compile_state *state, FuncCall *call,
				   const char *name)
{
	compile_fail(state, call->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		     "the ordered-set aggregate %s is not supported on SQLite",
		     name);
	return NULL;
}

/* The key coerced to what the aggregate computes with; of percentile_cont
 * that is double precision. */
static struct expr *ordered_key(struct compile_state *state,
				struct scope *scope, FuncCall *call,
				const char *name)
{
	SortBy *sort = linitial(call->agg_order);
	struct expr *key = read_key(state, scope, sort->node);

	if (key == NULL || strcmp(name, "percentile_cont") != 0)
		return key;
	if (key->type == OID_INTERVAL)
		return no_ordered_set(state, call, "percentile_cont(interval)");
	if (!can_coerce(state, key->type, OID_FLOAT8, 'i')) {
		no_function(state, name, &key, 1, call->location, false);
		return NULL;
	}
	return coerce(state, key, OID_FLOAT8, -1, 'i', key->location);
}

/* One fraction or an array of them: *ret_many. */
static struct expr *read_fraction(struct compile_state *state,
				  struct scope *scope, FuncCall *call,
				  bool *ret_many)
{
	struct expr *fraction = expr_read(state, scope, linitial(call->args));

	if (fraction == NULL)
		return NULL;
	*ret_many = type_element(state->schema, fraction->type) != 0;
	return coerce(state, fraction, *ret_many ? OID_FLOAT8_ARRAY :
		      OID_FLOAT8, -1, 'i', fraction->location);
}

static const char *print_ordered_set(struct compile_state *state,
				     struct scope *scope, FuncCall *call,
				     const char *name, uint32_t *ret_type)
{
	struct order order = { "a", "", 0 };
	struct expr *key = ordered_key(state, scope, call, name);
	struct expr *fraction;
	bool many = false;

	if (key == NULL || !add_sort(state, &order, linitial(call->agg_order),
				     key))
		return NULL;
	*ret_type = key->type;
	if (strcmp(name, "mode") == 0)
		return arena_printf(state->arena,
				    "pg_sort('pg_mode', '%s'%s, %s, %u)",
				    order.spec, order.keys, key->sql,
				    key->type);
	fraction = read_fraction(state, scope, call, &many);
	if (fraction == NULL)
		return NULL;
	if (many)
		*ret_type = type_array(state->schema, key->type);
	return arena_printf(state->arena,
			    "pg_sort('pg_percentile%s_%s', '%s'%s, %s, %s, %u)",
			    many ? "s" : "", strrchr(name, '_') + 1,
			    order.spec, order.keys, fraction->sql, key->sql,
			    key->type);
}

struct expr *read_ordered_set(struct compile_state *state, struct scope *scope,
			      FuncCall *call, const char *name)
{
	int fractions = strcmp(name, "mode") == 0 ? 0 : 1;
	struct expr *expr;
	const char *sql;
	uint32_t type;

	if (strcmp(name, "mode") != 0 && strcmp(name, "percentile_cont") != 0 &&
	    strcmp(name, "percentile_disc") != 0)
		return no_ordered_set(state, call, name);
	if (list_length(call->args) != fractions ||
	    list_length(call->agg_order) != 1) {
		compile_fail(state, call->location,
			     SQLSTATE_UNDEFINED_FUNCTION,
			     "function %s with these arguments does not exist",
			     name);
		return NULL;
	}
	if (call->over != NULL) {
		compile_fail(state, call->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "OVER is not supported for ordered-set aggregate %s",
			     name);
		return NULL;
	}
	sql = print_ordered_set(state, scope, call, name, &type);
	if (sql == NULL)
		return NULL;
	expr = expr_new(state, type, "");
	expr->sql = aggregate_filter(state, scope, call, expr);
	if (expr->sql == NULL)
		return NULL;
	expr->sql = arena_printf(state->arena, "%s%s", sql, expr->sql);
	return expr;
}

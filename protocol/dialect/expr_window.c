/* OVER (...): partitions, order and frames. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"

static WindowDef *find_window(struct compile_state *state, struct scope *scope,
			      const char *name, int location)
{
	ListCell *cell;

	foreach(cell, scope->windows) {
		WindowDef *window = lfirst(cell);

		if (window->name != NULL && strcmp(window->name, name) == 0)
			return window;
	}
	compile_fail(state, location, SQLSTATE_UNDEFINED_OBJECT,
		     "window \"%s\" does not exist", name);
	return NULL;
}

static const char *print_partition(struct compile_state *state,
				   struct scope *scope, List *list,
				   struct expr *expr)
{
	const char *sql = "";
	ListCell *cell;

	foreach(cell, list) {
		struct expr *key = expr_read(state, scope, lfirst(cell));

		if (key == NULL || (key = settle(state, key)) == NULL)
			return NULL;
		expr_inherit(expr, key);
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   sql[0] == '\0' ? "PARTITION BY " : ", ",
				   collated(state, key->sql, key->type));
	}
	return sql;
}

static const char *print_order(struct compile_state *state,
			       struct scope *scope, List *list,
			       struct expr *expr)
{
	const char *sql = "";
	ListCell *cell;

	foreach(cell, list) {
		SortBy *sort = lfirst(cell);
		struct expr *key = expr_read(state, scope, sort->node);

		if (key == NULL || (key = settle(state, key)) == NULL)
			return NULL;
		expr_inherit(expr, key);
		sql = arena_printf(state->arena, "%s%s%s%s", sql,
				   sql[0] == '\0' ? " ORDER BY " : ", ",
				   sort_key(state, key->sql, key->type),
				   sort_words(sort, key->not_null));
	}
	return sql;
}

static const char *print_bound(struct compile_state *state,
			       struct scope *scope, int options, Node *offset,
			       bool is_start)
{
	struct expr *value;

	if (options & (is_start ? FRAMEOPTION_START_UNBOUNDED_PRECEDING :
		       FRAMEOPTION_END_UNBOUNDED_PRECEDING))
		return "UNBOUNDED PRECEDING";
	if (options & (is_start ? FRAMEOPTION_START_UNBOUNDED_FOLLOWING :
		       FRAMEOPTION_END_UNBOUNDED_FOLLOWING))
		return "UNBOUNDED FOLLOWING";
	if (options & (is_start ? FRAMEOPTION_START_CURRENT_ROW :
		       FRAMEOPTION_END_CURRENT_ROW))
		return "CURRENT ROW";
	value = expr_read(state, scope, offset);
	if (value == NULL)
		return NULL;
	if (options & FRAMEOPTION_RANGE &&
	    type_category(state->schema, value->type) != 'N') {
		compile_fail(state, value->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "RANGE with this offset is not supported on SQLite");
		return NULL;
	}
	value = coerce(state, value, OID_INT8, -1, 'i', value->location);
	if (value == NULL)
		return NULL;
	return arena_printf(state->arena, "%s %s", value->sql,
			    options & (is_start ?
				       FRAMEOPTION_START_OFFSET_PRECEDING :
				       FRAMEOPTION_END_OFFSET_PRECEDING) ?
			    "PRECEDING" : "FOLLOWING");
}

static const char *print_frame(struct compile_state *state,
			       struct scope *scope, const WindowDef *window)
{
	int options = window->frameOptions;
	const char *unit = options & FRAMEOPTION_ROWS ? "ROWS" :
			   options & FRAMEOPTION_GROUPS ? "GROUPS" : "RANGE";
	const char *exclude =
		options & FRAMEOPTION_EXCLUDE_CURRENT_ROW ?
		" EXCLUDE CURRENT ROW" :
		options & FRAMEOPTION_EXCLUDE_GROUP ? " EXCLUDE GROUP" :
		options & FRAMEOPTION_EXCLUDE_TIES ? " EXCLUDE TIES" : "";
	const char *start, *end;

	if (!(options & FRAMEOPTION_NONDEFAULT))
		return "";
	start = print_bound(state, scope, options, window->startOffset, true);
	end = start == NULL ? NULL :
	      print_bound(state, scope, options, window->endOffset, false);
	if (end == NULL)
		return NULL;
	return arena_printf(state->arena, " %s BETWEEN %s AND %s%s", unit,
			    start, end, exclude);
}

const char *print_window(struct compile_state *state, struct scope *scope,
			 WindowDef *window, struct expr *expr)
{
	const WindowDef *base = NULL;
	const char *partition, *order, *frame;
	const char *name = window->name != NULL ? window->name :
			   window->refname;

	if (name != NULL) {
		base = find_window(state, scope, name, window->location);
		if (base == NULL)
			return NULL;
	}
	if (window->name != NULL)
		window = (WindowDef *)(uintptr_t)base;
	partition = print_partition(state, scope, base != NULL ?
				    base->partitionClause :
				    window->partitionClause, expr);
	order = partition == NULL ? NULL :
		print_order(state, scope, window->orderClause != NIL ||
			    base == NULL ? window->orderClause :
			    base->orderClause, expr);
	frame = order == NULL ? NULL : print_frame(state, scope, window);
	if (frame == NULL)
		return NULL;
	return arena_printf(state->arena, "(%s%s%s)", partition, order, frame);
}

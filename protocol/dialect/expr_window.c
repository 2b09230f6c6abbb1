/* OVER (...): partitions, order and frames. */
#include "protocol/sql_nodes.h"

#include "protocol/datetime.h"
#include "protocol/dialect/expr.h"

/* What OVER means when the windows it names are put in. */
struct window {
	List *partition, *order;
	int options;
	Node *start, *end;
	uint32_t offset;	/* the type of these two */
	uint32_t moment;	/* that of a time they are counted from, or 0 */
	bool in_days;		/* and not only in hours */
};

/* The place of the first of that name among so many of WINDOW, or -1. */
static int find_window(struct compile_state *state, struct scope *scope,
		       const char *name, int before, int location)
{
	for (int i = 0; i < before; i++) {
		const WindowDef *window = list_nth(scope->windows, i);

		if (window->name != NULL && strcmp(window->name, name) == 0)
			return i;
	}
	compile_fail(state, location, SQLSTATE_UNDEFINED_OBJECT,
		     "window \"%s\" does not exist", name);
	return -1;
}

static bool check_override(struct compile_state *state, const WindowDef *node,
			   const struct window *base)
{
	const char *name = node->refname;

	if (node->partitionClause != NIL)
		return compile_fail(state, node->location, "42P20",
				    "cannot override PARTITION BY clause of window \"%s\"",
				    name);
	if (node->orderClause != NIL && base->order != NIL)
		return compile_fail(state, node->location, "42P20",
				    "cannot override ORDER BY clause of window \"%s\"",
				    name);
	if (base->options != FRAMEOPTION_DEFAULTS)
		return compile_fail(state, node->location, "42P20",
				    "cannot copy window \"%s\" because it has a frame clause",
				    name);
	return true;
}

/* One that begins with a window that stands before it in WINDOW. */
static bool open_window(struct compile_state *state, struct scope *scope,
			const WindowDef *node, int before,
			struct window *ret_window)
{
	struct window base = { .options = FRAMEOPTION_DEFAULTS };

	if (node->refname != NULL) {
		int at = find_window(state, scope, node->refname, before,
				     node->location);

		if (at < 0 ||
		    !open_window(state, scope, list_nth(scope->windows, at),
				 at, &base) ||
		    !check_override(state, node, &base))
			return false;
	}
	*ret_window = (struct window){
		.partition = node->refname != NULL ? base.partition :
			     node->partitionClause,
		.order = node->orderClause != NIL ? node->orderClause :
			 base.order,
		.options = node->frameOptions,
		.start = node->startOffset, .end = node->endOffset,
		.offset = OID_INT8,
	};
	return true;
}

static bool open_over(struct compile_state *state, struct scope *scope,
		      const WindowDef *over, struct window *ret_window)
{
	int count = list_length(scope->windows);
	int at;

	if (over->name == NULL)
		return open_window(state, scope, over, count, ret_window);
	at = find_window(state, scope, over->name, count, over->location);
	return at >= 0 && open_window(state, scope,
				      list_nth(scope->windows, at), at,
				      ret_window);
}

bool check_windows(struct compile_state *state, struct scope *scope)
{
	int count = list_length(scope->windows);

	for (int i = 0; i < count; i++) {
		const WindowDef *window = list_nth(scope->windows, i);
		struct window ignored;

		for (int k = 0; k < i; k++) {
			const WindowDef *other = list_nth(scope->windows, k);

			if (strcmp(other->name, window->name) == 0)
				return compile_fail(state, window->location,
						    "42P20",
						    "window \"%s\" is already defined",
						    window->name);
		}
		if (!open_window(state, scope, window, i, &ignored))
			return false;
	}
	return true;
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

static const char *window_key(struct compile_state *state,
			      const struct window *window,
			      const struct expr *key)
{
	return window->moment == 0 ? sort_key(state, key->sql, key->type) :
	       arena_printf(state->arena, "pg_frame_key(%s, %u, %d)",
			    key->sql, window->moment, window->in_days);
}

static const char *print_order(struct compile_state *state,
			       struct scope *scope,
			       const struct window *window, struct expr *expr)
{
	const char *sql = "";
	ListCell *cell;

	foreach(cell, window->order) {
		SortBy *sort = lfirst(cell);
		struct expr *key = expr_read(state, scope, sort->node);

		if (key == NULL || (key = settle(state, key)) == NULL)
			return NULL;
		expr_inherit(expr, key);
		sql = arena_printf(state->arena, "%s%s%s%s", sql,
				   sql[0] == '\0' ? " ORDER BY " : ", ",
				   window_key(state, window, key),
				   sort_words(sort, key->not_null));
	}
	return sql;
}

static const char *unit_of(int options)
{
	return options & FRAMEOPTION_ROWS ? "ROWS" :
	       options & FRAMEOPTION_GROUPS ? "GROUPS" : "RANGE";
}

static bool check_offset(struct compile_state *state, const struct expr *value,
			 int options, bool is_start)
{
	const char *place = is_start ? "starting" : "ending";
	bool is_range = options & FRAMEOPTION_RANGE;

	if (value->loose != NULL)
		return compile_fail(state, value->location, "42P10",
				    "argument of %s must not contain variables",
				    unit_of(options));
	if (value->kind == EXPR_UNKNOWN && value->literal == NULL)
		return compile_fail(state, -1, "22004",
				    "frame %s offset must not be null", place);
	if (value->literal != NULL && value->literal[0] == '-')
		return compile_fail(state, -1, "22013", is_range ?
				    "invalid preceding or following size in window function" :
				    "frame %s offset must not be negative",
				    place);
	return true;
}

/* SQLite takes a constant or a parameter. */
static bool is_plain(struct compile_state *state, const struct expr *value,
		     int options)
{
	return value->parameter != 0 ||
	       strspn(value->sql, "0123456789.") == strlen(value->sql) ||
	       compile_fail(state, value->location,
			    SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "an offset of %s that is not a constant or a parameter is not supported on SQLite",
			    unit_of(options));
}

static bool is_whole(uint32_t type)
{
	return type == OID_INT2 || type == OID_INT4 || type == OID_INT8;
}

/* A constant interval as microseconds. Months differ. */
static bool to_number(struct compile_state *state, struct window *window,
		      struct expr *value)
{
	size_t length = strlen(value->sql);
	struct interval size;

	if (value->sql[0] != '\'' ||
	    !interval_from_storage(slice_make(value->sql + 1, length - 2),
				   &size))
		return compile_fail(state, value->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "an interval of RANGE that is not a constant is not supported on SQLite");
	if (size.months != 0)
		return compile_fail(state, value->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "RANGE with an offset of months is not supported on SQLite");
	window->in_days |= size.days != 0;
	size.us += size.days * DAY_US;
	value->sql = arena_printf(state->arena, "%lld", (long long)size.us);
	return size.us >= 0 ||
	       compile_fail(state, -1, "22013",
			    "invalid preceding or following size in window function");
}

static const char *print_bound(struct compile_state *state,
			       struct scope *scope,
			       struct window *window, bool is_start)
{
	int options = window->options;
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
	value = expr_read(state, scope, is_start ? window->start :
			  window->end);
	if (value == NULL)
		return NULL;
	if (!check_offset(state, value, options, is_start))
		return NULL;
	if (window->offset == OID_INT8 || !is_whole(value->type))
		value = coerce(state, value, window->offset, -1, 'a',
			       value->location);
	if (value == NULL ||
	    (window->moment != 0 && !to_number(state, window, value)) ||
	    !is_plain(state, value, options))
		return NULL;
	return arena_printf(state->arena, "%s %s", value->sql,
			    options & (is_start ?
				       FRAMEOPTION_START_OFFSET_PRECEDING :
				       FRAMEOPTION_END_OFFSET_PRECEDING) ?
			    "PRECEDING" : "FOLLOWING");
}

static bool is_moment(uint32_t type)
{
	return type == OID_DATE || type == OID_TIMESTAMP ||
	       type == OID_TIMESTAMPTZ;
}

/* RANGE counts from a value: SQLite can from numbers of its own only, which
 * moments are made. */
static bool check_range(struct compile_state *state, struct scope *scope,
			struct window *window)
{
	Node *offset = window->start != NULL ? window->start : window->end;
	struct expr *key, *value;

	if (offset == NULL || !(window->options & FRAMEOPTION_RANGE))
		return true;
	if (list_length(window->order) != 1)
		return compile_fail(state, -1, "42P20",
				    "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
	key = expr_read(state, scope,
			((SortBy *)linitial(window->order))->node);
	value = key == NULL ? NULL : expr_read(state, scope, offset);
	if (value == NULL)
		return false;
	if (is_moment(key->type) && (value->type == OID_INTERVAL ||
				     value->type == OID_UNKNOWN)) {
		window->moment = key->type;
		window->offset = OID_INTERVAL;
		return true;
	}
	window->offset = key->type;
	if ((is_whole(key->type) || key->type == OID_FLOAT8) &&
	    (is_whole(value->type) || value->type == OID_UNKNOWN))
		return true;
	return compile_fail(state, value->location,
			    SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s",
			    type_text(state, key->type, -1),
			    type_text(state, value->type, -1));
}

static const char *print_frame(struct compile_state *state,
			       struct scope *scope, struct window *window)
{
	int options = window->options;
	const char *exclude =
		options & FRAMEOPTION_EXCLUDE_CURRENT_ROW ?
		" EXCLUDE CURRENT ROW" :
		options & FRAMEOPTION_EXCLUDE_GROUP ? " EXCLUDE GROUP" :
		options & FRAMEOPTION_EXCLUDE_TIES ? " EXCLUDE TIES" : "";
	const char *start, *end;

	if (!(options & FRAMEOPTION_NONDEFAULT))
		return "";
	if (options & FRAMEOPTION_GROUPS && window->order == NIL) {
		compile_fail(state, -1, "42P20",
			     "GROUPS mode requires an ORDER BY clause");
		return NULL;
	}
	start = print_bound(state, scope, window, true);
	end = start == NULL ? NULL : print_bound(state, scope, window, false);
	if (end == NULL)
		return NULL;
	return arena_printf(state->arena, " %s BETWEEN %s AND %s%s",
			    unit_of(options), start, end, exclude);
}

/* SQLite takes rows away from a frame only where its start moves, and does not
 * where some are excluded. */
static bool moves(int options)
{
	return options & FRAMEOPTION_NONDEFAULT &&
	       !(options & (FRAMEOPTION_START_UNBOUNDED_PRECEDING |
			    FRAMEOPTION_EXCLUSION));
}

const char *print_window(struct compile_state *state, struct scope *scope,
			 const WindowDef *over, struct expr *expr,
			 bool *ret_moves)
{
	struct window window;
	const char *partition, *order, *frame;

	if (!open_over(state, scope, over, &window))
		return NULL;
	partition = print_partition(state, scope, window.partition, expr);
	if (partition == NULL || !check_range(state, scope, &window))
		return NULL;
	/* its form depends on the frame's */
	frame = print_frame(state, scope, &window);
	order = frame == NULL ? NULL :
		print_order(state, scope, &window, expr);
	if (order == NULL)
		return NULL;
	*ret_moves = moves(window.options);
	return arena_printf(state->arena, "(%s%s%s)", partition, order, frame);
}

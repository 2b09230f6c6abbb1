/*
 * What only a query's expressions have: columns of several relations,
 * aggregates, windows, subqueries.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/view_text_inner.h"

#include "protocol/dialect/schema_name.h"
#include "protocol/type.h"

struct piece view_column(struct view_print *print, ColumnRef *node)
{
	const struct view_range *range;
	const struct view_column *column;

	if (!view_find(print, node, &range, &column))
		return piece_refuse(&print->text, "this column");
	return piece_of(arena_printf(
		print->text.arena, "%s.%s",
		name_quoted(print->text.arena, range->name),
		name_quoted(print->text.arena, column->name)), column->type);
}

/* --- aggregates and windows --------------------------------------------- */

static uint32_t result_type(const char *name, uint32_t argument)
{
	bool integer = argument == OID_INT2 || argument == OID_INT4;

	if (strcmp(name, "count") == 0 || strcmp(name, "row_number") == 0 ||
	    strcmp(name, "rank") == 0 || strcmp(name, "dense_rank") == 0)
		return OID_INT8;
	if (strcmp(name, "sum") == 0)
		return integer ? OID_INT8 : argument == OID_INT8 ?
		       OID_NUMERIC : argument;
	if (strcmp(name, "avg") == 0)
		return integer || argument == OID_INT8 ? OID_NUMERIC :
		       argument == OID_FLOAT4 ? OID_FLOAT8 : argument;
	if (strcmp(name, "min") == 0 || strcmp(name, "max") == 0)
		return argument == OID_VARCHAR ? OID_TEXT : argument;
	if (strcmp(name, "lag") == 0 || strcmp(name, "lead") == 0 ||
	    strcmp(name, "first_value") == 0 ||
	    strcmp(name, "last_value") == 0)
		return argument;
	if (strcmp(name, "string_agg") == 0)
		return OID_TEXT;
	if (strncmp(name, "bool_", 5) == 0 || strcmp(name, "every") == 0)
		return OID_BOOL;
	return 0;
}

static const char *window_text(struct view_print *print, WindowDef *window)
{
	const char *text = "";
	ListCell *cell;

	if (window->frameOptions != FRAMEOPTION_DEFAULTS || window->refname) {
		print->failed = true;
		return "";
	}
	foreach(cell, window->partitionClause) {
		struct piece made = view_piece(print, lfirst(cell));

		if (!made.text)
			return "";
		text = arena_printf(print->text.arena, "%s%s%s", text,
				    *text ? ", " : "PARTITION BY ", made.text);
	}
	if (window->orderClause) {
		static const struct view_query none;

		text = arena_printf(print->text.arena, "%s%sORDER BY %s", text,
				    *text ? " " : "",
				    view_sort_list(print, window->orderClause,
						   &none, NIL, false));
	}
	return text;
}

const char *view_window(struct view_print *print, WindowDef *window)
{
	return window_text(print, window);
}

/* One that says the same as a named one is that one. */
static const char *over_text(struct view_print *print, WindowDef *window)
{
	const char *text;
	ListCell *cell;

	if (window->name)
		return name_quoted(print->text.arena, window->name);
	text = window_text(print, window);
	foreach(cell, print->windows) {
		WindowDef *named = lfirst(cell);

		if (strcmp(window_text(print, named), text) == 0)
			return name_quoted(print->text.arena, named->name);
	}
	return arena_printf(print->text.arena, "(%s)", text);
}

struct piece view_finish_call(struct view_print *print, FuncCall *node,
			      const char *name, const char *arguments,
			      uint32_t first)
{
	static const struct view_query none;
	struct arena *arena = print->text.arena;
	const char *text;

	if (node->agg_within_group || node->func_variadic)
		return piece_refuse(&print->text, "this call");
	text = arena_printf(arena, "%s(%s%s%s%s)", name_quoted(arena, name),
			    node->agg_distinct ? "DISTINCT " : "",
			    node->agg_star ? "*" : arguments,
			    node->agg_order ? " ORDER BY " : "",
			    node->agg_order ?
			    view_sort_list(print, node->agg_order, &none, NIL,
					   false) : "");
	if (node->agg_filter) {
		struct piece filter = view_piece(print, node->agg_filter);

		text = arena_printf(arena, "%s FILTER (WHERE %s)", text,
				    filter.text ? filter.text : "");
	}
	if (node->over)
		text = arena_printf(arena, "%s OVER %s", text,
				    over_text(print, node->over));
	if (print->failed)
		return piece_refuse(&print->text, "this call");
	return (struct piece){ .kind = PIECE_CALL, .text = text,
			       .type = result_type(name, first) };
}

/* --- subqueries --------------------------------------------------------- */

static const char *sublink_head(struct view_print *print, SubLink *node)
{
	struct piece test;

	switch (node->subLinkType) {
	case EXISTS_SUBLINK:
		return "(EXISTS (";
	case EXPR_SUBLINK:
		return "(";
	case ARRAY_SUBLINK:
		return "ARRAY(";
	case ANY_SUBLINK:
	case ALL_SUBLINK:
		test = view_piece(print, node->testexpr);
		if (!test.text)
			return NULL;
		return arena_printf(
			print->text.arena, "(%s %s (", test.text,
			!node->operName || (node->subLinkType == ANY_SUBLINK &&
				strcmp(piece_last_name(node->operName), "=") ==
					0) ? "IN" : arena_printf(
				print->text.arena, "%s %s",
				piece_last_name(node->operName),
				node->subLinkType == ANY_SUBLINK ? "ANY" :
								   "ALL"));
	default:
		return NULL;
	}
}

struct piece view_sublink(struct view_print *print, SubLink *node)
{
	const char *head = sublink_head(print, node), *text = NULL;
	struct buffer out = { 0 };
	struct view_query query = { .out = &out };
	bool plain = node->subLinkType == EXPR_SUBLINK ||
		     node->subLinkType == ARRAY_SUBLINK;

	if (head && IsA(node->subselect, SelectStmt) &&
	    view_select(print, (SelectStmt *)node->subselect, &query))
		text = arena_printf(print->text.arena, "%s%s%s", head,
				    buffer_cstring(&out), plain ? ")" : "))");
	buffer_fini(&out);
	if (!text)
		return piece_refuse(&print->text, "this subquery");
	return piece_of(text, node->subLinkType == EXPR_SUBLINK &&
			query.count == 1 ? query.columns[0].type :
			plain ? 0 : OID_BOOL);
}

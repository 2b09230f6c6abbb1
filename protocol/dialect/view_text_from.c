/*
 * FROM of a view's query: relations, subqueries and joins, and the names
 * under which they are known.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/view_text_inner.h"

#include "protocol/dialect/schema_name.h"
#include "protocol/type.h"

#define STEP 8
#define RANGES_MAX 32

/* --- names -------------------------------------------------------------- */

static bool is_taken(const struct view_scope *scope, const char *name)
{
	for (; scope; scope = scope->parent)
		for (int i = 0; i < scope->count; i++)
			if (strcmp(scope->ranges[i].name, name) == 0)
				return true;
	return false;
}

static struct view_range *add_range(struct view_print *print,
				    struct view_scope *scope,
				    const char *alias)
{
	struct view_range *range = &scope->ranges[scope->count];
	const char *name = alias;

	if (scope->count == RANGES_MAX)
		return NULL;
	for (int i = 1; is_taken(scope, name); i++)
		name = arena_printf(print->text.arena, "%s_%d", alias, i);
	*range = (struct view_range){ .name = name, .alias = alias };
	scope->count++;
	return range;
}

static void columns_of_table(struct view_print *print,
			     const struct schema_table *table,
			     struct view_range *range)
{
	range->count = table->column_count;
	range->columns = arena_alloc(print->text.arena,
				     ((size_t)range->count + 1) *
				     sizeof(*range->columns));
	for (int i = 0; i < range->count; i++)
		range->columns[i] = (struct view_column){
			table->columns[i].name, table->columns[i].type };
}

static const struct view_with *find_with(const struct view_print *print,
					 const RangeVar *name)
{
	const struct view_with *with = name->schemaname ? NULL : print->with;

	while (with && strcmp(with->range.name, name->relname) != 0)
		with = with->next;
	return with;
}

static bool collect_relation(struct view_print *print, const RangeVar *name,
			     struct view_scope *scope)
{
	const struct view_with *with = find_with(print, name);
	const struct schema_table *table = with ? NULL :
		schema_find_table(print->schema, NULL, name->schemaname ?
				  name->schemaname : "public", name->relname);
	struct view_range *range;

	if ((!with && !table) || !name->inh ||
	    (name->alias && name->alias->colnames))
		return false;
	range = add_range(print, scope, name->alias ? name->alias->aliasname :
						      name->relname);
	if (!range)
		return false;
	if (with) {
		range->count = with->range.count;
		range->columns = with->range.columns;
	} else {
		columns_of_table(print, table, range);
	}
	return true;
}

/* generate_series() and unnest(): one column, called like the function. */
static bool collect_function(struct view_print *print,
			     const RangeFunction *node,
			     struct view_scope *scope)
{
	FuncCall *call = list_length(node->functions) == 1 ?
		linitial(linitial_node(List, node->functions)) : NULL;
	struct view_range *range;
	const char *name;

	if (!call || !IsA(call, FuncCall) || node->ordinality ||
	    node->coldeflist || (node->alias && node->alias->colnames))
		return false;
	name = strVal(llast(call->funcname));
	if (strcmp(name, "generate_series") != 0 && strcmp(name, "unnest") != 0)
		return false;
	name = node->alias ? node->alias->aliasname : name;
	range = add_range(print, scope, name);
	if (!range)
		return false;
	range->columns = arena_alloc(print->text.arena,
				     sizeof(*range->columns));
	range->columns[0] = (struct view_column){ name, 0 };
	range->count = 1;
	return true;
}

/* In the order in which they are printed. */
static bool collect(struct view_print *print, Node *node,
		    struct view_scope *scope)
{
	switch (nodeTag(node)) {
	case T_RangeVar:
		return collect_relation(print, (RangeVar *)node, scope);
	case T_RangeFunction:
		return collect_function(print, (RangeFunction *)node, scope);
	case T_RangeSubselect: {
		const RangeSubselect *query = (RangeSubselect *)node;

		return query->alias &&
		       add_range(print, scope, query->alias->aliasname);
	}
	case T_JoinExpr: {
		const JoinExpr *join = (JoinExpr *)node;

		return !join->alias && !join->isNatural &&
		       !join->join_using_alias &&
		       collect(print, join->larg, scope) &&
		       collect(print, join->rarg, scope);
	}
	default:
		return false;
	}
}

bool view_find(const struct view_print *print, const ColumnRef *node,
	       const struct view_range **ret_range,
	       const struct view_column **ret_column)
{
	int count = list_length(node->fields);
	const char *name, *alias;

	if (!IsA(llast(node->fields), String))
		return false;
	name = strVal(llast(node->fields));
	alias = count > 1 ? strVal(list_nth(node->fields, count - 2)) : NULL;
	for (const struct view_scope *scope = print->scope; scope;
	     scope = scope->parent)
		for (int i = 0; i < scope->count; i++) {
			const struct view_range *range = &scope->ranges[i];

			if (alias && strcmp(range->alias, alias) != 0)
				continue;
			for (int j = 0; j < range->count; j++)
				if (strcmp(range->columns[j].name, name) == 0) {
					*ret_range = range;
					*ret_column = &range->columns[j];
					return true;
				}
		}
	return false;
}

/* --- printing ----------------------------------------------------------- */

static bool put_item(struct view_print *print, Node *node,
		     struct view_scope *scope, int *next, struct buffer *out);

static void put_relation(struct view_print *print, const RangeVar *name,
			 const struct view_range *range, struct buffer *out)
{
	struct arena *arena = print->text.arena;

	if (find_with(print, name))
		buffer_put_text(out, name_quoted(arena, name->relname));
	else
		buffer_put_text(out, name_qualified(
			arena, print->schema, print->path, name->schemaname ?
			name->schemaname : "public", name->relname));
	if (name->alias || strcmp(range->name, name->relname) != 0)
		buffer_printf(out, " %s", name_quoted(arena, range->name));
}

/* AS j(k, l) */
static bool rename_columns(struct view_print *print, List *names,
			   struct view_range *range, struct buffer *out)
{
	ListCell *cell;
	int i = 0;

	if (!names)
		return true;
	if (list_length(names) != range->count)
		return false;
	foreach(cell, names) {
		range->columns[i].name = strVal(lfirst(cell));
		buffer_printf(out, "%s%s", i++ ? ", " : "(", name_quoted(
				      print->text.arena, strVal(lfirst(cell))));
	}
	buffer_put_text(out, ")");
	return true;
}

static bool put_subquery(struct view_print *print, const RangeSubselect *node,
			 struct view_range *range, struct buffer *out)
{
	struct view_query query = { .out = out };
	bool done;

	buffer_put_text(out, node->lateral ? "LATERAL (" : "(");
	done = view_select(print, (SelectStmt *)node->subquery, &query);
	buffer_printf(out, ") %s", name_quoted(print->text.arena,
					       range->name));
	range->columns = query.columns;
	range->count = query.count;
	return done && rename_columns(print, node->alias->colnames, range, out);
}

static bool put_function(struct view_print *print, const RangeFunction *node,
			 struct view_range *range, struct buffer *out)
{
	Node *call = linitial(linitial_node(List, node->functions));
	struct piece made = view_piece(print, call);
	const char *name = name_quoted(print->text.arena, range->name);

	if (made.text)
		buffer_printf(out, "%s %s(%s)", made.text, name,
			      name_quoted(print->text.arena,
					  range->columns[0].name));
	return made.text != NULL;
}

static const char *join_words(const JoinExpr *join)
{
	switch (join->jointype) {
	case JOIN_LEFT:
		return " LEFT JOIN ";
	case JOIN_RIGHT:
		return " RIGHT JOIN ";
	case JOIN_FULL:
		return " FULL JOIN ";
	default:
		return join->quals || join->usingClause ? " JOIN " :
							  " CROSS JOIN ";
	}
}

static const char *using_list(struct view_print *print, List *names)
{
	const char *text = "";
	ListCell *cell;

	foreach(cell, names)
		text = arena_printf(print->text.arena, "%s%s%s", text,
				    *text ? ", " : "",
				    name_quoted(print->text.arena,
						strVal(lfirst(cell))));
	return text;
}

static bool put_join(struct view_print *print, JoinExpr *join,
		     struct view_scope *scope, int *next, struct buffer *out)
{
	bool pretty = print->text.pretty;
	bool closed = pretty && IsA(join->rarg, JoinExpr);
	struct piece made;

	buffer_put_text(out, pretty ? "" : "(");
	if (!put_item(print, join->larg, scope, next, out))
		return false;
	view_line(print, out, 4 - STEP, join_words(join));
	buffer_put_text(out, closed ? "(" : "");
	if (!put_item(print, join->rarg, scope, next, out))
		return false;
	buffer_put_text(out, closed ? ")" : "");
	if (join->usingClause)
		buffer_printf(out, " USING (%s)",
			      using_list(print, join->usingClause));
	if (join->quals) {
		made = view_piece(print, join->quals);
		if (!made.text)
			return false;
		buffer_printf(out, pretty ? " ON %s" : " ON (%s)", made.text);
	}
	buffer_put_text(out, pretty ? "" : ")");
	return true;
}

static bool put_item(struct view_print *print, Node *node,
		     struct view_scope *scope, int *next, struct buffer *out)
{
	switch (nodeTag(node)) {
	case T_RangeVar:
		put_relation(print, (RangeVar *)node,
			     &scope->ranges[(*next)++], out);
		return true;
	case T_RangeFunction:
		return put_function(print, (RangeFunction *)node,
				    &scope->ranges[(*next)++], out);
	case T_RangeSubselect:
		return put_subquery(print, (RangeSubselect *)node,
				    &scope->ranges[(*next)++], out);
	default:
		return put_join(print, (JoinExpr *)node, scope, next, out);
	}
}

bool view_from(struct view_print *print, List *items, struct view_scope *scope,
	       struct buffer *out)
{
	const struct view_scope *before = print->scope;
	bool done = true;
	ListCell *cell;
	int next = 0;

	foreach(cell, items)
		if (!collect(print, lfirst(cell), scope))
			return false;
	print->scope = scope;
	view_line(print, out, 2 - STEP, " FROM ");
	foreach(cell, items) {
		if (lfirst(cell) != linitial(items)) {
			buffer_put_text(out, ", ");
			view_line(print, out, 4 - STEP, "");
		}
		done = done && put_item(print, lfirst(cell), scope, &next, out);
	}
	print->scope = before;
	return done;
}

#include "protocol/sql_nodes.h"

#include "protocol/dialect/view_text.h"

#include "protocol/dialect/schema_name.h"
#include "protocol/dialect/view_text_inner.h"
#include "protocol/sql_tree.h"
#include "protocol/type.h"

#define STEP 8			/* PRETTYINDENT_STD */
#define DEPTH_MAX 100		/* of queries and expressions in another */

int view_indent(const struct view_print *print)
{
	return print->indent;
}

void view_line(const struct view_print *print, struct buffer *out, int plus,
	       const char *words)
{
	int spaces = (print->indent > 0 ? print->indent : 0) + plus;

	while (out->length && out->bytes[out->length - 1] == ' ')
		out->length--;
	buffer_printf(out, "\n%*s%s", spaces, "", words);
}

struct piece view_piece(struct view_print *print, Node *node)
{
	struct piece made = piece_print(&print->text, node);

	print->failed |= !made.text;
	return made;
}

static const char *text_of(struct view_print *print, Node *node)
{
	struct piece made = view_piece(print, node);

	return made.text ? made.text : "";
}

/* --- targets ------------------------------------------------------------ */

/* What a column is called where nobody says: FigureColname(). */
static const char *own_name(Node *node)
{
	switch (nodeTag(node)) {
	case T_ColumnRef:
		return IsA(llast(((ColumnRef *)node)->fields), String) ?
		       strVal(llast(((ColumnRef *)node)->fields)) : NULL;
	case T_FuncCall:
		return strVal(llast(((FuncCall *)node)->funcname));
	case T_TypeCast: {
		const char *name = own_name(((TypeCast *)node)->arg);

		return strcmp(name, "?column?") != 0 ? name :
		       strVal(llast(((TypeCast *)node)->typeName->names));
	}
	case T_CaseExpr:
		return "case";
	case T_CoalesceExpr:
		return "coalesce";
	case T_MinMaxExpr:
		return ((MinMaxExpr *)node)->op == IS_GREATEST ? "greatest" :
								 "least";
	case T_A_ArrayExpr:
		return "array";
	case T_A_Indirection:
		return own_name(((A_Indirection *)node)->arg);
	case T_SubLink:
		return ((SubLink *)node)->subLinkType == EXISTS_SUBLINK ?
		       "exists" : ((SubLink *)node)->subLinkType ==
				  ARRAY_SUBLINK ? "array" : "?column?";
	case T_SQLValueFunction:
		return NULL;
	default:
		return "?column?";
	}
}

static const char *value_function_name(SQLValueFunction *node)
{
	static const struct {
		SQLValueFunctionOp op;
		const char *name;
	} rows[] = {
		{ SVFOP_CURRENT_DATE, "current_date" },
		{ SVFOP_CURRENT_TIME, "current_time" },
		{ SVFOP_CURRENT_TIMESTAMP, "current_timestamp" },
		{ SVFOP_LOCALTIME, "localtime" },
		{ SVFOP_LOCALTIMESTAMP, "localtimestamp" },
		{ SVFOP_CURRENT_USER, "current_user" },
		{ SVFOP_SESSION_USER, "session_user" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].op == node->op)
			return rows[i].name;
	return "?column?";
}

static const char *target_name(struct view_print *print, ResTarget *target)
{
	const char *name = target->name;

	if (!name)
		name = own_name(target->val);
	if (!name && IsA(target->val, SQLValueFunction))
		name = value_function_name((SQLValueFunction *)target->val);
	if (!name)
		print->failed = true;
	return name ? name : "";
}

static void put_target(struct view_print *print, struct view_query *query,
		       ResTarget *target, int number)
{
	const struct view_range *range;
	const struct view_column *column = NULL;
	const char *name = query->names ? query->names[number] :
			   target_name(print, target);
	struct piece made = view_piece(print, target->val);
	bool renamed;

	if (print->failed)
		return;
	if (made.literal)
		made = piece_as(&print->text, made, OID_TEXT);
	else if (strcmp(made.text, "NULL") == 0)
		made = piece_of("NULL::text", OID_TEXT);
	if (IsA(target->val, ColumnRef))
		view_find(print, (ColumnRef *)target->val, &range, &column);
	renamed = strcmp(column ? column->name : "?column?", name) != 0;
	if (number && made.text[0] != '\n')
		view_line(print, query->out, 4 - STEP, "");
	else if (made.text[0] == '\n')
		while (query->out->bytes[query->out->length - 1] == ' ')
			query->out->length--;
	buffer_put_text(query->out, made.text);
	if (renamed)
		buffer_printf(query->out, " AS %s",
			      name_quoted(print->text.arena, name));
	query->columns[number] = (struct view_column){ name, made.type };
}

static bool put_targets(struct view_print *print, List *targets,
			struct view_query *query)
{
	ListCell *cell;
	int number = 0;

	query->count = list_length(targets);
	query->columns = arena_alloc(print->text.arena,
				     ((size_t)query->count + 1) *
				     sizeof(*query->columns));
	foreach(cell, targets) {
		if (number)
			buffer_put_text(query->out, ", ");
		put_target(print, query, lfirst(cell), number);
		if (print->failed)
			return false;
		number++;
	}
	return true;
}

/* --- clauses ------------------------------------------------------------ */

static Node *target_at(List *targets, int number)
{
	return number > 0 && number <= list_length(targets) ?
	       ((ResTarget *)list_nth(targets, number - 1))->val : NULL;
}

/* A number or a new name stands for what is selected under it. */
static Node *meant(const struct view_query *query, List *targets, Node *node)
{
	const char *name;

	if (IsA(node, A_Const) && IsA(&((A_Const *)node)->val, Integer))
		return target_at(targets, intVal(&((A_Const *)node)->val));
	if (!IsA(node, ColumnRef) ||
	    list_length(((ColumnRef *)node)->fields) != 1)
		return node;
	name = strVal(linitial(((ColumnRef *)node)->fields));
	for (int i = 0; i < query->count; i++)
		if (strcmp(query->columns[i].name, name) == 0)
			return target_at(targets, i + 1);
	return node;
}

static const char *sort_key(struct view_print *print, Node *node,
			    const struct view_query *query, List *targets)
{
	Node *found = meant(query, targets, node);
	const char *text = found ? text_of(print, found) : "";
	bool plain = found && (IsA(found, ColumnRef) || IsA(found, A_Const));

	print->failed |= !found;
	if (!print->failed && !plain &&
	    (print->text.pretty || IsA(found, FuncCall)))
		text = arena_printf(print->text.arena, "(%s)", text);
	return text;
}

/* After UNION the columns are called by their numbers. */
static const char *sort_number(struct view_print *print, Node *node,
			       const struct view_query *query)
{
	if (IsA(node, A_Const) && IsA(&((A_Const *)node)->val, Integer))
		return arena_printf(print->text.arena, "%d",
				    intVal(&((A_Const *)node)->val));
	if (IsA(node, ColumnRef) &&
	    list_length(((ColumnRef *)node)->fields) == 1)
		for (int i = 0; i < query->count; i++)
			if (strcmp(query->columns[i].name, strVal(linitial(
					((ColumnRef *)node)->fields))) == 0)
				return arena_printf(print->text.arena, "%d",
						    i + 1);
	print->failed = true;
	return "";
}

const char *view_sort_list(struct view_print *print, List *sorts,
			   const struct view_query *query, List *targets,
			   bool by_number)
{
	const char *text = "";
	ListCell *cell;

	foreach(cell, sorts) {
		SortBy *sort = lfirst(cell);
		bool down = sort->sortby_dir == SORTBY_DESC;

		print->failed |= sort->sortby_dir == SORTBY_USING;
		text = arena_printf(
			print->text.arena, "%s%s%s%s%s", text,
			*text ? ", " : "", by_number ?
			sort_number(print, sort->node, query) :
			sort_key(print, sort->node, query, targets),
			down ? " DESC" : "",
			sort->sortby_nulls == SORTBY_NULLS_FIRST && !down ?
			" NULLS FIRST" :
			sort->sortby_nulls == SORTBY_NULLS_LAST && down ?
			" NULLS LAST" : "");
	}
	return text;
}

static const char *key_list(struct view_print *print, List *keys,
			    const struct view_query *query, List *targets)
{
	const char *text = "";
	ListCell *cell;

	foreach(cell, keys) {
		print->failed |= IsA(lfirst(cell), GroupingSet);
		if (print->failed)
			return "";
		text = arena_printf(print->text.arena, "%s%s%s", text,
				    *text ? ", " : "",
				    sort_key(print, lfirst(cell), query,
					     targets));
	}
	return text;
}

static void put_clause(struct view_print *print, struct buffer *out, int plus,
		       const char *words, const char *text)
{
	view_line(print, out, plus - STEP, words);
	buffer_put_text(out, text);
}

static void put_tail(struct view_print *print, SelectStmt *select,
		     struct view_query *query, bool by_number)
{
	if (select->sortClause)
		put_clause(print, query->out, 1, " ORDER BY ",
			   view_sort_list(print, select->sortClause, query,
					  select->targetList, by_number));
	if (select->limitOffset)
		put_clause(print, query->out, 0, " OFFSET ",
			   text_of(print, select->limitOffset));
	if (select->limitCount)
		put_clause(print, query->out, 0, " LIMIT ",
			   text_of(print, select->limitCount));
	/* WITH TIES, numbered as the parser does */
	print->failed |= (int)select->limitOption == 2 ||
			 select->lockingClause;
}

static void put_windows(struct view_print *print, List *windows,
			struct buffer *out)
{
	const char *text = "";
	ListCell *cell;

	foreach(cell, windows) {
		WindowDef *window = lfirst(cell);

		text = arena_printf(print->text.arena, "%s%s%s AS (%s)", text,
				    *text ? ", " : "",
				    name_quoted(print->text.arena,
						window->name),
				    view_window(print, window));
	}
	if (*text)
		put_clause(print, out, 1, " WINDOW ", text);
}

/* DISTINCT, or DISTINCT ON (keys), which are known only when the targets
 * have been printed. */
static void put_distinct(struct view_print *print, SelectStmt *select,
			 const struct view_query *query, struct buffer *out)
{
	if (!select->distinctClause)
		return;
	buffer_put_text(out, "DISTINCT ");
	if (linitial(select->distinctClause))
		buffer_printf(out, "ON (%s) ",
			      key_list(print, select->distinctClause, query,
				       select->targetList));
}

static bool put_simple(struct view_print *print, SelectStmt *select,
		       struct view_query *query)
{
	struct view_scope scope = { .parent = print->scope };
	struct buffer from = { 0 }, targets = { 0 };
	struct view_query inner = *query;

	print->indent += STEP;
	inner.out = &targets;
	if (select->fromClause &&
	    !view_from(print, select->fromClause, &scope, &from))
		print->failed = true;
	print->scope = &scope;
	print->windows = select->windowClause;
	if (!print->failed && put_targets(print, select->targetList, &inner)) {
		query->columns = inner.columns;
		query->count = inner.count;
		buffer_put_text(query->out, " SELECT ");
		put_distinct(print, select, query, query->out);
		buffer_put(query->out, targets.bytes, targets.length);
		if (from.length)
			buffer_put(query->out, from.bytes, from.length);
		if (select->whereClause)
			put_clause(print, query->out, 1, " WHERE ",
				   text_of(print, select->whereClause));
		if (select->groupClause)
			put_clause(print, query->out, 1, " GROUP BY ",
				   key_list(print, select->groupClause, query,
					    select->targetList));
		if (select->havingClause)
			put_clause(print, query->out, 0, " HAVING ",
				   text_of(print, select->havingClause));
		put_windows(print, select->windowClause, query->out);
		put_tail(print, select, query, false);
	}
	print->scope = scope.parent;
	print->indent -= STEP;
	buffer_fini(&from);
	buffer_fini(&targets);
	return !print->failed;
}

/* --- UNION and its kin -------------------------------------------------- */

static bool has_tail(const SelectStmt *select)
{
	return select->sortClause || select->limitCount ||
	       select->limitOffset || select->withClause;
}

static bool put_set(struct view_print *print, SelectStmt *select,
		    struct view_query *query)
{
	static const char *const words[] = { [SETOP_UNION] = "UNION",
					     [SETOP_INTERSECT] = "INTERSECT",
					     [SETOP_EXCEPT] = "EXCEPT" };
	struct view_query right = { .out = query->out };
	const char **names;

	if (select->rarg->op != SETOP_NONE || has_tail(select->larg) ||
	    has_tail(select->rarg) ||
	    (select->larg->op != SETOP_NONE &&
	     (select->larg->op != select->op ||
	      select->larg->all != select->all)))
		return false;
	if (!view_select(print, select->larg, query))
		return false;
	names = arena_alloc(print->text.arena, ((size_t)query->count + 1) *
					       sizeof(*names));
	for (int i = 0; i < query->count; i++)
		names[i] = query->columns[i].name;
	right.names = names;
	view_line(print, query->out, 0, words[select->op]);
	buffer_put_text(query->out, select->all ? " ALL\n" : "\n");
	buffer_printf(query->out, "%*s", print->indent, "");
	return list_length(select->rarg->targetList) == query->count &&
	       view_select(print, select->rarg, &right);
}

/* --- WITH and the whole ------------------------------------------------- */

static bool put_with(struct view_print *print, CommonTableExpr *cte,
		     struct view_with *with, struct buffer *out)
{
	struct view_query query = { .out = out };
	bool done;

	if (cte->aliascolnames || cte->ctematerialized != CTEMaterializeDefault ||
	    !IsA(cte->ctequery, SelectStmt))
		return false;
	buffer_printf(out, "%s AS (", name_quoted(print->text.arena,
						  cte->ctename));
	view_line(print, out, 0, "");
	done = view_select(print, (SelectStmt *)cte->ctequery, &query);
	view_line(print, out, 0, ")");
	*with = (struct view_with){ print->with, {
		.name = cte->ctename, .alias = cte->ctename,
		.columns = query.columns, .count = query.count } };
	print->with = with;
	return done;
}

static bool put_withs(struct view_print *print, const WithClause *clause,
		      struct buffer *out)
{
	ListCell *cell;
	bool first = true;

	if (clause->recursive)
		return false;
	print->indent += STEP;
	buffer_put_text(out, " WITH ");
	foreach(cell, clause->ctes) {
		struct view_with *with = arena_alloc(print->text.arena,
						     sizeof(*with));

		buffer_put_text(out, first ? "" : ", ");
		if (!put_with(print, lfirst(cell), with, out))
			return false;
		first = false;
	}
	print->indent -= STEP;
	view_line(print, out, 0, "");
	return true;
}

static void put_row(struct view_print *print, List *row,
		    struct view_query *query)
{
	ListCell *cell;
	int number = 0;

	buffer_put_text(query->out, "(");
	foreach(cell, row) {
		struct piece made = view_piece(print, lfirst(cell));

		if (!made.text || number == query->count)
			return;
		if (made.literal)
			made = piece_as(&print->text, made, OID_TEXT);
		buffer_printf(query->out, "%s%s", number ? "," : "", made.text);
		query->columns[number++].type = made.type;
	}
	buffer_put_text(query->out, ")");
}

static bool put_values(struct view_print *print, List *rows,
		       struct view_query *query)
{
	ListCell *cell;

	query->count = list_length(linitial_node(List, rows));
	query->columns = arena_alloc(print->text.arena,
				     ((size_t)query->count + 1) *
				     sizeof(*query->columns));
	for (int i = 0; i < query->count; i++)
		query->columns[i].name = arena_printf(print->text.arena,
						      "column%d", i + 1);
	buffer_put_text(query->out, " VALUES ");
	foreach(cell, rows) {
		if (lfirst(cell) != linitial(rows))
			buffer_put_text(query->out, ", ");
		put_row(print, lfirst(cell), query);
	}
	return !print->failed;
}

bool view_select(struct view_print *print, SelectStmt *select,
		 struct view_query *query)
{
	const struct view_with *before = print->with;
	bool done = print->text.depth++ < DEPTH_MAX && !select->intoClause &&
		    !(select->valuesLists && has_tail(select));

	if (done && select->withClause)
		done = put_withs(print, select->withClause, query->out);
	if (done && select->valuesLists) {
		done = put_values(print, select->valuesLists, query);
	} else if (done && select->op == SETOP_NONE) {
		done = put_simple(print, select, query);
	} else if (done) {
		done = put_set(print, select, query);
		print->indent += STEP;
		if (done)
			put_tail(print, select, query, true);
		print->indent -= STEP;
	}
	print->with = before;
	print->text.depth--;
	return done && !print->failed;
}

/* Names behind the view's are kept as SELECT * FROM (query) AS v(names):
 * what counts is the query. */
static SelectStmt *renamed_query(SelectStmt *select,
				 const struct schema_table *view)
{
	const RangeSubselect *query = list_length(select->fromClause) == 1 ?
		linitial(select->fromClause) : NULL;
	const ResTarget *star = list_length(select->targetList) == 1 ?
		linitial(select->targetList) : NULL;

	if (!query || !IsA(query, RangeSubselect) || !query->alias || !star ||
	    strcmp(query->alias->aliasname, view->name) != 0 ||
	    list_length(query->alias->colnames) != view->column_count ||
	    !IsA(star->val, ColumnRef) ||
	    !IsA(linitial(((ColumnRef *)star->val)->fields), A_Star))
		return select;
	return (SelectStmt *)query->subquery;
}

static bool print_tree(struct view_print *print, struct sql_tree *tree,
		       const struct schema_table *view, struct buffer *out)
{
	const char **names = arena_alloc(print->text.arena,
					 ((size_t)view->column_count + 1) *
					 sizeof(*names));
	struct view_query query = { .out = out, .names = names };
	SelectStmt *select = sql_tree_count(tree) == 1 ?
		(SelectStmt *)sql_tree_statement(tree, 0).node : NULL;
	const SelectStmt *first = select;

	for (int i = 0; i < view->column_count; i++)
		names[i] = view->columns[i].name;
	if (!select || !IsA(select, SelectStmt))
		return false;
	first = select = renamed_query(select, view);
	while (first->op != SETOP_NONE)
		first = first->larg;
	return (first->valuesLists ||
		list_length(first->targetList) == view->column_count) &&
	       view_select(print, select, &query);
}

const char *view_text_print(struct arena *arena, const struct schema *schema,
			    const char *const *path,
			    const struct schema_table *view, bool pretty)
{
	static const struct schema_table against;	/* not the columns' */
	struct error error = { 0 };
	struct view_print print = {
		.text = { .arena = arena, .schema = schema, .table = &against,
			  .pretty = pretty, .path = path, .error = &error },
		.schema = schema, .path = path,
	};
	struct sql_tree *tree = sql_tree_new(slice_text(view->view_text),
					     &error);
	struct buffer out = { 0 };
	const char *text = NULL;

	print.text.view = &print;
	if (tree && print_tree(&print, tree, view, &out))
		text = arena_printf(arena, "%s;", buffer_cstring(&out));
	buffer_fini(&out);
	sql_tree_free(&tree);
	return text;
}

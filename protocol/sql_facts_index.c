/*
 * What an index does to the rows to come: a unique one keeps some out, an
 * expression runs on each and may fail. Only what can do neither is harmless.
 */
#include "protocol/sql_nodes.h"

#include "protocol/sql_facts_build.h"

/* Operators that take any value and never fail. */
static bool is_calm_operator(const List *name)
{
	static const char *const names[] = {
		"=", "<>", "<", ">", "<=", ">=", "->", "->>", "#>", "#>>",
		"||", "@>", "<@", "~~", "~~*", "!~~", "!~~*",
	};
	const char *text = string_of(linitial(name));

	for (size_t i = 0; i < lengthof(names); i++)
		if (text && list_length(name) == 1 &&
		    strcmp(text, names[i]) == 0)
			return true;
	return false;
}

static bool is_calm_function(const List *name)
{
	static const char *const names[] = { "lower", "upper", "btrim", "md5",
					     "length", "to_tsvector",
					     "date_trunc" };
	const char *text = string_of(llast(name));

	for (size_t i = 0; i < lengthof(names); i++)
		if (text && strcmp(text, names[i]) == 0)
			return true;
	return false;
}

/* Nothing in the expression can fail, or run code, on a row to come. */
static bool visit_calm(Node *node, int depth, void *context)
{
	switch (nodeTag(node)) {
	case T_ColumnRef:
	case T_A_Const:
	case T_Boolean:
	case T_Integer:
	case T_Float:
	case T_String:
	case T_BitString:
	case T_NullTest:
	case T_BooleanTest:
	case T_BoolExpr:
	case T_CoalesceExpr:
	case T_IndexElem:
		return true;
	case T_A_Expr:
		return is_calm_operator(((A_Expr *)node)->name);
	case T_FuncCall:
		return is_calm_function(((FuncCall *)node)->funcname);
	default:
		return false;
	}
}

/* An index that lets every row in that came in before. */
static bool is_harmless_index(const IndexStmt *index)
{
	struct error ignored;

	return !index->unique &&
	       sql_walk((Node *)index->indexParams, visit_calm, NULL,
			&ignored) &&
	       sql_walk(index->whereClause, visit_calm, NULL, &ignored);
}

void record_index(struct facts_builder *builder, Node *node)
{
	IndexStmt *index = (IndexStmt *)node;

	add_target(builder, is_harmless_index(index) ? DEED_HARMLESS_DDL :
						       DEED_ALTER,
		   index->relation);
	note_rebuilt(builder);
	/* perhaps in the temporary schema, where the table may be */
	if (index->idxname)
		add_deed(builder, DEED_CREATE_TEMP,
			 index->relation->schemaname, index->idxname);
}

/* What Postgres calls a result column that has no AS (FigureColname()). */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"

/* `strength`: 2 a good name, 1 a fallback such as a cast's type. */
static const char *figure(Node *node, int *strength);

static const char *last_field(List *fields)
{
	const char *name = NULL;
	ListCell *cell;

	foreach(cell, fields) {
		if (IsA(lfirst(cell), String))
			name = strVal(lfirst(cell));
	}
	return name;
}

static const char *name_of_cast(TypeCast *cast, int *strength)
{
	const char *name = figure(cast->arg, strength);

	if (*strength > 1)
		return name;
	*strength = 1;
	return last_field(cast->typeName->names);
}

static const char *name_of_case(CaseExpr *node, int *strength)
{
	const char *name = figure((Node *)node->defresult, strength);

	if (*strength > 1)
		return name;
	*strength = 1;
	return "case";
}

static const char *name_of_select(Node *node, int *strength)
{
	SelectStmt *select = (SelectStmt *)node;
	ResTarget *target;

	if (!IsA(node, SelectStmt))
		return NULL;
	while (select->op != SETOP_NONE)
		select = select->larg;
	if (select->valuesLists != NIL) {
		*strength = 2;
		return "column1";
	}
	if (select->targetList == NIL)
		return NULL;
	target = linitial(select->targetList);
	if (target->name != NULL) {
		*strength = 2;
		return target->name;
	}
	return figure(target->val, strength);
}

static const char *name_of_sublink(SubLink *link, int *strength)
{
	const char *name;

	switch (link->subLinkType) {
	case EXISTS_SUBLINK:
		*strength = 2;
		return "exists";
	case ARRAY_SUBLINK:
		*strength = 2;
		return "array";
	case EXPR_SUBLINK:
		/* It has been transformed by then, and its column has a name. */
		name = name_of_select(link->subselect, strength);
		*strength = 2;
		return name != NULL ? name : "?column?";
	default:
		return NULL;
	}
}

static const char *name_of_value(SQLValueFunction *node)
{
	switch (node->op) {
	case SVFOP_CURRENT_DATE: return "current_date";
	case SVFOP_CURRENT_TIME: case SVFOP_CURRENT_TIME_N:
		return "current_time";
	case SVFOP_CURRENT_TIMESTAMP: case SVFOP_CURRENT_TIMESTAMP_N:
		return "current_timestamp";
	case SVFOP_LOCALTIME: case SVFOP_LOCALTIME_N: return "localtime";
	case SVFOP_LOCALTIMESTAMP: case SVFOP_LOCALTIMESTAMP_N:
		return "localtimestamp";
	case SVFOP_CURRENT_ROLE: return "current_role";
	case SVFOP_CURRENT_USER: return "current_user";
	case SVFOP_USER: return "user";
	case SVFOP_SESSION_USER: return "session_user";
	case SVFOP_CURRENT_CATALOG: return "current_catalog";
	case SVFOP_CURRENT_SCHEMA: return "current_schema";
	default: return "?column?";
	}
}

static const char *name_of_indirection(A_Indirection *node, int *strength)
{
	const char *name = last_field(node->indirection);

	if (name != NULL) {
		*strength = 2;
		return name;
	}
	return figure(node->arg, strength);
}

static const char *figure(Node *node, int *strength)
{
	const char *name;

	*strength = 0;
	if (node == NULL)
		return NULL;
	switch (nodeTag(node)) {
	case T_ColumnRef:
		name = last_field(((ColumnRef *)node)->fields);
		*strength = name != NULL ? 2 : 0;
		return name;
	case T_A_Indirection:
		return name_of_indirection((A_Indirection *)node, strength);
	case T_FuncCall:
		*strength = 2;
		return last_field(((FuncCall *)node)->funcname);
	case T_A_Expr:
		if (((A_Expr *)node)->kind != AEXPR_NULLIF)
			return NULL;
		*strength = 2;
		return "nullif";
	case T_TypeCast:
		return name_of_cast((TypeCast *)node, strength);
	case T_CollateClause:
		return figure(((CollateClause *)node)->arg, strength);
	case T_SubLink:
		return name_of_sublink((SubLink *)node, strength);
	case T_CaseExpr:
		return name_of_case((CaseExpr *)node, strength);
	case T_A_ArrayExpr:
		*strength = 2;
		return "array";
	case T_RowExpr:
		*strength = 2;
		return "row";
	case T_CoalesceExpr:
		*strength = 2;
		return "coalesce";
	case T_MinMaxExpr:
		*strength = 2;
		return ((MinMaxExpr *)node)->op == IS_GREATEST ? "greatest" :
		       "least";
	case T_GroupingFunc:
		*strength = 2;
		return "grouping";
	case T_SQLValueFunction:
		*strength = 2;
		return name_of_value((SQLValueFunction *)node);
	default:
		return NULL;
	}
}

const char *column_name_or(struct arena *arena, Node *node,
			   const char *nameless)
{
	int strength;
	const char *name = figure(node, &strength);

	return name != NULL ? arena_text(arena, name) : nameless;
}

const char *column_name(struct compile_state *state, Node *node)
{
	return column_name_or(state->arena, node, "?column?");
}

/*
 * Can a statement change a few rows only, as its form shows? Those share a
 * commit with others and cannot be stopped in the middle: that would undo what
 * the others did. Whatever may take long has a commit of its own.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

#define ROWS_FEW 1000
#define KEYS_MAX 64	/* columns that are compared; others do not count */

struct compared {
	int16_t columns[KEYS_MAX];
	int count;
};

static bool is_constant(const Node *node)
{
	while (node && IsA(node, TypeCast))
		node = ((const TypeCast *)node)->arg;
	return node && (IsA(node, A_Const) || IsA(node, ParamRef));
}

static const struct schema_column *column_of(const struct schema_table *table,
					     const Node *node)
{
	const Node *last;

	if (!node || !IsA(node, ColumnRef))
		return NULL;
	last = llast(((const ColumnRef *)node)->fields);
	return IsA(last, String) ?
		       schema_find_column(table, ((const String *)last)->sval) :
		       NULL;
}

static void take_equality(const struct schema_table *table,
			  const A_Expr *expression, struct compared *compared)
{
	const struct schema_column *column;

	if (expression->kind != AEXPR_OP ||
	    strcmp(((const String *)llast(expression->name))->sval, "=") != 0)
		return;
	column = is_constant(expression->rexpr) ?
			 column_of(table, expression->lexpr) :
		 is_constant(expression->lexpr) ?
			 column_of(table, expression->rexpr) : NULL;
	if (column && compared->count < KEYS_MAX)
		compared->columns[compared->count++] = column->number;
}

/* The columns that must equal a constant each. */
static void take_condition(const struct schema_table *table, const Node *node,
			   struct compared *compared)
{
	const ListCell *cell;

	if (IsA(node, A_Expr))
		take_equality(table, (const A_Expr *)node, compared);
	if (!IsA(node, BoolExpr) || ((const BoolExpr *)node)->boolop != AND_EXPR)
		return;
	foreach(cell, ((const BoolExpr *)node)->args)
		if (IsA(lfirst(cell), A_Expr))
			take_equality(table, lfirst(cell), compared);
}

static bool has_all(const struct compared *compared,
		    const struct schema_constraint *key)
{
	for (int i = 0; i < key->column_count; i++) {
		int at = 0;

		while (at < compared->count &&
		       compared->columns[at] != key->columns[i])
			at++;
		if (at == compared->count)
			return false;
	}
	return true;
}

bool changes_few(const struct schema_table *table, const Node *condition)
{
	struct compared compared = { .count = 0 };

	if (!condition)
		return false;
	take_condition(table, condition, &compared);
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];

		if ((key->kind == CONSTRAINT_PRIMARY ||
		     key->kind == CONSTRAINT_UNIQUE_KEY) && !key->deferrable &&
		    has_all(&compared, key))
			return true;
	}
	return false;
}

bool inserts_few(const InsertStmt *statement)
{
	const SelectStmt *select = (const SelectStmt *)statement->selectStmt;

	if (statement->withClause)
		return false;
	return !select || (select->valuesLists != NIL &&
			   list_length(select->valuesLists) <= ROWS_FEW);
}

/*
 * Functions that will run without being called: of an aggregate, an operator,
 * a cast, a type. Who makes one of these calls them, as far as the guard can
 * tell.
 */
#include "protocol/sql_nodes.h"

#include "protocol/sql_facts_build.h"

/* AGGREGATE (sfunc = f), OPERATOR (function = f), TYPE (input = f): any value
 * that is a name may be a function's. */
static void add_definition(struct facts_builder *builder, const List *options)
{
	ListCell *cell;

	foreach (cell, options) {
		const Node *value = ((DefElem *)lfirst(cell))->arg;

		if (!value)
			continue;
		if (IsA(value, TypeName))
			add_used(builder, ((const TypeName *)value)->names);
		else if (IsA(value, List))
			add_used(builder, (const List *)value);
	}
}

void record_define(struct facts_builder *builder, Node *node)
{
	DefineStmt *define = (DefineStmt *)node;

	add_definition(builder, define->definition);
	if (define->kind == OBJECT_AGGREGATE && define->replace)
		add_object(builder, OBJECT_OF_FUNCTION, DEED_CREATE,
			   define->defnames, false);
}

void record_range(struct facts_builder *builder, Node *node)
{
	add_definition(builder, ((CreateRangeStmt *)node)->params);
}

static void add_with_arguments(struct facts_builder *builder,
			       const ObjectWithArgs *function)
{
	if (function)
		add_called(builder, function->objname);
}

void record_cast(struct facts_builder *builder, Node *node)
{
	add_with_arguments(builder, ((CreateCastStmt *)node)->func);
}

void record_transform(struct facts_builder *builder, Node *node)
{
	add_with_arguments(builder, ((CreateTransformStmt *)node)->fromsql);
	add_with_arguments(builder, ((CreateTransformStmt *)node)->tosql);
}

void record_conversion(struct facts_builder *builder, Node *node)
{
	add_called(builder, ((CreateConversionStmt *)node)->func_name);
}

void record_operator_class(struct facts_builder *builder, Node *node)
{
	const List *items = IsA(node, CreateOpClassStmt) ?
				    ((CreateOpClassStmt *)node)->items :
				    ((AlterOpFamilyStmt *)node)->items;
	ListCell *cell;

	foreach (cell, items) {
		const CreateOpClassItem *item = lfirst(cell);

		if (item->itemtype == OPCLASS_ITEM_FUNCTION && item->name)
			add_called(builder, item->name->objname);
	}
}

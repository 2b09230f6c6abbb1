/*
 * Functions that will run without being called: of an aggregate, an operator,
 * a cast, a type. Who makes one of these calls them, as far as the guard can
 * tell.
 */
#include "protocol/sql_nodes.h"

#include "protocol/sql_facts_build.h"

/* Of Postgres's own that run texts or move things the call itself is judged,
 * by its arguments; behind another name nobody would see it. */
static void check_hidden(struct facts_builder *builder, const List *list)
{
	const char *name = string_of(llast(list));
	const char *schema = list_length(list) > 1 ?
		string_of(list_nth(list, list_length(list) - 2)) : NULL;

	if (name && function_is_judged_by_call(schema, name))
		add_forbidden(builder, arena_printf(builder->arena,
						    "making something that "
						    "calls %s()", name));
}

static void add_function_used(struct facts_builder *builder, const List *list)
{
	check_hidden(builder, list);
	add_called(builder, list);
}

/* AGGREGATE (sfunc = f), OPERATOR (function = f), TYPE (input = f): any value
 * that is a name may be a function's. */
static void add_definition(struct facts_builder *builder, const List *options)
{
	ListCell *cell;

	foreach (cell, options) {
		const Node *value = ((DefElem *)lfirst(cell))->arg;
		const List *names;

		if (!value)
			continue;
		if (!IsA(value, TypeName) && !IsA(value, List))
			continue;
		names = IsA(value, List) ? (const List *)value :
					   ((const TypeName *)value)->names;
		check_hidden(builder, names);
		add_used(builder, names);
	}
}

void record_define(struct facts_builder *builder, Node *node)
{
	DefineStmt *define = (DefineStmt *)node;

	add_definition(builder, define->definition);
	if (define->kind == OBJECT_AGGREGATE && define->replace)
		add_object(builder, OBJECT_OF_FUNCTION, DEED_CREATE,
			   define->defnames, false);
	if (define->kind == OBJECT_OPERATOR)
		add_object(builder, OBJECT_OF_FUNCTION, DEED_HARMLESS_DDL,
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
		add_function_used(builder, function->objname);
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
	add_function_used(builder, ((CreateConversionStmt *)node)->func_name);
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
			add_function_used(builder, item->name->objname);
	}
}

#include "protocol/sql_nodes.h"

#include "protocol/sql_tree.h"
#include "protocol/sql_walk.h"

struct walk {
	sql_visit *visit;
	void *context;
	struct error *error;
};

static bool walk_node(const struct walk *, Node *, int depth);

static bool walk_list(const struct walk *walk, const List *list, int depth)
{
	for (int i = 0; i < list->length; i++)
		if (!walk_node(walk, list->elements[i].ptr_value, depth))
			return false;
	return true;
}

static bool walk_field(const struct walk *walk, Node *node,
		       const struct sql_field *field, int depth)
{
	char *at = (char *)node + field->offset;

	switch (field->kind) {
	case FIELD_CHILD:
		return walk_node(walk, *(Node **)(void *)at, depth);
	case FIELD_INSIDE:
		/* A constant NULL has no value inside. */
		if (nodeTag(at) == T_Invalid)
			return true;
		return walk_node(walk, (Node *)(void *)at, depth);
	default:
		return true;
	}
}

static bool refuse_depth(const struct walk *walk)
{
	error_set(walk->error, SQLSTATE_TOO_COMPLEX,
		  "stack depth limit exceeded");
	error_hint(walk->error,
		   "The statement nests more than %d levels deep.",
		   SQL_DEPTH_MAX);
	return false;
}

static bool walk_node(const struct walk *walk, Node *node, int depth)
{
	const struct sql_kind *kind;

	if (!node)
		return true;
	if (depth > SQL_DEPTH_MAX)
		return refuse_depth(walk);
	if (IsA(node, List))
		return walk_list(walk, (List *)node, depth + 1);
	kind = sql_kind_find(nodeTag(node));
	if (!kind)
		return error_set(walk->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "node kind %d is not known to weir",
				 (int)nodeTag(node));
	if (!walk->visit(node, depth, walk->context))
		return false;
	for (const struct sql_field *field = kind->fields;
	     field->kind != FIELD_END; field++)
		if (!walk_field(walk, node, field, depth + 1))
			return false;
	return true;
}

bool sql_walk(struct Node *node, sql_visit *visit, void *context,
	      struct error *error)
{
	struct walk walk = { visit, context, error };

	return walk_node(&walk, node, 0);
}
